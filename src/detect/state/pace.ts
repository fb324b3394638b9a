/** The two watches of a signal: `SUDDEN` for what people are paged for, `DRIFT` for what creeps up. */
export const SUDDEN = 0
export const DRIFT = 1
export type Pace = typeof SUDDEN | typeof DRIFT
