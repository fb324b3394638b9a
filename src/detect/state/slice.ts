import type { Signal } from '../../smtp/causes.ts'

/** Where mail was counted. '' stands for "this source does not tell". */
export interface Slice {
  source: string
  provider: string
  /** The sending IP. */
  ip: string
  senderDomain: string
  campaign: string
}

/** A set of slices: those that agree in every dimension that is given. `{}` is everything. */
export type SlicePattern = Partial<Slice>

/** One slice's minute. `attempts` is null where the source reports failures only. */
export interface MinuteCount {
  slice: Slice
  attempts: number | null
  failures: Partial<Record<Signal, number>>
  /** Of those failures, the ones whose reply names its cause beyond doubt ("on our block list"). */
  named?: Partial<Record<Signal, number>>
}
