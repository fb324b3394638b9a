import type { LogEntry, LogQuery, MailgunLog } from '../../../src/demo/mailgun-log.ts'

const PROVIDERS = ['gmail.com', 'outlook.com', 'yahoo.com', 'gmx.net']
const IPS = 20
/** One in so many is deferred. */
const DEFERRED = 10

/** An account that has always sent so many messages a second: its entries are made when they are asked for. */
export function createEvenLog(perSecond: number): MailgunLog {
  const everyMs = 1000 / perSecond
  /** The numbers of the entries in `[from, to]` that have happened by now. */
  const range = ({ from, to }: LogQuery, now: Date) => ({
    first: Math.ceil(from / everyMs),
    end: Math.floor(Math.min(to, now.getTime()) / everyMs) + 1,
  })
  return {
    add: () => {
      throw new Error('this account sends by itself')
    },
    find: (query, now, offset, limit) => {
      const { first, end } = range(query, now)
      const from = first + offset
      return Array.from({ length: Math.max(0, Math.min(limit, end - from)) }, (_, i) => entryOf(from + i, everyMs))
    },
    count: (query, now) => {
      const { first, end } = range(query, now)
      return Math.max(0, end - first)
    },
  }
}

function entryOf(n: number, everyMs: number): LogEntry {
  const domain = PROVIDERS[n % PROVIDERS.length]!
  const isDeferred = n % DEFERRED === 0
  return {
    id: `e-${n}`,
    event: isDeferred ? 'failed' : 'delivered',
    '@timestamp': new Date(n * everyMs).toISOString(),
    account: { id: 'account-1' },
    domain: { name: 'news.example.com' },
    recipient: `reader${n % 100_000}@${domain}`,
    'recipient-domain': domain,
    ...(isDeferred && { severity: 'temporary' as const }),
    envelope: { sender: 'bob@news.example.com', transport: 'smtp', 'sending-ip': `203.0.113.${n % IPS}` },
    'delivery-status': isDeferred
      ? {
          code: 421,
          'enhanced-code': '4.7.28',
          message: `4.7.28 Our system has detected an unusual rate of mail (${n.toString(36)}-gsmtp). Try again in ${n % 60} minutes.`,
        }
      : { code: 250, message: `2.0.0 OK ${n.toString(36)} - gsmtp`, 'mx-host': `mx${n % 4}.${domain}` },
  }
}
