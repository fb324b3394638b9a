import { BY_PROVIDER, type Topology, WIDTH } from '../state/slice-groups.ts'
import { S, type State } from '../state/state.ts'

/** How far the rate of an ordinary hour lies above what was expected, as a histogram of its logarithm (base 2). */
const BINS = 64
const PER_BIN = 0.125
const MIDDLE = 32
/** Fewer expected failures would show chance, not restlessness. */
const ENOUGH = 20
/** One hour in twenty lies further up than this. */
const QUANTILE = 0.95
/** What that quantile is taken for before there is history. */
const CALM = 1.65
/** Hours that are taken for calm before there is history, and the memory: a half-life of some thousand hours of slices. */
const PRIOR = 300
const KEEP = 0.9993

/** Takes the slices' hour that ends into account. Hours of trouble tell nothing of ordinary ones. */
export function noteHours({ columns, episodes, rows, restless }: State, topology: Topology): void {
  const { hourN, hourX, hourShare, p0 } = columns
  const inTrouble = new Set(episodes.flatMap(({ leaves, signal }) => leaves.map((row) => row * S + signal)))
  for (let row = 0; row < rows; row++) {
    const n = hourN[row]!
    if (topology.kind[row] !== -1 || n === 0) continue
    const part = topology.groups[row * WIDTH + BY_PROVIDER]!
    for (let s = 0; s < S; s++) {
      const at = row * S + s
      const share = part < 0 ? 1 : hourShare[part * S + s]! / hourN[part]!
      const expected = p0[at]! * n * share
      if (expected < ENOUGH || inTrouble.has(at)) continue
      const bin = Math.round(Math.log2(Math.max(hourX[at]!, 0.5) / expected) / PER_BIN) + MIDDLE
      const place = s * BINS + Math.min(BINS - 1, Math.max(0, bin))
      restless[place] = restless[place]! + 1
    }
  }
}

/** Settles the quantile: what may be usual follows it. */
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
