import type { MinuteCount, Slice } from '../detect/finding.ts'
import type { SliceMinute, StoredReply } from '../ports/store.ts'

/** What the ESP dropped by itself, and complaints, are no attempts: no server was asked. */
const ATTEMPTS = ['delivered', 'deferred', 'bounced']

/** The counters of one source's minute as the detector takes them. `hasDeliveries`: does the source tell successes? */
export function minuteCounts(
  rows: readonly SliceMinute[],
  replies: ReadonlyMap<number, StoredReply>,
  hasDeliveries: boolean,
): MinuteCount[] {
  const counts = new Map<string, Required<MinuteCount>>()
  for (const { slice, outcome, replyId, n } of rows) {
    if (!ATTEMPTS.includes(outcome)) continue
    const key = sliceKey(slice)
    const count = counts.get(key) ?? { slice, attempts: hasDeliveries ? 0 : null, failures: {}, named: {} }
    counts.set(key, count)
    if (count.attempts !== null) count.attempts += n
    const reply = replyId === null ? undefined : replies.get(replyId)
    if (outcome === 'delivered' || !reply?.signal) continue
    count.failures[reply.signal] = (count.failures[reply.signal] ?? 0) + n
    if (reply.named) count.named[reply.signal] = (count.named[reply.signal] ?? 0) + n
  }
  return [...counts.values()]
}

const sliceKey = ({ source, provider, ip, senderDomain, campaign }: Slice) =>
  [source, provider, ip, senderDomain, campaign].join('\n')
