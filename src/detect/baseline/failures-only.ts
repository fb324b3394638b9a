import type { State } from '../state/state.ts'

/** Attempts that stand for one usual failure where a source tells of failures only: they make its usual rate 2.5 %. */
const PER_FAILURE = 40
/** A slice's rhythm is known after so many minutes with failures. */
const KNOWN_AFTER = 120

/** What counts into the slice's rhythm: its failures, scaled. */
export const rhythmOf = (failures: number): number => PER_FAILURE * failures

/**
 * As many attempts as the slice's own rhythm lets expect in this minute: failures are then weighed against it. Until
 * there is a rhythm, whatever fails is usual.
 */
export function attemptsByRhythm({ columns }: State, row: number, minute: number, failures: number): number {
  const ofHour = columns.usual[row * 24 + (Math.floor(minute / 60) % 24)]!
  if (ofHour === 0 && columns.ticks[row]! < KNOWN_AFTER) return Math.max(1, rhythmOf(failures))
  return Math.max(1, failures, ofHour, columns.volume[row]!)
}
