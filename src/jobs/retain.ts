import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store/index.ts'
import { DAY_MS } from '../time/units.ts'

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

/** Adds what is finished to the roll-ups that questions read, in pieces, until nothing is left or it is to stop. */
export async function rollUp(store: Store, clock: Clock, signal: AbortSignal, retention = RETENTION): Promise<void> {
  let left = 1
  while (left > 0 && !signal.aborted && !store.shortage()) {
    const now = clock.now()
    left = (await store.retention.rollUp(new Date(now.getTime() - retention.minuteDays * DAY_MS), now)).left
  }
}

/** Makes what the next days need, and drops what is too old. */
export async function retain(store: Store, clock: Clock, retention = RETENTION): Promise<void> {
  const ago = (days: number) => new Date(clock.now().getTime() - days * DAY_MS)
  // Where room is short, only what makes some is done.
  if (!store.shortage()) await store.retention.prepare(clock.now())
  await store.retention.prune({
    minutes: ago(retention.minuteDays),
    hours: ago(retention.hourDays),
    seen: ago(retention.seenDays),
    journal: ago(retention.journalDays),
  })
}
