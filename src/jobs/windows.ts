import type { Window } from '../ports/esp.ts'
import type { WindowRecord } from '../ports/store.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS

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

  const known: Span[] = ledger.map((record) => ({ from: record.from.getTime(), to: record.to.getTime() }))
  const missing = gaps(merge(known), start, end)
  const retries = ledger.filter((record) => record.state !== 'read' && isDue(record))
  const fresh = [...missing.flatMap((gap) => split(gap, chunk)), ...retries.map(toSpan)]

  const due = rereadAfterMinutes.length === 0 ? [] : ledger.filter((record) => record.state === 'read' && isDue(record))
  const again = join(due.map(toSpan), chunk)

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
  const ages = rereadAfterMinutes.toSorted((a, b) => a - b)
  for (const age of ages) {
    const grid = Math.max(1, Math.floor(age / 4)) * MINUTE_MS
    const due = Math.ceil((window.to.getTime() + age * MINUTE_MS) / grid) * grid
    if (due > at.getTime()) return new Date(due)
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

/** Adjacent windows as one, as long as the whole is not longer than `size`. A window is never cut. */
function join(windows: readonly Span[], size: number): Span[] {
  const joined: Span[] = []
  for (const span of windows.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1)
    if (last && span.from === last.to && span.to - last.from <= size) last.to = span.to
    else joined.push({ ...span })
  }
  return joined
}
