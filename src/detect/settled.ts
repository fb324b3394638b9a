import { SIGNALS, type Signal } from '../smtp/causes.ts'
import { type Budget, sayBudget } from './budget.ts'
import { classOf, S, SIZES, SLICE_SIZES, type State, SUDDEN } from './state.ts'

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

/** The same for people: what `/smtp status` and doctor show. */
export function describeSettled(budget: Budget, settled: Settled): { label: string; value: string }[] {
  const { slices, sliceDays, signals } = settled
  const set = signals.filter(({ bars }) => bars.some((bar) => bar > 0))
  return [
    { label: 'False alarms', value: slices === 0 ? 'no traffic yet' : sayBudget(budget, slices) },
    { label: 'Watched', value: `${slices} slices; set by ${sliceDays} quiet slice-days` },
    ...set
      .filter(({ signal }) => signal === 'throttling' || signal === 'blocking')
      .map(({ signal, bars, stray }) => ({
        label: `Bar for ${signal}`,
        value: `${bars.map((bar) => bar.toFixed(1)).join(' / ')} nats (few, some, many messages a minute; providers; wider groups); one hour in twenty strays ${stray.toFixed(2)}x`,
      })),
  ]
}
