import type { Cause, Signal } from '../smtp/causes.ts'
import type { Outcome } from '../smtp/outcomes.ts'
import type { MinuteCount, Slice } from './state/slice.ts'

/** So many results of one kind of one slice; `ports/store/` calls it SliceMinute. */
interface Result {
  slice: Slice
  outcome: Outcome
  replyId: number | null
  n: number
}

interface Reply {
  cause: Cause
  signal: Signal | null
  named: boolean
}

/** Greylisting asks everybody to come back later: it says nothing about this sender, so it is no sign of throttling. */
export function signalOfReply({ cause, signal }: Pick<Reply, 'cause' | 'signal'>): Signal | null {
  return cause === 'greylisted' ? null : signal
}

/** A drop was never attempted, and a complaint comes after a delivery. */
export const isAttempt = (outcome: Outcome): boolean => outcome !== 'dropped' && outcome !== 'complained'

/** Most slices have none in a minute. */
const NO_FAILURES: MinuteCount['failures'] = Object.freeze({})

/**
 * One minute's results as the detector takes them, one count per slice (per object: equal slices are added up by
 * the batch). `deliveries` says whether a source reports its deliveries too.
 */
export function countMinute(
  results: Iterable<Result>,
  replies: ReadonlyMap<number, Reply>,
  deliveries: (source: string) => boolean,
): MinuteCount[] {
  const counts = new Map<Slice, MinuteCount>()
  for (const { slice, outcome, replyId, n } of results) {
    if (!isAttempt(outcome)) continue
    let count = counts.get(slice)
    if (!count) {
      count = { slice, attempts: deliveries(slice.source) ? 0 : null, failures: NO_FAILURES }
      counts.set(slice, count)
    }
    if (count.attempts !== null) count.attempts += n
    const reply = outcome === 'delivered' || replyId === null ? undefined : replies.get(replyId)
    const signal = reply ? signalOfReply(reply) : null
    if (!reply || !signal) continue
    if (count.failures === NO_FAILURES) count.failures = {}
    count.failures[signal] = (count.failures[signal] ?? 0) + n
    if (reply.named) {
      count.named ??= {}
      count.named[signal] = (count.named[signal] ?? 0) + n
    }
  }
  return [...counts.values()]
}
