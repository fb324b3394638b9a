import { afterEach, describe, expect, it } from 'vitest'
import { poll } from '../../src/jobs/poll.ts'
import type { PolledSource } from '../../src/jobs/read-window.ts'
import { Unavailable } from '../../src/ports/errors.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { createFailingStore } from '../support/failing-store.ts'
import { silentLog } from '../support/following.ts'
import { freshPglite } from '../support/store-databases.ts'
import { minute } from '../support/store-rows.ts'
import { PLAIN_TALLY } from '../support/store-tally.ts'
import { createWatchHarness } from '../support/watch-harness.ts'

/** Each place is a world of its own, and a busy machine takes its time. */
const PATIENCE_MS = 900_000
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function openFresh(): Promise<Store> {
  const { options, drop } = await freshPglite()
  ends.push(drop)
  const { store } = await openStore(options)
  ends.push(store.close)
  return store
}

const HISTORY = 12 * 60
const LOOK = HISTORY + 12
const TROUBLE = (n: number) => (n >= HISTORY ? 0.6 : 0)

/** Half a day of ordinary mail, and then a trouble that is told within some minutes. */
async function watched(failAt: { call: string; after: number } | null) {
  const failing = createFailingStore(await openFresh())
  const harness = createWatchHarness(failing.store)
  await harness.put(0, HISTORY)
  await harness.watch(HISTORY)
  await harness.put(HISTORY, LOOK, TROUBLE)
  const calls = failing.calls.length
  let lost: unknown = null
  if (failAt) failing.failAt(failAt.call, failAt.after)
  const look = () => harness.watch(LOOK)
  await look().catch((error: unknown) => {
    lost = error
  })
  if (lost) await look()
  const incidents = await harness.incidents()
  return {
    lost,
    calls: failing.calls.slice(calls),
    hasFailed: failing.hasFailed(),
    told: incidents.map(({ id, state, version }) => `${id} ${state} ${version}`),
    audit: (await Promise.all(incidents.map(({ id }) => failing.store.incidents.audit(id)))).flat(),
    behind: await failing.store.messages.behind(),
  }
}

/** Where the minutes are gone through. The detector is built beside that, and is built again where that fails. */
const DECIDING = ['sources.health', 'incidents.current', 'counters.sums', 'incidents.commit', 'state.save']

describe('a watch that loses its connection', () => {
  it(
    'says so, and goes on at the next look as if nothing had happened',
    async () => {
      const undisturbed = await watched(null)
      expect(undisturbed.told).toHaveLength(1)
      expect(undisturbed.behind).toHaveLength(1)
      for (const call of DECIDING) {
        expect(undisturbed.calls).toContain(call)
        const { lost, hasFailed, told, audit, behind } = await watched({ call, after: 0 })
        expect([call, hasFailed, lost instanceof Unavailable]).toEqual([call, true, true])
        expect([call, told, audit, behind]).toEqual([call, undisturbed.told, undisturbed.audit, undisturbed.behind])
      }
    },
    PATIENCE_MS,
  )

  it(
    'does so between two minutes, too',
    async () => {
      const undisturbed = await watched(null)
      const after = Math.floor(undisturbed.calls.filter((call) => call === 'state.save').length / 2)
      for (const call of ['state.save', 'incidents.commit', 'sources.health']) {
        const { lost, told, audit } = await watched({ call, after })
        expect([call, lost instanceof Unavailable, told, audit]).toEqual([
          call,
          true,
          undisturbed.told,
          undisturbed.audit,
        ])
      }
    },
    PATIENCE_MS,
  )
})

describe('a poll that loses its connection', () => {
  const polled: PolledSource = {
    name: 'account',
    type: 'test',
    facts: { rereadAfterMinutes: [] },
    source: {
      kind: 'window',
      ping: async () => {},
      async *pull({ from, to }) {
        for (let at = from.getTime(); at < to.getTime(); at += 60_000)
          yield [
            {
              kind: 'event',
              id: String(at),
              at: new Date(at),
              outcome: 'delivered',
              reply: null,
              to: { domain: 'gmail.com' },
              dims: {},
            },
          ]
      },
    },
  }

  async function read(failAt: string | null) {
    const store = await openFresh()
    const failing = createFailingStore(store)
    let now = 0
    const runPart = (part: 'news' | 'history') =>
      poll(
        polled,
        {
          store: failing.store,
          clock: { now: () => minute(now), sleep: async () => {} },
          log: silentLog,
          tally: PLAIN_TALLY,
          backfillDays: 0,
          part,
          sizes: { minutes: () => 360, note: () => {} },
        },
        new AbortController().signal,
      )
    const run = async () => {
      const { left } = await runPart('news')
      return left + (await runPart('history')).left
    }
    if (failAt) failing.failAt(failAt)
    const first = await run().then(
      (left) => (left > 0 ? 'left' : 'done'),
      () => 'failed',
    )
    now = 20
    await run()
    const rows = await store.counters.read({ from: minute(-6000), to: minute(6000) })
    const [health] = await store.sources.health()
    return { first, calls: failing.calls, hasFailed: failing.hasFailed(), rows: rows.length, health }
  }

  it(
    'leaves the window to the next one, wherever it is, and counts nothing twice',
    async () => {
      const undisturbed = await read(null)
      expect(undisturbed).toMatchObject({ first: 'done', health: { problem: null, lastOkAt: minute(20) } })
      const places = [...new Set(undisturbed.calls)]
      expect(places).toContain('counters.replaceWindow')
      for (const call of places) {
        const { first, hasFailed, rows, health } = await read(call)
        expect([call, hasFailed, rows, health?.problem]).toEqual([call, true, undisturbed.rows, null])
        // What is read and stored is not lost for the note of it.
        const expected = call === 'sources.ok' ? 'done' : call === 'counters.replaceWindow' ? 'left' : 'failed'
        expect([call, first]).toEqual([call, expected])
      }
    },
    PATIENCE_MS,
  )
})
