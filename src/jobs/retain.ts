import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'

const DAY_MS = 86_400_000

/** For how many days things are kept. */
export interface Retention {
  minuteDays: number
  hourDays: number
  /** Longer than any stream delivers again: SQS keeps a message for 14 days at most. */
  seenDays: number
  journalDays: number
}

export const RETENTION: Retention = { minuteDays: 14, hourDays: 396, seenDays: 15, journalDays: 90 }

/** Rolls the minutes up into hours, then drops what is too old. */
export async function retain(store: Store, clock: Clock, retention = RETENTION): Promise<void> {
  const ago = (days: number) => new Date(clock.now().getTime() - days * DAY_MS)
  await store.retention.prepare(clock.now())
  await store.retention.rollUp(ago(retention.minuteDays))
  await store.retention.prune({
    minutes: ago(retention.minuteDays),
    hours: ago(retention.hourDays),
    seen: ago(retention.seenDays),
    journal: ago(retention.journalDays),
  })
}
