import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { alertRuleSchema } from '../../src/alert-rules/rule-schema.ts'
import { describeBuilding } from '../../src/jobs/building.ts'
import { watchedUntil } from '../../src/jobs/watch.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute, reply } from '../support/store-rows.ts'
import { createWatchHarness } from '../support/watch-harness.ts'

const HISTORY = 12 * 60
const PATIENCE = { timeout: 200_000, interval: 20 }
const rule = alertRuleSchema.parse({
  name: 'any deferral at gmail',
  when: { enhanced: reply().enhanced, provider: 'gmail' },
  count: '> 3/10m',
})

/** A store that lets no detector be built before its gate is open: what the replies mean is the first thing that a build asks. */
function withGate(store: Store) {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  let builds = 0
  const replies: Store['replies'] = {
    ...store.replies,
    labels: async () => {
      builds++
      await gate
      return store.replies.labels()
    },
  }
  return { store: { ...store, replies }, open, builds: () => builds }
}

describe.each(DATABASE_KINDS)('while the detector is built on %s', (kind) => {
  let database: FreshDatabase
  let store: Store

  beforeEach(async () => {
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
  })
  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  const trouble = (n: number) => (n >= HISTORY ? 0.6 : 0)
  const forget = async () => {
    for (const key of ['watch: detector', 'watch: detector, older']) await store.state.save(key, new Uint8Array())
  }

  it('minutes are watched by the rules alone, and by the detector once it is there', async () => {
    const gated = withGate(store)
    const harness = createWatchHarness(gated.store, 'mailgun', [rule], 'for tests', 0)
    await harness.put(0, HISTORY)
    await harness.watch(HISTORY)
    await harness.live(HISTORY, HISTORY + 5, trouble)
    expect(await watchedUntil(store.state)).toEqual(minute(HISTORY + 5))
    expect(await harness.incidents()).toMatchObject([{ trigger: 'rule', state: 'open' }])
    expect(gated.builds()).toBe(1)
    gated.open()
    let n = HISTORY + 5
    await vi.waitFor(async () => {
      await harness.live(n, ++n, trouble)
      const triggers = (await harness.incidents()).map((each) => (each.kind === 'delivery' ? each.trigger : each.kind))
      expect(new Set(triggers)).toEqual(new Set(['rule', 'sudden']))
    }, PATIENCE)
    await harness.stop()
  })

  it('leaves alone what the detector found before', async () => {
    const before = createWatchHarness(store)
    await before.put(0, HISTORY)
    await before.watch(HISTORY)
    await before.live(HISTORY, HISTORY + 10, trouble)
    const [incident] = await before.incidents()
    await forget()
    const gated = withGate(store)
    const harness = createWatchHarness(gated.store, 'mailgun', [], 'for tests', 0)
    await harness.live(HISTORY + 10, HISTORY + 50)
    expect(await harness.incidents()).toEqual([incident])
    gated.open()
    let n = HISTORY + 50
    await vi.waitFor(async () => {
      await harness.live(n, ++n)
      expect((await harness.incidents())[0]!.version).toBeGreaterThan(incident!.version)
    }, PATIENCE)
    await harness.stop()
  })

  it('a stop does not wait for it', async () => {
    const gated = withGate(store)
    const harness = createWatchHarness(gated.store, 'mailgun', [], 'for tests', 0)
    await harness.put(0, HISTORY)
    await harness.watch(HISTORY)
    const stopped = harness.stop()
    gated.open()
    await stopped
    await harness.watch(HISTORY + 1)
  })

  it('nothing is said of it where it takes no time', async () => {
    const harness = createWatchHarness(store)
    await harness.put(0, HISTORY)
    await harness.watch(HISTORY)
    expect(await describeBuilding(store.state, harness.clock)).toBeNull()
  })
})
