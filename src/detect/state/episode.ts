import type { Pace } from './pace.ts'
import type { SlicePattern } from './slice.ts'

/** A trouble that stands, or stood a little while ago. Rows are of the topology, times minutes. */
export interface Episode {
  signal: number
  pace: Pace
  since: number
  opened: number
  leaves: number[]
  where: SlicePattern
  evidence: number
  /** Since `since`, and of late (forgotten with a half-life of ten minutes). */
  x: number
  n: number
  lateX: number
  lateN: number
  worst: number
  baseline: number
  /** The evidence that it is over, and since when that has been growing. */
  calm: number
  calmSince: number
  recoveredAt: number
}
