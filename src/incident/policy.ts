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
  /** No mail at all for so long, though its source is read: neither better nor worse is known. */
  stillMs: 3 * HOUR,
  /** For so long after an alarm the slow watch still feels it. */
  echoMs: 6 * HOUR,
  newReply: {
    /** The detector is heard first: what it notices is no news on top of that. */
    patienceMs: 15 * MINUTE,
    /** It must become frequent within so long; a new policy takes an hour or two to reach every server of a provider. */
    withinMs: 3 * HOUR,
    /** Weekly mail must have been seen once before anything is called new. A backfill, newest first, is over by then. */
    historyMs: 7 * 24 * HOUR,
    mostPerDay: 5,
    /** Not given for so long, it was an episode. */
    quietMs: 6 * HOUR,
    newForMs: 24 * HOUR,
  },
} as const
