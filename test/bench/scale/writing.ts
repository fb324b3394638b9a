import { createTraffic } from '../../../src/demo/traffic.ts'
import { loadKnowledge } from '../../../src/knowledge/knowledge.ts'
import type { CounterRow, Store } from '../../../src/ports/store/index.ts'
import { counterRows } from './rows.ts'
import { topologyOf } from './topology.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAYS_MS = 14 * 24 * HOUR_MS
const WINDOW_HOURS = 6
/** Sources read their newest minutes again. */
const REREAD_MINUTES = [5, 15, 35]

/** Piece by piece, until every hour is in the totals. */
export async function rollUpAll(store: Store, end: number): Promise<Record<string, number>> {
  let [hours, longest] = [0, 0]
  for (let left = 1; left > 0; ) {
    const began = performance.now()
    const done = await store.retention.rollUp(new Date(end - DAYS_MS), new Date(end))
    longest = Math.max(longest, performance.now() - began)
    hours += done.hours
    left = done.left
  }
  return { hours, longest }
}

/** How long it takes to bring the totals up to date when a minute of all slices is another than it was. */
export async function rollUpMinute(store: Store, { slices, end }: { slices: number; end: number }) {
  await writeMinutes(store, { slices, origin: end - HOUR_MS / 2, minutes: 1 })
  const began = performance.now()
  await store.retention.rollUp(new Date(end - DAYS_MS), new Date(end))
  return { rollUp: performance.now() - began }
}

/** The last six hours of every source once more, without news. */
export async function rereadWindow(store: Store, end: number): Promise<{ reread: number }> {
  const window = { from: new Date(end - WINDOW_HOURS * HOUR_MS), to: new Date(end) }
  let reread = 0
  for (const { source, rows } of await rowsOf(store, window)) {
    const began = performance.now()
    await store.counters.replaceWindow(source, window, rows, { at: window.to, nextReadAt: null })
    reread += performance.now() - began
  }
  return { reread }
}

/** What is stored of the window, as a poll would bring it. */
async function rowsOf(store: Store, window: { from: Date; to: Date }) {
  const counted = await store.counters.read(window)
  const replies = await store.replies.byId([...new Set(counted.flatMap(({ replyId }) => replyId ?? []))])
  const bySource = Map.groupBy(counted, ({ slice }) => slice.source)
  return [...bySource].map(([source, ofSource]) => ({
    source,
    rows: ofSource.map(({ minute, slice, outcome, replyId, n }): CounterRow => {
      const { source: _, ...dims } = slice
      return { minute, slice: { ...dims, stream: '' }, outcome, n, reply: replyId ? replies.get(replyId)! : null }
    }),
  }))
}

interface Minutes {
  slices: number
  /** The time of the first minute. */
  origin: number
  minutes: number
}

/** Stores fresh traffic as polls do: minute by minute, and again some minutes later, with what came late. Returns the number of counters. */
export async function writeMinutes(store: Store, { slices, origin, minutes }: Minutes): Promise<number> {
  const traffic = createTraffic({ seed: 3, days: 1, topology: topologyOf(slices), noise: 0.5, hiccups: 0.02 })
  const knowledge = loadKnowledge([])
  const start = new Date(origin)
  const kept = new Map<string, CounterRow[]>()
  const put = async (minute: number) => {
    const window = { from: new Date(origin + minute * MINUTE_MS), to: new Date(origin + (minute + 1) * MINUTE_MS) }
    for (const { id } of topologyOf(slices).accounts) {
      const rows = kept.get(`${id} ${minute}`) ?? []
      await store.counters.replaceWindow(id, window, rows, { at: window.to, nextReadAt: null })
    }
  }
  let counters = 0
  for (const { seen, rows } of traffic.play()) {
    if (seen >= minutes) break
    for (const [key, ofKey] of Map.groupBy(rows, (row) => `${traffic.slices[row.slice]!.source} ${row.minute}`)) {
      const counted = counterRows(ofKey, traffic.places, start, knowledge)
      kept.set(key, [...(kept.get(key) ?? []), ...counted])
      counters += counted.length
    }
    for (const minute of [seen, ...REREAD_MINUTES.map((age) => seen - age)]) if (minute >= 0) await put(minute)
  }
  return counters
}
