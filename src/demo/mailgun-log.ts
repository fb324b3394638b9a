import { DAY_MS } from '../time/units.ts'

/** An entry of Mailgun's log, as `POST /v1/analytics/logs` gives it; fields that nobody reads here are left out. */
export interface LogEntry {
  id: string
  event: string
  '@timestamp': string
  domain: { name: string }
  account: { id: string; 'parent-id'?: string }
  recipient?: string
  'recipient-domain'?: string
  'recipient-provider'?: string
  severity?: 'temporary' | 'permanent'
  reason?: string
  'log-level'?: string
  envelope?: { sender?: string; transport?: string; 'sending-ip'?: string; targets?: string }
  'delivery-status'?: {
    code?: number
    'enhanced-code'?: string
    message?: string
    description?: string
    'mx-host'?: string
    'attempt-no'?: number
    'session-seconds'?: number
    'retry-seconds'?: number
    tls?: boolean
  }
  campaigns?: { id: string; name?: string }[]
  tags?: string[]
}

export interface LogQuery {
  /** In milliseconds, both inside. */
  from: number
  to: number
  events: readonly string[] | null
  domains: readonly string[] | null
  includeSubaccounts: boolean
  descending: boolean
}

/** The events of an account. Each can be seen from a time of its own on, since events arrive late. */
export interface MailgunLog {
  add(entry: LogEntry, visibleFrom?: Date): void
  /** What can be seen at `now`, by time, without the first `offset` and at most `limit`. */
  find(query: LogQuery, now: Date, offset: number, limit: number): LogEntry[]
  /** How many there are. */
  count(query: LogQuery, now: Date): number
}

interface Kept {
  at: number
  visibleFrom: number
  entry: LogEntry
}

// https://documentation.mailgun.com/docs/mailgun/user-manual/events/events: kept for 30 days, less on smaller plans.
const RETENTION_MS = 30 * DAY_MS
const PRUNE_EVERY = 10_000

export function createMailgunLog(retentionMs = RETENTION_MS): MailgunLog {
  const kept: Kept[] = []
  let added = 0

  /** The index of the first entry at `at` or later. */
  function indexOf(at: number): number {
    let [low, high] = [0, kept.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((kept[middle]?.at ?? 0) < at) low = middle + 1
      else high = middle
    }
    return low
  }

  /** What can be seen of `query` at `now`, in its order. */
  function* matching({ from, to, events, domains, includeSubaccounts, descending }: LogQuery, now: Date) {
    const [first, end, seenAt] = [indexOf(from), indexOf(to + 1), now.getTime()]
    for (let step = 0; step < end - first; step++) {
      const { visibleFrom, entry } = kept[descending ? end - 1 - step : first + step]!
      const isWanted =
        visibleFrom <= seenAt &&
        (events === null || events.includes(entry.event)) &&
        (domains === null || domains.includes(entry.domain.name)) &&
        (includeSubaccounts || entry.account['parent-id'] === undefined)
      if (isWanted) yield entry
    }
  }

  return {
    add(entry, visibleFrom) {
      const at = Date.parse(entry['@timestamp'])
      const one = { at, visibleFrom: visibleFrom?.getTime() ?? 0, entry }
      if (at >= (kept.at(-1)?.at ?? 0)) kept.push(one)
      else kept.splice(indexOf(at + 1), 0, one)
      if (++added % PRUNE_EVERY === 0) kept.splice(0, indexOf((kept.at(-1)?.at ?? 0) - retentionMs))
    },
    find: (query, now, offset, limit) => [...matching(query, now).drop(offset).take(limit)],
    count: (query, now) => matching(query, now).reduce((n) => n + 1, 0),
  }
}
