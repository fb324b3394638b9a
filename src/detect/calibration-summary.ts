import { SIGNALS, type Signal } from '../smtp/causes.ts'
import { SUDDEN } from './state/pace.ts'
import { classOf, S, SIZES, SLICE_SIZES, type State } from './state/state.ts'

/** What the detector made of its history: how it is set now. */
export interface Settled {
  /** Slices that have been seen. */
  slices: number
  /** Slice-days of history that the bars rest on. */
  sliceDays: number
  signals: {
    signal: Signal
    /** Evidence (nats) that makes an alarm: in slices with few, some, many messages a minute, in a source's providers, and in wider groups. */
    bars: number[]
    /** One ordinary hour in twenty is above the usual rate by this factor or more. */
    stray: number
  }[]
}

export function settledOf(state: State, slices: number): Settled {
  let sliceDays = 0
  for (let size = 0; size < SLICE_SIZES; size++) sliceDays += state.tails[classOf(SUDDEN, 0, size) * 3 + 2]!
  return {
    slices,
    sliceDays: Math.round(sliceDays),
    signals: Array.from({ length: S }, (_, signal) => {
      const first = classOf(SUDDEN, signal, 0)
      return {
        signal: SIGNALS[signal]!,
        bars: [...state.bars.subarray(first, first + SIZES)],
        stray: state.stray[signal]!,
      }
    }),
  }
}
