import type { Signal } from '../smtp/causes.ts'
import type { Slice, SlicePattern } from './state/slice.ts'

/**
 * What the detector says of one trouble at one minute. A pure function of the counts up to `at`.
 *
 * A trouble that stands is told anew every minute (`firing`), its slices and figures as they are known by then; once it
 * is over it is told as `recovered`. There is no id: late counts may move `since` or `where`. Two findings of one
 * signal and kind speak of the same trouble when they share a slice.
 */
export interface Finding {
  /** `sudden`: the alarm; `drift`: the slow watch, low severity; `rule`: one of the user's own `alerts.rules`. */
  kind: 'sudden' | 'drift' | 'rule'
  signal: Signal
  /** Set for `rule` findings: the rule's name. */
  rule?: string
  /** Set for `rule` findings that say so themselves. */
  severity?: 'low' | 'medium' | 'high' | 'critical'
  status: 'firing' | 'recovered'
  /** The coarsest pattern that explains the excess. */
  where: SlicePattern
  /** The slices in trouble that it covers. */
  slices: Slice[]
  /** Where it is, in a sentence: "one IP, three providers". */
  says: string
  /** When the trouble began, as far as the counts can tell. */
  since: Date
  at: Date
  /** Failures per attempt of late (null where there is no denominator), and what is usual. */
  rate: number | null
  baseline: number | null
  /** Since `since`. */
  attempts: number | null
  failures: number
  /** The statistic over its threshold, in nats: how sure. */
  evidence: number
}
