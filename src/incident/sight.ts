import { DAY_MS, HOUR_MS } from '../time/units.ts'
import type { Blindness } from './blind.ts'
import { duration } from './wording.ts'

const MINUTE = 60_000
const BUCKET = 10 * MINUTE
const WEEK = 7 * DAY_MS

/** A failure that goes away within this time is not reported. */
const PATIENCE_MS = 3 * MINUTE
/** Shorter silences are never reported. */
const LEAST_SILENCE_MS = HOUR_MS
/** Silence means nothing until nights have been seen. */
const LEAST_HISTORY_MS = 2 * DAY_MS

/** When a source had results, to ten minutes, for a week. */
export interface Rhythm {
  note(source: string, minute: Date): void
  /** The longest silence of the last week, and the last result; null where too little is known. */
  usualSilence(source: string, at: Date): { longestMs: number; last: Date } | null
}

export function createRhythm(): Rhythm {
  const buckets = new Map<string, Set<number>>()
  return {
    note(source, minute) {
      const seen = buckets.get(source) ?? new Set<number>()
      buckets.set(source, seen.add(Math.floor(minute.getTime() / BUCKET)))
    },
    usualSilence(source, at) {
      const oldest = Math.floor((at.getTime() - WEEK) / BUCKET)
      const all = buckets.get(source) ?? new Set()
      for (const bucket of all) if (bucket < oldest) all.delete(bucket)
      const newest = Math.floor(at.getTime() / BUCKET)
      const seen = [...all].filter((bucket) => bucket <= newest).sort((a, b) => a - b)
      const [first, last] = [seen[0], seen.at(-1)]
      if (first === undefined || last === undefined || (last - first) * BUCKET < LEAST_HISTORY_MS) return null
      const longest = seen.reduce((most, bucket, i) => Math.max(most, bucket - (seen[i - 1] ?? bucket)), 0)
      return { longestMs: longest * BUCKET, last: new Date(last * BUCKET) }
    },
  }
}

/** What is known of a source's health, as the store keeps it. */
interface Health {
  source: string
  lastOkAt: Date | null
  lastEventAt: Date | null
  failingSince: Date | null
  problem: string | null
  remedy: string | null
}

/** Whether a source can be seen at `at`; null where it can. */
export function blindness(health: Health, rhythm: Pick<Rhythm, 'usualSilence'>, at: Date): Blindness | null {
  const { source, failingSince, problem, remedy } = health
  if (failingSince && problem && at.getTime() - failingSince.getTime() >= PATIENCE_MS) {
    return { source, since: failingSince, problem, remedy: remedy ?? '' }
  }
  const usual = rhythm.usualSilence(source, at)
  if (!usual) return null
  const { lastEventAt } = health
  // A result that is dated ahead of now says nothing about now.
  const last = lastEventAt && lastEventAt > usual.last && lastEventAt <= at ? lastEventAt : usual.last
  const silentMs = at.getTime() - last.getTime()
  if (silentMs < LEAST_SILENCE_MS || silentMs < 2 * usual.longestMs) return null
  return {
    source,
    since: last,
    problem: `it answers but reports no mail, and in the last week it was never silent for more than ${duration(usual.longestMs)}`,
    remedy: 'Check that mail is being sent, and that this key still has access to the account that sends it.',
  }
}
