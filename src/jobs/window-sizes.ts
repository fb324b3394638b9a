import type { Window } from '../ports/esp.ts'

const MINUTE_MS = 60_000
/** What a window should take: long enough to be worth its requests, short enough to lose little to a crash. */
const AIM_MS = 20_000
/** Before anything is known of a source. */
const FIRST_MINUTES = 5
const LONGEST_MINUTES = 360
/** A night says little about the day that follows it. */
const MOST_GROWTH = 4

/** How long a window of each source should be, by what its windows took. */
export interface WindowSizes {
  minutes(source: string): number
  note(source: string, window: Window, tookMs: number): void
}

export function createWindowSizes(): WindowSizes {
  const sizes = new Map<string, number>()
  return {
    minutes: (source) => sizes.get(source) ?? FIRST_MINUTES,
    note: (source, { from, to }, tookMs) => {
      const minutes = (to.getTime() - from.getTime()) / MINUTE_MS
      const now = sizes.get(source) ?? FIRST_MINUTES
      const ideal = (minutes * AIM_MS) / Math.max(tookMs, 1)
      // A short window says little of how long one may be, only whether it is too long.
      const most = Math.max(now, minutes * MOST_GROWTH)
      sizes.set(source, Math.max(1, Math.floor(Math.min(ideal, most, LONGEST_MINUTES))))
    },
  }
}
