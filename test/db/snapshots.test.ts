import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute } from '../support/store-rows.ts'
import { createWatchHarness } from '../support/watch-harness.ts'

const HISTORY = 40 * 60
/** The newest stored state is of an hour or two ago, and the two hours before it are looked back at. */
const SINCE = HISTORY - 4 * 60

const PATIENCE = { timeout: 200_000, interval: 20 }

describe.each(DATABASE_KINDS)('a watch that starts again on %s', (kind) => {
  let database: FreshDatabase
  let store: Store
  /** The first minute that was read. */
  let first: Date

  beforeEach(async () => {
    first = minute(HISTORY * 10)
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
    const before = createWatchHarness(store)
    await before.put(0, HISTORY, usual)
    await before.watch(HISTORY)
  })
  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  const usual = (n: number) => (n % 9 === 0 ? 0.025 : 0)
  const trouble = (n: number) => (n >= HISTORY - 10 ? 0.6 : usual(n))

  /** A new process. */
  function startAgain(made?: string) {
    const { minutes } = store.counters
    const counters: Store['counters'] = {
      ...store.counters,
      minutes: (source, wanted) => {
        for (const each of wanted) if (each < first) first = each
        return minutes(source, wanted)
      },
    }
    return createWatchHarness({ ...store, counters }, 'mailgun', [], made)
  }

  /** What a watch that has no stored state makes of the same counters. */
  async function fromTheCounters() {
    await store.state.save('watch: detector', new Uint8Array())
    await store.state.save('watch: detector, older', new Uint8Array())
    await startAgain().watch(HISTORY + 11)
    expect(first).toEqual(minute(0))
    return settled()
  }
  const settled = async () =>
    new TextDecoder().decode((await store.state.load('watch: what the detector settled on')) ?? undefined)

  it('reads only the counters since the state that was stored, and knows what it would have known', async () => {
    const again = startAgain()
    await again.put(HISTORY, HISTORY + 10, trouble)
    await again.watch(HISTORY + 10)
    expect(first >= minute(SINCE)).toBe(true)
    expect(await again.incidents()).toMatchObject([{ kind: 'delivery', state: 'open', signal: 'throttling' }])
    await again.watch(HISTORY + 11)
    expect(await settled()).toBe(await fromTheCounters())
  })

  it('goes back to an older state for what came too late for the newest one', async () => {
    const again = startAgain()
    await again.put(HISTORY - 300, HISTORY - 290, () => 0.3)
    await again.watch(HISTORY + 11)
    expect(first > minute(0)).toBe(true)
    expect(first < minute(HISTORY - 1440)).toBe(true)
    expect(await settled()).toBe(await fromTheCounters())
  })

  it('lets be what comes later than a day, as it would have without a restart', async () => {
    const again = startAgain()
    await again.put(60, 70, () => 0.3)
    await again.watch(HISTORY + 11)
    expect(first >= minute(SINCE)).toBe(true)
  })

  it.each([
    ['older history has come', async () => void (await startAgain().put(-100, 0, usual)), undefined],
    ['detector, settings or reply rules are others', async () => {}, 'otherwise'],
    [
      'what is stored cannot be read',
      async () => {
        const stored = await store.state.load('watch: detector')
        await store.state.save('watch: detector', stored!.subarray(0, -100))
        await store.state.save('watch: detector, older', new TextEncoder().encode('{ not a head\n'))
      },
      undefined,
    ],
  ])('builds the state from all counters where %s', async (_, change, made) => {
    await change()
    await startAgain(made).watch(HISTORY + 11)
    expect(first <= minute(0)).toBe(true)
  })

  describe('after the reply rules changed', () => {
    const relabel = (hash: string, change: object) =>
      store.replies.reclassify(hash, (stored) => ({ ...stored, ...change }))

    it('goes on from its state where replies mean the same as before', async () => {
      await relabel('another rule, the same signal', { rule: 'renamed' })
      await startAgain().watch(HISTORY + 11)
      expect(first >= minute(SINCE)).toBe(true)
    })

    it('builds the state from all counters where a reply means something else', async () => {
      await relabel('another signal', { signal: 'content', cause: 'spam-content' })
      const again = startAgain()
      await again.watch(HISTORY + 11)
      expect(first).toEqual(minute(0))
      expect(await settled()).toBe(await fromTheCounters())
    })

    it('watches with the old state until there is a new one', async () => {
      await relabel('another signal', { signal: 'content', cause: 'spam-content' })
      const { minutes } = store.counters
      let open = () => {}
      const gate = new Promise<void>((resolve) => {
        open = resolve
      })
      /** Who wants all counters has to wait. */
      const counters: Store['counters'] = {
        ...store.counters,
        async *minutes(source, wanted) {
          if (wanted.some((each) => each <= minute(0))) await gate
          yield* minutes(source, wanted)
        },
      }
      const again = createWatchHarness({ ...store, counters }, 'mailgun', [], 'for tests', 0)
      let n = HISTORY
      await vi.waitFor(async () => {
        await again.live(n, ++n)
        expect(again.isDetecting()).toBe(true)
      }, PATIENCE)
      const old = await settled()
      open()
      await vi.waitFor(async () => {
        await again.live(n, ++n)
        expect(await settled()).not.toBe(old)
      }, PATIENCE)
      await again.stop()
    })
  })

  it('stores its states when it ends', async () => {
    const again = startAgain()
    await again.watch(HISTORY + 1)
    await store.state.save('watch: detector', new Uint8Array())
    await again.watch(HISTORY + 2)
    await again.stop()
    expect((await store.state.load('watch: detector'))!.length).toBeGreaterThan(0)
  })

  it('goes back while it runs, too', async () => {
    const again = startAgain()
    await again.watch(HISTORY + 1)
    expect(first >= minute(SINCE)).toBe(true)
    await again.put(HISTORY - 300, HISTORY - 290, () => 0.3)
    await again.watch(HISTORY + 2)
    expect(first < minute(HISTORY - 1440)).toBe(true)
    await again.watch(HISTORY + 70)
    const later = await settled()
    await store.state.save('watch: detector', new Uint8Array())
    await store.state.save('watch: detector, older', new Uint8Array())
    await startAgain().watch(HISTORY + 70)
    expect(later).toBe(await settled())
  })
})
