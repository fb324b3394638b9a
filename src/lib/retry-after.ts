import { DAY_MS } from '../time/units.ts'

// Where a 429 names no time: long enough to matter for limits by the minute, short enough not to go blind.
const DEFAULT_MS = 60_000
const LONGEST_MS = DAY_MS

/** The `Retry-After` of RFC 9110 10.2.3, as seconds or as an HTTP date, in milliseconds from `now`, at most a day. */
export function retryAfterMs(value: string | null, now: Date): number {
  const text = value?.trim() ?? ''
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime()
  return Number.isNaN(ms) ? DEFAULT_MS : Math.min(Math.max(ms, 0), LONGEST_MS)
}
