const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** How incidents behave in time. What other systems learnt the hard way; the reasons stand in docs/decisions.md. */
export const POLICY = {
  /** It must be quiet for so long before it is resolved. */
  holdMinutes: 30,
  /** Doubling stops here. */
  maxHoldMinutes: 240,
  /** So many relapses within this time are flapping. */
  flapping: { relapses: 3, withinMs: 6 * HOUR },
  /** The same trouble after so long is a new incident. */
  reopenWithinMs: 24 * HOUR,
  remindOpenMs: 4 * HOUR,
  remindAcknowledgedMs: 24 * HOUR,
  /** Figures that moved little are brought up to date after so long. */
  refreshMs: 15 * MINUTE,
  /** Untold by the detector for so long (several refreshes), it is over. */
  unseenMs: 60 * MINUTE,
} as const
