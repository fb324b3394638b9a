import PQueue from 'p-queue'
import type { Card } from '../cards/card.ts'
import { refusalCard } from '../cards/notice.ts'

const MINUTE = 60_000
const DAY = 1440 * MINUTE
/** Whoever asks then would wait for long, and what is asked for is in the chat already, or will be. */
const MOST_WAITING = 2

interface Period {
  from: Date
  to: Date
}

export interface BoundedReplayOptions {
  /** For how long there is anything to be played. */
  keptDays: number
  play(period: Period): Promise<Card>
}

/**
 * A replay goes through all that is stored with a detector of its own: minutes of work, and much memory. One runs at a
 * time; some wait; the same period, asked for again meanwhile, is played once.
 */
export function boundReplays({ keptDays, play }: BoundedReplayOptions): (period: Period) => Promise<Card> {
  const queue = new PQueue({ concurrency: 1 })
  const underWay = new Map<number, Promise<Card>>()

  return async ({ from, to }) => {
    const period = { from: new Date(Math.max(from.getTime(), to.getTime() - keptDays * DAY)), to }
    const minutes = Math.round((to.getTime() - period.from.getTime()) / MINUTE)
    const known = underWay.get(minutes)
    if (known) return known
    if (queue.size >= MOST_WAITING)
      return refusalCard(
        'Other replays come first',
        'One is running and others are waiting. Try again in some minutes.',
      )
    const played = queue.add(() => play(period)).finally(() => underWay.delete(minutes))
    underWay.set(minutes, played)
    return played
  }
}
