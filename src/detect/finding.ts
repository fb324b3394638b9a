import type { Signal } from '../smtp/causes.ts'

/** How much it matters, least first. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

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

/** What the detector says of one trouble at one minute. A pure function of the counts up to `at`. */
export interface Finding {
  /** `sudden`: the alarm; `drift`: the slow watch, low severity; `rule`: one of the user's own `alerts.rules`. */
  kind: 'sudden' | 'drift' | 'rule'
  signal: Signal
  /** Set for `rule` findings: the rule's name, and the severity it asks for. */
  rule?: string
  severity?: Severity
  status: 'firing' | 'recovered'
  /** The coarsest pattern that explains the excess. */
  where: SlicePattern
  /** The slices in trouble that it covers. */
  slices: Slice[]
  /** When the trouble began, as far as the counts can tell. */
  since: Date
  at: Date
  /** Failures per attempt since `since` (null where there is no denominator), and what is usual. */
  rate: number | null
  baseline: number | null
  attempts: number | null
  failures: number
  /** The statistic over its threshold, in nats: how sure. */
  evidence: number
}
