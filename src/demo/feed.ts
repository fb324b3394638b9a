import { logEntriesOf } from './log-entries.ts'
import type { MailgunLog } from './mailgun-log.ts'
import type { Random } from './random.ts'
import type { Traffic } from './traffic.ts'

const MINUTE_MS = 60_000

export interface FeedOptions {
  traffic: Traffic
  log: MailgunLog
  /** The time of the traffic's first minute. */
  origin: Date
  random: Random
  /** Called as each minute comes to its end. */
  onMinute(minute: number): void
}

/**
 * A log that fills itself: before it is read, all the traffic up to the time of the reader is played into it. So what is
 * seen depends on the seed and the time alone, not on when anything happened to run.
 */
export function createFeed({ traffic, log, origin, random, onMinute }: FeedOptions): MailgunLog {
  const play = traffic.play()
  let next = play.next()

  function playUntil(now: Date) {
    // A minute is told once it is over.
    while (!next.done && origin.getTime() + (next.value.seen + 1) * MINUTE_MS <= now.getTime()) {
      for (const row of next.value.rows)
        for (const entry of logEntriesOf(row, traffic.places[row.slice]!, origin, random)) log.add(entry)
      onMinute(next.value.seen)
      next = play.next()
    }
  }

  return {
    add: log.add,
    find(query, now, offset, limit) {
      playUntil(now)
      return log.find(query, now, offset, limit)
    },
    count(query, now) {
      playUntil(now)
      return log.count(query, now)
    },
  }
}
