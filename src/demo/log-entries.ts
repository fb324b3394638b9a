import { createHash } from 'node:crypto'
import type { LogEntry } from './mailgun-log.ts'
import type { Random } from './random.ts'
import { fill } from './replies.ts'
import type { TrafficRow } from './telling.ts'
import type { Place } from './topology.ts'

const NAMES = ['ada', 'ben', 'chloe', 'dev', 'elif', 'finn', 'grete', 'hugo', 'ines', 'jonas', 'kim', 'lena', 'mo']
const ENHANCED = /^([45]\.\d{1,3}\.\d{1,3}) /

/** Takes a row of the traffic apart into the single entries that Mailgun would have logged. */
export function logEntriesOf(row: TrafficRow, place: Place, start: Date, random: Random): LogEntry[] {
  const outcomes: (string | null)[] = row.failures.flatMap(({ reply, n }) => Array<string>(n).fill(reply.wording))
  while (outcomes.length < row.attempts) outcomes.push(null)
  return outcomes.map((wording, index) => {
    const at = new Date(start.getTime() + row.minute * 60_000 + random.integer(0, 60_000))
    const id = createHash('sha1')
      .update(`${row.minute} ${row.slice} ${index} ${at.getTime()}`)
      .digest('base64url')
      .slice(0, 22)
    const domain = random.pick(place.to.domains)
    const recipient = `${random.pick(NAMES)}${random.integer(1, 999)}@${domain}`
    return entry({ id, at, recipient, domain, wording, place, random })
  })
}

interface Attempt {
  id: string
  at: Date
  recipient: string
  domain: string
  wording: string | null
  place: Place
  random: Random
}

function entry({ id, at, recipient, domain, wording, place, random }: Attempt): LogEntry {
  const { slice, route, to } = place
  const reply = wording === null ? '250 OK' : fill(wording, recipient, id.slice(0, 6))
  const code = Number(reply.slice(0, 3))
  const message = reply.slice(4)
  const enhanced = ENHANCED.exec(message)?.[1]
  const isDeferred = code >= 400 && code < 500
  return {
    id,
    event: wording === null ? 'delivered' : 'failed',
    '@timestamp': at.toISOString(),
    'log-level': wording === null ? 'info' : isDeferred ? 'warn' : 'error',
    ...(wording !== null && {
      severity: isDeferred ? 'temporary' : 'permanent',
      reason: isDeferred ? 'generic' : 'bounce',
    }),
    account: { id: slice.source },
    domain: { name: route.senderDomain },
    recipient,
    'recipient-domain': domain,
    'recipient-provider': to.label,
    envelope: {
      sender: `hello@${route.senderDomain}`,
      transport: 'smtp',
      'sending-ip': route.ip,
      targets: recipient,
    },
    'delivery-status': {
      code,
      ...(enhanced && { 'enhanced-code': enhanced }),
      message,
      description: '',
      'mx-host': to.mx,
      'attempt-no': 1,
      'session-seconds': Math.round(random.between(0.2, 4) * 1000) / 1000,
      ...(isDeferred && { 'retry-seconds': 600 }),
      tls: true,
    },
  }
}
