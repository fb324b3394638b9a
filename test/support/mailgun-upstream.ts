import { mailgun } from '../../adapters/esp/mailgun/index.ts'
import { createMailgunLog, type LogEntry } from '../../src/demo/mailgun-log.ts'
import { type MailgunFault, startMailgunServer } from '../../src/demo/mailgun-server.ts'
import { createHttpClient } from '../../src/lib/http-client.ts'
import type { HttpClient } from '../../src/ports/http.ts'
import type { LoggedAttempt, UpstreamFault, WindowUpstream } from '../contract/window-source.ts'
import { espContext } from './esp-context.ts'

const KEY = 'key-3ax6xnjp29jd6fds4gc373sgvjxteol0'

/** Mailgun's Logs API on loopback, with the adapter in front of it. */
export async function openMailgunUpstream(): Promise<WindowUpstream> {
  const log = createMailgunLog()
  let now = new Date(0)
  let requests = 0
  let planned: { fault: UpstreamFault; at: number } | null = null
  const server = await startMailgunServer({
    key: KEY,
    log,
    now: () => now,
    fault: () => {
      requests++
      if (planned?.at !== requests) return null
      const { fault } = planned
      planned = null
      return toMailgun(fault)
    },
  })
  // Impatient only where there is no answer to wait for: on a busy machine one may take its time.
  const [patient, impatient] = [createHttpClient(), createHttpClient({ timeoutMs: 300 })]
  const http: HttpClient = (request) => {
    const willHang = planned?.fault.kind === 'hang' && planned.at === requests + 1
    return (willHang ? impatient : patient)(request)
  }
  const open = (apiKey: string) =>
    mailgun.open(mailgun.config.parse({ apiKey, baseUrl: server.url }), { ...espContext(now), http })
  const windowSource = (apiKey: string) => {
    const source = open(apiKey)
    if (source.kind !== 'window') throw new Error('Mailgun is a window source')
    return source
  }
  return {
    pageSize: 100,
    key: KEY,
    emit(attempts) {
      for (const attempt of attempts) log.add(logEntry(attempt), attempt.visibleFrom)
    },
    setNow(date) {
      now = date
    },
    failOnce(fault, after = 0) {
      planned = { fault, at: requests + after + 1 }
    },
    requests: () => requests,
    open: () => windowSource(KEY),
    openWithWrongKey: () => windowSource('key-000000000000000000000000wrong'),
    close: () => server.close(),
  }
}

function toMailgun(fault: UpstreamFault): MailgunFault {
  if (fault.kind === 'extra') return { kind: 'change', answer: (page) => withUnknownFields(page) }
  if (fault.kind !== 'status') return fault
  const { status, retryAfter } = fault
  return { kind: 'status', status, ...(retryAfter && { headers: { 'retry-after': retryAfter } }) }
}

function withUnknownFields(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withUnknownFields)
  if (node === null || typeof node !== 'object') return node
  const known = Object.entries(node).map(([key, value]) => [key, withUnknownFields(value)])
  return { ...Object.fromEntries(known), 'brand-new': { nested: [1] } }
}

function logEntry({ n, at, recipient, outcome, reply }: LoggedAttempt): LogEntry {
  const [, code, enhanced, message] = /^(\d{3}) (\d\.\d\.\d) (.*)$/.exec(reply) ?? []
  return {
    id: `event-${n}`,
    event: outcome === 'delivered' ? 'delivered' : 'failed',
    '@timestamp': at.toISOString(),
    account: { id: '12345' },
    domain: { name: 'news.example.com' },
    recipient,
    'recipient-domain': recipient.split('@')[1] ?? '',
    ...(outcome !== 'delivered' && { severity: outcome === 'deferred' ? 'temporary' : 'permanent' }),
    envelope: { sender: 'bob@news.example.com', transport: 'smtp', 'sending-ip': '203.0.113.7', targets: recipient },
    'delivery-status': { code: Number(code), 'enhanced-code': enhanced ?? '', message: `${enhanced} ${message}` },
  }
}
