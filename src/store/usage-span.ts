import { HOUR_MS } from '../time/units.ts'

const HOURS_A_DAY = 24

/** A time in whole hours (counted from 1970), as the totals have it: whole days, and what of the days at its ends is too much or is missing. */
export interface Span {
  from: number
  to: number
  firstDay: number
  lastDay: number
  edges: { from: number; to: number; sign: 1 | -1 }[]
}

/** From the beginning of the hour that `since` is in, to the end of the hour that `until` is in. */
export function spanOf(since: Date, until: Date): Span {
  const from = Math.floor(since.getTime() / HOUR_MS)
  const to = Math.ceil(until.getTime() / HOUR_MS)
  const days = { first: Math.floor(from / HOURS_A_DAY), last: Math.floor((to - 1) / HOURS_A_DAY) }
  const edges: Span['edges'] = []
  const before = { from: days.first * HOURS_A_DAY, to: from }
  // Whichever is less to read: the hours of the first day that are meant, or those that are not.
  if (before.to - before.from <= HOURS_A_DAY / 2) {
    if (before.to > before.from) edges.push({ ...before, sign: -1 })
  } else {
    days.first++
    edges.push({ from, to: Math.min(to, days.first * HOURS_A_DAY), sign: 1 })
  }
  // The last day mostly ends with what is known of it.
  const end = (days.last + 1) * HOURS_A_DAY
  if (days.first <= days.last && to < end) edges.push({ from: to, to: end, sign: -1 })
  return { from, to, firstDay: days.first, lastDay: days.last, edges }
}
