import { isIP } from 'node:net'
import { domainOf } from '../../../src/lib/address.ts'
import type { Outcome } from '../../../src/ports/esp.ts'

/** What a delivery agent of Postfix says about one attempt for one recipient. */
export interface Delivery {
  queueId: string
  domain: string
  outcome: Outcome
  /** The text in parentheses: what the other server said, or what went wrong before it could. */
  reply: string
  relay: { host: string; ip: string | null } | null
}

// https://www.postfix.org/postconf.5.html#soft_bounce: SOFTBOUNCE is a bounce that is tried again.
const OUTCOMES: Record<string, Outcome> = {
  sent: 'delivered',
  deferred: 'deferred',
  SOFTBOUNCE: 'deferred',
  bounced: 'bounced',
  expired: 'bounced',
}
/** Answers to `sendmail -bv` and address verification: no message was sent. */
const PROBES = new Set(['deliverable', 'undeliverable'])

/** Short or long (enable_long_queue_ids), or what another program makes up: whatever stands there. */
const QUEUE_ID = /^([^\s:]{1,100}): to=</

const STATUS = ', status='
const RELAY = /, relay=([^,]*?)(?:\[([^\]]*)\])?(?::\d+)?, /

/** Whether a line may be an attempt: said by an SMTP client, with a status. Cheap, as most lines are not. */
export const mayBeDelivery = (line: string) =>
  line.includes(STATUS) && line.includes(': to=<') && (line.includes('/smtp[') || line.includes('/smtp '))

/**
 * Reads `QUEUEID: to=<a@b>, orig_to=<c>, relay=host[ip]:port, delay=..., dsn=4.7.0, status=deferred (text)`. Null for an
 * address probe. Throws for one that cannot be read.
 */
export function readDelivery(text: string): Delivery | null {
  const [, queueId] = QUEUE_ID.exec(text) ?? []
  if (!queueId) throw new Error('it has no queue id')
  const to = text.indexOf('to=<') + 'to=<'.length
  const toEnd = text.indexOf('>, ', to)
  const status = text.indexOf(STATUS, toEnd)
  if (toEnd < 0 || status < 0) throw new Error('it ends before its status')
  const domain = domainOf(text.slice(to, toEnd))
  if (!domain) throw new Error('its recipient has no domain')

  const word = /^\w+/.exec(text.slice(status + STATUS.length))?.[0] ?? ''
  if (PROBES.has(word)) return null
  const outcome = Object.hasOwn(OUTCOMES, word) ? OUTCOMES[word] : undefined
  if (!outcome) throw new Error('its status is not known')

  const open = text.indexOf('(', status)
  if (open < 0) throw new Error('the text after its status is cut off')
  const [, host = 'none', ip = ''] = RELAY.exec(text.slice(toEnd + 1, status + 2)) ?? []
  const relay = host === 'none' || host === '' ? null : { host, ip: isIP(ip) ? ip : null }
  // Syslog may have cut a long line, and with it the closing parenthesis.
  return { queueId, domain, outcome, reply: text.slice(open + 1).replace(/\)$/, ''), relay }
}
