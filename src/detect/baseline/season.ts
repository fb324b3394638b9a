import { BY_PROVIDER, type Topology, WIDTH } from '../state/slice-groups.ts'
import { S, type State } from '../state/state.ts'

/** Hours of a week, Monday 00:00 UTC first or not: only that it comes round matters. */
const HOURS = 168
/** History is forgotten with a half-life of three weeks. */
const KEEP_A_WEEK = 2 ** (-1 / 3)
/** However much mail an hour had, it is one draw of the receivers' moods: about so much they scatter (variance of the logarithm). */
const SCATTER = 0.15
/** An hour of the day must have seen so many expected failures to count half, an hour of the week as many again. */
const DOUBT = 25
const LEAST = 0.6
const MOST = 3

/** Takes the hour that ended into the rhythm of a provider group. */
export function noteSeason(
  state: State,
  part: number,
  hour: number,
  signal: number,
  x: number,
  expected: number,
): void {
  const at = (part * HOURS + (hour % HOURS)) * S + signal
  const { seasonX, seasonE } = state.seasons
  // Trouble is not rhythm: an hour counts three times what was expected at most.
  const weight = 1 / (1 + SCATTER * expected)
  seasonX[at] = seasonX[at]! * KEEP_A_WEEK + weight * Math.min(x, 3 * expected + 2)
  seasonE[at] = seasonE[at]! * KEEP_A_WEEK + weight * expected
}

/** How far an hour is above or below the week's average: by the hour of the day, then by the hour of the week. */
export function seasonOf(state: State, part: number, hour: number, signal: number): number {
  const { seasonX, seasonE } = state.seasons
  let x = DOUBT
  let e = DOUBT
  for (let day = 0; day < 7; day++) {
    const at = (part * HOURS + ((hour + day * 24) % HOURS)) * S + signal
    x += seasonX[at]!
    e += seasonE[at]!
  }
  const ofDay = x / e
  const at = (part * HOURS + (hour % HOURS)) * S + signal
  const ofWeek = (seasonX[at]! + 2 * DOUBT * ofDay) / (seasonE[at]! + 2 * DOUBT)
  return Math.min(MOST, Math.max(LEAST, ofWeek))
}

/** The ordinal of the provider group that a row's rhythm is kept for, or -1. */
export function partOf(topology: Topology, row: number): number {
  const group = topology.groups[row * WIDTH + BY_PROVIDER]!
  return group < 0 ? -1 : (topology.ordinal[group] ?? -1)
}
