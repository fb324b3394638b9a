import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'

const DAY_MS = 86_400_000

/** For how many days things are kept. */
export interface Retention {
  minuteDays: number
  hourDays: number
  /**
   * As long as a stream may deliver again: a queue of SQS keeps what was not removed for 4 days by default; the SES source
   * warns of one that keeps it for longer.
   */
  seenDays: number
  journalDays: number
}

export const RETENTION: Retention = { minuteDays: 14, hourDays: 396, seenDays: 5, journalDays: 90 }

/** Rolls the minutes up into hours, then drops what is too old. */
export async function retain(store: Store, clock: Clock, retention = RETENTION): Promise<void> {
  const ago = (days: number) => new Date(clock.now().getTime() - days * DAY_MS)
  // Where room is short, only what makes some is done.
  if (!store.shortage()) {
    await store.retention.prepare(clock.now())
    await store.retention.rollUp(ago(retention.minuteDays))
  }
  await store.retention.prune({
    minutes: ago(retention.minuteDays),
    hours: ago(retention.hourDays),
    seen: ago(retention.seenDays),
    journal: ago(retention.journalDays),
  })
}
