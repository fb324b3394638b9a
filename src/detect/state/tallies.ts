import type { Batch } from './batch.ts'
import type { Topology } from './slice-groups.ts'
import { S } from './state.ts'

/** A trouble is traced back for so many minutes. */
export const LOOK_BACK = 120
/** So long after it was last asked for a sum is kept. */
const REMEMBER = 15
/** No window reaches into more hours than these. */
export const HOURS = Math.ceil(LOOK_BACK / 60) + 1

/** The sums of a source's slices over a window of minutes, by the slice's place in its source. They move on with the window. */
export interface Tally {
  source: string
  signal: number
  from: number
  to: number
  x: Float64Array
  n: Float64Array
  /** Minutes whose attempts are not told, per slice and hour (by its remainder); null until there is one. */
  untold: Uint8Array | null
  asked: number
}

export type Tallies = Map<string, Tally>

/** Adds a source's minute (`sign` 1) or takes it out again (-1). Counts are whole numbers, so sums come out the same either way. */
function add(tally: Tally, places: readonly number[], batch: Batch, minute: number, sign: 1 | -1): void {
  const { x, n, signal } = tally
  for (let b = 0; b < batch.rows.length; b++) {
    const place = places[batch.rows[b]!]!
    const attempts = batch.n[b]!
    if (Number.isNaN(attempts)) {
      tally.untold ??= new Uint8Array(n.length * HOURS)
      const at = place * HOURS + (Math.floor(minute / 60) % HOURS)
      tally.untold[at] = tally.untold[at]! + sign
    } else n[place] = n[place]! + sign * attempts
  }
  for (let i = 0; i < batch.at.length; i++) {
    const at = batch.at[i]!
    if (at % S !== signal) continue
    const place = places[batch.rows[Math.floor(at / S)]!]!
    x[place] = x[place]! + sign * batch.x[i]!
  }
}

/** Room for slices that have come since. */
function grow(tally: Tally, size: number): void {
  if (tally.n.length >= size) return
  const room = Math.ceil(size * 1.2)
  const wider = <T extends Float64Array | Uint8Array>(from: T, to: T): T => {
    to.set(from)
    return to
  }
  tally.x = wider(tally.x, new Float64Array(room))
  tally.n = wider(tally.n, new Float64Array(room))
  if (tally.untold) tally.untold = wider(tally.untold, new Uint8Array(room * HOURS))
}

/** Sums over a window that begin with nothing in them. */
export function createTally(source: string, signal: number, from: number, size: number): Tally {
  return {
    source,
    signal,
    from,
    to: from - 1,
    x: new Float64Array(size),
    n: new Float64Array(size),
    untold: null,
    asked: from,
  }
}

/** The minutes of a source, where there are any. */
export type MinutesOf = (source: string, minute: number) => Batch | undefined

/** Moves the window on: what comes into it is added, what leaves it taken out. */
export function moveTo(
  tally: Tally,
  { place, sources }: Topology,
  from: number,
  to: number,
  minutesOf: MinutesOf,
): void {
  grow(tally, sources.get(tally.source)?.rows.length ?? 0)
  for (; tally.to < to; tally.to++) {
    const batch = minutesOf(tally.source, tally.to + 1)
    if (batch) add(tally, place, batch, tally.to + 1, 1)
  }
  for (; tally.from < from; tally.from++) {
    const batch = minutesOf(tally.source, tally.from)
    if (batch) add(tally, place, batch, tally.from, -1)
  }
  tally.asked = to
}

/** Takes a minute that is forgotten out of all sums that have it. */
export function takeOut(tallies: Tallies, { place }: Topology, source: string, batch: Batch, minute: number): void {
  for (const tally of tallies.values()) {
    if (tally.source === source && tally.from <= minute && tally.to >= minute) add(tally, place, batch, minute, -1)
  }
}

/** Lets go of sums that nobody asks for any more. */
export function sweep(tallies: Tallies, minute: number): void {
  for (const [key, { asked }] of tallies) if (asked < minute - REMEMBER) tallies.delete(key)
}
