import type { Window } from '../ports/esp.ts'
import type { WindowRecord } from '../ports/store/index.ts'
import { DAY_MS } from '../time/units.ts'

const MINUTE_MS = 60_000

export interface PlanOptions {
  now: Date
  /** What has been read or tried, from the ledger. */
  ledger: readonly WindowRecord[]
  rereadAfterMinutes: readonly number[]
  /** How far back history is wanted. */
  backfillDays: number
  /** The longest window that is asked for at once. */
  chunkMinutes: number
}

/** News is what ended less than this before now; the rest is history, which waits for nobody and keeps nobody waiting. */
const NEWS_MINUTES = 120

export const isNews = ({ to }: Window, now: Date): boolean => now.getTime() - to.getTime() < NEWS_MINUTES * MINUTE_MS

const floor = (at: number, unit: number) => Math.floor(at / unit) * unit

/**
 * The windows to be read now, in order: what was never read and what failed and is due again, newest first; then what
 * is due to be read again. They do not overlap.
 */
export function planWindows({ now, ledger, rereadAfterMinutes, backfillDays, chunkMinutes }: PlanOptions): Window[] {
  const chunk = chunkMinutes * MINUTE_MS
  const end = floor(now.getTime(), MINUTE_MS)
  // The start moves by whole days, so that a backfill that takes a while does not lose its oldest minutes meanwhile.
  const start = floor(end - backfillDays * DAY_MS, DAY_MS)
  const isDue = (record: WindowRecord) => record.nextReadAt !== null && record.nextReadAt <= now

  const known: Span[] = ledger.map(toSpan)
  const missing = gaps(merge(known), start, end)
  const retries = ledger.filter((record) => record.state !== 'read' && isDue(record))
  // Cut where another age begins, since what is old already need not be read again with what is young; and where history
  // does, or news would wait for all of it that is in one window with it.
  const cuts = [...rereadAfterMinutes, NEWS_MINUTES].map((age) => end - age * MINUTE_MS)
  const fresh = [
    ...missing.flatMap((gap) => cut(gap, cuts)).flatMap((gap) => split(gap, chunk)),
    ...retries.map(toSpan),
  ]

  const due = rereadAfterMinutes.length === 0 ? [] : ledger.filter((record) => record.state === 'read' && isDue(record))
  const again = join(due.map(toSpan), chunk, (span) => nextRead(span.to, now.getTime(), rereadAfterMinutes))

  const newestFirst = (a: Span, b: Span) => b.from - a.from
  return [...fresh.sort(newestFirst), ...again.sort(newestFirst)].map((span) => ({
    from: new Date(span.from),
    to: new Date(span.to),
  }))
}

/**
 * When a window that was read at `at` is to be read again, or null. Windows of a similar age are due together, so that
 * they are read in one request: an age of an hour is kept to the quarter of an hour.
 */
export function nextReadAt(window: Window, at: Date, rereadAfterMinutes: readonly number[]): Date | null {
  const next = nextRead(window.to.getTime(), at.getTime(), rereadAfterMinutes)
  return next && new Date(next.due)
}

interface NextRead {
  age: number
  due: number
}

function nextRead(end: number, at: number, ages: readonly number[]): NextRead | null {
  for (const age of ages.toSorted((a, b) => a - b)) {
    const grid = Math.max(1, Math.floor(age / 4)) * MINUTE_MS
    const due = Math.ceil((end + age * MINUTE_MS) / grid) * grid
    if (due > at) return { age, due }
  }
  return null
}

interface Span {
  from: number
  to: number
}

const toSpan = (window: Window): Span => ({ from: window.from.getTime(), to: window.to.getTime() })

/** Overlapping and adjacent spans as one, oldest first. */
function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = []
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else merged.push({ ...span })
  }
  return merged
}

/** What of [start, end) no span covers. */
function gaps(covered: readonly Span[], start: number, end: number): Span[] {
  const found: Span[] = []
  let at = start
  for (const span of covered) {
    if (span.from > at) found.push({ from: at, to: Math.min(span.from, end) })
    at = Math.max(at, span.to)
    if (at >= end) break
  }
  if (at < end) found.push({ from: at, to: end })
  return found.filter((gap) => gap.from < gap.to)
}

/** Chunks of at most `size`, counted from the newest end. */
function split(span: Span, size: number): Span[] {
  const parts: Span[] = []
  for (let to = span.to; to > span.from; to -= size) parts.push({ from: Math.max(span.from, to - size), to })
  return parts
}

/** The parts of a span between the places at which it is cut. */
function cut(span: Span, places: readonly number[]): Span[] {
  const inside = places.filter((place) => place > span.from && place < span.to).toSorted((a, b) => a - b)
  const edges = [span.from, ...inside, span.to]
  return edges.slice(1).map((to, i) => ({ from: edges[i]!, to }))
}

/**
 * Adjacent windows as one, as long as the whole is not longer than `size` and they have the same read ahead of them:
 * or the older one would have to begin anew with the ages of the younger one. A window is never cut.
 */
function join(windows: readonly Span[], size: number, next: (span: Span) => NextRead | null): Span[] {
  const joined: Span[] = []
  const isSame = (a: NextRead | null, b: NextRead | null) => a?.age === b?.age && a?.due === b?.due
  for (const span of windows.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1)
    if (last && span.from === last.to && span.to - last.from <= size && isSame(next(last), next(span)))
      last.to = span.to
    else joined.push({ ...span })
  }
  return joined
}
