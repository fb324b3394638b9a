import { SIGNALS, type Signal } from '../../smtp/causes.ts'
import { DRIFT, type Pace, SUDDEN } from '../state/pace.ts'
import { BY_PROVIDER } from '../state/slice-groups.ts'
import { CLASSES, classOf, S, SIZES, SLICE_SIZES, type State } from '../state/state.ts'
import { type Budget, perSliceDay } from './budget.ts'

/** Excursions of the statistic are remembered from here up (nats); below lies what every slice does all day. */
const FROM = 4
/** How a quiet excursion's height falls off, and how many of them a row has in a day, before there is history. */
interface Prior {
  decay: number
  perDay: number
  /** What it weighs: as much as so many excursions, and so many days of a row. */
  excursions: number
  days: number
}
// Drift looks at hours, in which campaigns and audiences differ: a small installation has little history to learn that
// from, so it starts far from alarm and comes nearer as history grows.
const PRIOR: Record<Pace, Prior> = {
  [SUDDEN]: { decay: 1.8, perDay: 0.006, excursions: 12, days: 1500 },
  [DRIFT]: { decay: 3, perDay: 0.1, excursions: 12, days: 300 },
}
/** As far beyond the bar (nats) an excursion may still have been noise. */
const BEYOND: Record<Pace, number> = { [SUDDEN]: 6, [DRIFT]: 10 }
const LOWEST = [7, 8, 8, 8, 8]
const HIGHEST = 30
/** History is forgotten with a half-life of thirty days. */
const KEEP_A_DAY = 2 ** (-1 / 30)

/** How the budget is shared out. People are paged for the first two; the rest tells them to look. */
const SHARE: Record<Signal, number> = {
  throttling: 0.4,
  blocking: 0.4,
  authentication: 0.05,
  content: 0.05,
  list: 0.05,
  receiver: 0.05,
}
// A tenth is kept back: noise has a longer tail than the estimate.
const OF_PACE: Record<Pace, number> = { [SUDDEN]: 0.65, [DRIFT]: 0.25 }
const OF_GROUPS = 0.25

/**
 * Noise differs with volume, so each size has its own bar: slices with fewer than 1, 10, or more messages a minute; all
 * slices of a source at one provider; wider groups.
 */
export function sizeOf(volume: number, kind: number): number {
  if (kind !== -1) return kind === BY_PROVIDER ? SLICE_SIZES : SLICE_SIZES + 1
  return volume < 1 ? 0 : volume < 10 ? 1 : 2
}

/** An excursion that is over. What went far beyond its bar was trouble, and tells nothing of quiet times. */
export function noteExcursion(state: State, pace: Pace, signal: number, size: number, peak: number): void {
  if (peak <= FROM || peak >= state.bars[classOf(pace, signal, size)]! + BEYOND[pace]) return
  const at = classOf(pace, signal, size) * 3
  state.tails[at] = state.tails[at]! + 1
  state.tails[at + 1] = state.tails[at + 1]! + peak - FROM
}

/** Counts a day of so many rows of each size, and sets the bars anew. */
export function calibrate(state: State, rows: readonly number[], budget: Budget): void {
  for (let c = 0; c < CLASSES; c++) {
    const at = c * 3
    for (let i = at; i < at + 3; i++) state.tails[i] = state.tails[i]! * KEEP_A_DAY
    state.tails[at + 2] = state.tails[at + 2]! + rows[c % SIZES]!
  }
  setBars(state, rows, budget)
}

export function setBars(state: State, rows: readonly number[], budget: Budget): void {
  const slices = rows[0]! + rows[1]! + rows[2]!
  const aDay = perSliceDay(budget, slices)
  for (const pace of [SUDDEN, DRIFT] as const) {
    for (let signal = 0; signal < S; signal++) {
      for (let size = 0; size < SIZES; size++) {
        const share = SHARE[SIGNALS[signal]!] * OF_PACE[pace]
        const allowed =
          size >= SLICE_SIZES
            ? (aDay * share * OF_GROUPS * slices) / 2 / Math.max(rows[size]!, 1)
            : aDay * share * (1 - OF_GROUPS)
        const c = classOf(pace, signal, size)
        const most = (state.bars[c]! || 12) + BEYOND[pace]
        state.bars[c] = barOf(state.tails.subarray(c * 3, c * 3 + 3), most, allowed, PRIOR[pace], LOWEST[size]!)
      }
    }
  }
}

/**
 * Where so few excursions a day end up above. Their height above FROM is exponential; those far beyond the bar in
 * force are not in the history, which the estimate makes up for (a truncated exponential).
 */
function barOf(tail: Float64Array, most: number, allowed: number, prior: Prior, lowest: number): number {
  const room = most - FROM
  const count = tail[0]! + prior.excursions
  const mean = (tail[1]! + prior.excursions * truncatedMean(prior.decay, room)) / count
  let low = 0.3
  let high = 5
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2
    if (truncatedMean(middle, room) < mean) low = middle
    else high = middle
  }
  const perDay = (tail[0]! / (1 - Math.exp(-room / low)) + prior.perDay * prior.days) / (tail[2]! + prior.days)
  return Math.min(HIGHEST, Math.max(lowest, FROM + low * Math.log(perDay / allowed)))
}

const truncatedMean = (decay: number, room: number): number => decay - room / Math.expm1(room / decay)
