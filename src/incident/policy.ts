import { DAY_MS, HOUR_MS } from '../time/units.ts'

const MINUTE = 60_000

/** How incidents behave in time. What other systems learned the hard way; docs/decisions.md has the reasons. */
export const POLICY = {
  /** How long it must be quiet before it is resolved. */
  holdMinutes: 30,
  /** Doubling stops here. */
  maxHoldMinutes: 240,
  /** This many relapses within this time count as flapping. */
  flapping: { relapses: 3, withinMs: 6 * HOUR_MS },
  /** After this long, the same problem is a new incident. */
  reopenWithinMs: DAY_MS,
  remindOpenMs: 4 * HOUR_MS,
  remindAcknowledgedMs: DAY_MS,
  /** Figures that changed little are updated after this long. */
  refreshMs: 15 * MINUTE,
  /** Not reported by the detector for this long (several refreshes), it is over. */
  unseenMs: 60 * MINUTE,
  /** No mail at all for this long, although its source is read: it may be better or worse. */
  stillMs: 3 * HOUR_MS,
  /** For this long after an alarm, the slow watch still sees an echo of it. */
  echoMs: 6 * HOUR_MS,
  newReply: {
    /** The detector goes first: what it notices is not reported a second time. */
    patienceMs: 15 * MINUTE,
    /** It must become frequent within this time; a new policy takes an hour or two to reach every server of a provider. */
    withinMs: 3 * HOUR_MS,
    /** Weekly mail must have been seen once before anything is called new. A backfill, newest first, is over by then. */
    historyMs: 7 * DAY_MS,
    mostPerDay: 5,
    /** Not seen for this long, it was an episode. */
    quietMs: 6 * HOUR_MS,
    newForMs: DAY_MS,
  },
} as const
