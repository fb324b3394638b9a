import type { LogEntry } from './mailgun-log.ts'
import type { Random } from './random.ts'
import { fill } from './replies.ts'
import type { TrafficRow } from './telling.ts'
import type { Place } from './topology.ts'

const NAMES = ['ada', 'ben', 'chloe', 'dev', 'elif', 'finn', 'grete', 'hugo', 'ines', 'jonas', 'kim', 'lena', 'mo']
const ENHANCED = /^[45]\.\d{1,3}\.\d{1,3}(?= )/

/** Takes a row of the traffic apart into the single entries that Mailgun would have logged. */
export function logEntriesOf(row: TrafficRow, place: Place, start: Date, random: Random): LogEntry[] {
  const wordings = row.failures.flatMap(({ reply, n }) => Array<string>(n).fill(reply.wording))
  const minute = start.getTime() + row.minute * 60_000
  return Array.from({ length: row.attempts }, (_, index) => {
    const wording = wordings[index]
    const attempt = attemptOf(place, minute, random)
    return wording === undefined ? delivered(attempt) : failed(attempt, wording)
  })
}

interface Attempt {
  id: string
  at: Date
  seconds: number
  domain: string
  recipient: string
  place: Place
}

function attemptOf(place: Place, minute: number, random: Random): Attempt {
  const part = () =>
    random
      .integer(0, 2 ** 32)
      .toString(36)
      .padStart(7, '0')
  const domain = random.pick(place.to.domains)
  return {
    id: `${part()}${part()}${part()}`,
    at: new Date(minute + random.integer(0, 60_000)),
    seconds: random.integer(200, 4000) / 1000,
    domain,
    recipient: `${random.pick(NAMES)}${random.integer(1, 999)}@${domain}`,
    place,
  }
}

function sent({ id, at, domain, recipient, place: { slice, route, to } }: Attempt) {
  return {
    id,
    '@timestamp': at.toISOString(),
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
  }
}

function delivered(attempt: Attempt): LogEntry {
  return {
    ...sent(attempt),
    event: 'delivered',
    'log-level': 'info',
    'delivery-status': {
      code: 250,
      message: 'OK',
      'mx-host': attempt.place.to.mx,
      'attempt-no': 1,
      'session-seconds': attempt.seconds,
      tls: true,
    },
  }
}

function failed(attempt: Attempt, wording: string): LogEntry {
  const reply = fill(wording, attempt.recipient, attempt.id.slice(0, 6))
  const message = reply.slice(4)
  const enhanced = ENHANCED.exec(message)?.[0]
  const isDeferred = reply.startsWith('4')
  return {
    ...sent(attempt),
    event: 'failed',
    'log-level': isDeferred ? 'warn' : 'error',
    severity: isDeferred ? 'temporary' : 'permanent',
    reason: isDeferred ? 'generic' : 'bounce',
    'delivery-status': {
      code: Number(reply.slice(0, 3)),
      ...(enhanced && { 'enhanced-code': enhanced }),
      message,
      'mx-host': attempt.place.to.mx,
      'attempt-no': 1,
      'session-seconds': attempt.seconds,
      ...(isDeferred && { 'retry-seconds': 600 }),
      tls: true,
    },
  }
}
