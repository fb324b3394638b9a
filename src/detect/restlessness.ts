import { S, type State } from './state.ts'

/** How far the rate of an ordinary hour lies above what was expected, as a histogram of its logarithm (base 2). */
const BINS = 64
const PER_BIN = 0.125
const MIDDLE = 32
/** Fewer expected failures would show chance, not restlessness. */
const ENOUGH = 20
/** One hour in six lies further up than this. Incidents are rarer, so they hardly move it. */
const QUANTILE = 0.84
/** What that quantile is taken for before there is history. */
const CALM = 1.4
/** Hours that are taken for calm before there is history, and the memory: a half-life of some thousand hours of slices. */
const PRIOR = 300
const KEEP = 0.9993

/** Takes a slice's hour into account. */
export function noteHour(state: State, signal: number, x: number, expected: number): void {
  if (expected < ENOUGH) return
  const bin = Math.round(Math.log2(Math.max(x, 0.5) / expected) / PER_BIN) + MIDDLE
  const at = signal * BINS + Math.min(BINS - 1, Math.max(0, bin))
  state.restless[at] = state.restless[at]! + 1
}

/** Settles the quantile: the drift watch's null follows it closely, the sudden watch's from afar. */
export function settleRestlessness(state: State): void {
  for (let s = 0; s < S; s++) {
    const hours = state.restless.subarray(s * BINS, s * BINS + BINS)
    let total = 0
    for (let bin = 0; bin < BINS; bin++) {
      hours[bin] = hours[bin]! * KEEP
      total += hours[bin]!
    }
    let sum = 0
    let bin = 0
    while (bin < BINS && sum + hours[bin]! < QUANTILE * total) sum += hours[bin++]!
    const within = bin < BINS && hours[bin]! > 0 ? (QUANTILE * total - sum) / hours[bin]! : 0
    const quantile = total > 0 ? 2 ** ((bin - MIDDLE - 0.5 + within) * PER_BIN) : CALM
    const weight = total / (total + PRIOR)
    state.stray[s] = CALM + weight * (quantile - CALM)
  }
}
