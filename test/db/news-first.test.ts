import { afterEach, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { EspFacts, Observation, Window, WindowSource } from '../../src/ports/esp.ts'
import { openStore } from '../../src/store/index.ts'
import { silentLog, until } from '../support/following.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { freshPostgres } from '../support/store-databases.ts'
import { minute } from '../support/store-rows.ts'
import { PLAIN_TALLY } from '../support/store-tally.ts'

const MINUTE_MS = 60_000
const NEWS_MINUTES = 120
/** More than there are slots in which history is read. */
const ACCOUNTS = ['a', 'b', 'c', 'd', 'e', 'f']
/** A minute of 500 events a second, on pages of 100. */
const PAGES_PER_MINUTE = 300
/** What all of history may give between two ticks: the pages that fit into a minute of round trips of 100 ms. */
const PAGES_PER_TICK = 600
const TICKS = 8
const FACTS: EspFacts = {
  name: 'Test',
  text: 'verbatim',
  deferrals: true,
  deliveries: true,
  sendingIp: true,
  rereadAfterMinutes: [],
  docs: 'https://esp.example/',
}

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const hundred = (from: Date, outcome: 'delivered' | 'deferred'): Observation => ({
  kind: 'count',
  from,
  to: new Date(from.getTime() + MINUTE_MS),
  outcome,
  n: 100,
  reply: null,
  dims: { provider: 'gmail.com' },
})

/**
 * Time passes by what is read, not by the clock on the wall: between two ticks history gives so many pages and then waits.
 * News that waited for a window of history, which takes more than that, would never come.
 */
test('news is there two ticks later at most while weeks of history are read', async () => {
  const { options, drop } = await freshPostgres({ empty: false })
  ends.push(drop)
  const { store, queue } = await openStore(options)
  ends.push(store.close)
  const clock = createManualClock(minute(0))
  let allowed = PAGES_PER_TICK
  let given = 0
  const isHistory = ({ to }: Window) => clock.now().getTime() - to.getTime() >= NEWS_MINUTES * MINUTE_MS

  async function* pull(window: Window, signal: AbortSignal): AsyncGenerator<Observation[]> {
    const isOld = isHistory(window)
    for (let at = window.from.getTime(); at < window.to.getTime(); at += MINUTE_MS) {
      for (let page = 0; page < (isOld ? PAGES_PER_MINUTE : 1); page++) {
        await until(() => !isOld || given < allowed || signal.aborted)
        signal.throwIfAborted()
        if (isOld) given++
        yield [hundred(new Date(at), 'delivered')]
      }
    }
  }
  const source: WindowSource = { kind: 'window', ping: async () => {}, pull }
  const app = createApp({
    sources: ACCOUNTS.map((id) => ({ id, type: 'test', facts: FACTS, source })),
    chats: [],
    inbound: { command: () => Promise.reject(new Error('nobody asks')), action: async () => null },
    store,
    queue,
    clock,
    log: silentLog,
    tally: PLAIN_TALLY,
    cards: {
      cardOf: () => ({ title: '', tone: 'info' }),
      entryCard: () => ({ title: '', tone: 'info' }),
      summaryCard: () => ({ title: '', tone: 'info' }),
    },
    watchForRoom: async () => {},
    watch: async () => {},
    stopWatching: async () => {},
    timed: (_, run) => run(),
    tickSeconds: 1,
    backfillDays: 30,
  })
  ends.push(app.stop)
  await app.start()

  const isRead = async (at: Date) => {
    const ledgers = await Promise.all(
      ACCOUNTS.map((id) => store.windows.list(id, new Date(at.getTime() - NEWS_MINUTES * MINUTE_MS))),
    )
    return ledgers.every((ledger) => ledger.some(({ from, to, state }) => state === 'read' && from <= at && to > at))
  }
  await until(() => given === allowed)
  for (let tick = 1; tick <= TICKS; tick++) {
    clock.set(minute(tick))
    allowed += PAGES_PER_TICK
    // What ended a tick ago.
    await until(() => isRead(minute(tick - 2)))
  }
  // History went on all the while, and is far from done.
  await until(() => given === allowed)
  const histories = await Promise.all(ACCOUNTS.map((id) => store.windows.list(id, new Date(0))))
  expect(histories.flat().every(({ state }) => state === 'read')).toBe(true)
})
