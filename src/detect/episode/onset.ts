import { attemptsByRhythm } from '../baseline/failures-only.ts'
import type { Batch } from '../state/batch.ts'
import type { Recent } from '../state/minute-buffer.ts'
import { DRIFT, type Pace } from '../state/pace.ts'
import type { Topology } from '../state/slice-groups.ts'
import { MULTIPLES, S, type State } from '../state/state.ts'

/** The attempts of a batch's row, by the slice's rhythm where they are not told. */
export function attemptsIn(state: State, batch: Batch, b: number, minute: number): number {
  const n = batch.n[b]!
  return Number.isNaN(n) ? attemptsByRhythm(state, batch.rows[b]!, minute, 0) : n
}

const ONSET_RATES = [0.04, 0.1, 0.25, 0.6]
const bounded = (rate: number, least: number) => Math.min(0.4, Math.max(rate, least))

/** The minute from which on the failures of these slices are best explained by a higher rate (maximum likelihood). */
export function onset(
  state: State,
  topology: Topology,
  recent: Recent,
  signal: number,
  pace: Pace,
  rows: readonly number[],
  from: number,
  to: number,
): number {
  const sources = new Set(rows.map((row) => topology.slices[row]!.source))
  const wanted = new Set(rows)
  const alternatives = pace === DRIFT ? MULTIPLES : ONSET_RATES
  const sums = alternatives.map(() => 0)
  let best = 0
  let since = to
  for (let minute = to; minute >= from; minute--) {
    let n = 0
    let x = 0
    let e = 0
    for (const source of sources) {
      const batch = recent.minutes.get(minute)?.get(source)
      if (!batch) continue
      for (let b = 0; b < batch.rows.length; b++) {
        const row = batch.rows[b]!
        if (!wanted.has(row)) continue
        const attempts = attemptsIn(state, batch, b, minute)
        n += attempts
        e += attempts * state.columns.p0[row * S + signal]!
      }
      for (let i = 0; i < batch.at.length; i++) {
        if (batch.at[i]! % S === signal && wanted.has(batch.rows[Math.floor(batch.at[i]! / S)]!)) x += batch.x[i]!
      }
    }
    if (n === 0) continue
    const usual = pace === DRIFT ? bounded((1.2 * e) / n, 0.002) : bounded((1.5 * e) / n, 0.005)
    for (const [k, alternative] of alternatives.entries()) {
      const p = Math.min(0.9, pace === DRIFT ? alternative * usual : Math.max(alternative, 2.5 * usual))
      sums[k] = sums[k]! + x * Math.log(p / usual) + (n - x) * Math.log((1 - p) / (1 - usual))
      if (sums[k]! > best) {
        best = sums[k]!
        since = minute
      }
    }
  }
  return since
}
