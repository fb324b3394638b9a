import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { DAY_MS } from '../time/units.ts'
import type { MailgunLog } from './mailgun-log.ts'
import { type LogsRequest, logsRequest } from './mailgun-request.ts'

/** What goes wrong with one request, for tests. */
export type MailgunFault =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** Takes the request and never answers. */
  | { kind: 'hang' }
  /** Breaks off in the middle of the JSON. */
  | { kind: 'truncate' }
  /** Changes the answer. */
  | { kind: 'change'; answer: (page: LogsPage) => unknown }

export interface MailgunServerOptions {
  key: string
  log: MailgunLog
  now: () => Date
  /** Asked before each request; null lets it pass. */
  fault?: (request: { body: unknown }) => MailgunFault | null
  /** Each answer takes this long on its way. */
  latencyMs?: number
}

export interface MailgunServer {
  url: string
  key: string
  close(): Promise<void>
}

interface LogsPage {
  start: string
  end: string
  items: object[]
  pagination: Record<string, string | number>
  aggregates: object
}

// The vendor's default for `start`.
const BODY_LIMIT = 65_536

/** Stands in for Mailgun's Logs API on loopback. Keeps what it gave tokens for, as the real one does. */
export async function startMailgunServer(options: MailgunServerOptions): Promise<MailgunServer> {
  const { key, log, now, fault, latencyMs = 0 } = options
  const authorization = `Basic ${Buffer.from(`api:${key}`).toString('base64')}`
  // A token means "go on at this place of this query", and is good for nothing else.
  const places = new Map<string, { query: string; offset: number }>()

  function page(request: LogsRequest): LogsPage | string {
    const { pagination, events = null, filter } = request
    const end = request.end ?? now()
    const start = request.start ?? new Date(end.getTime() - DAY_MS)
    if (start >= end) return 'start must be before end'
    const domains = filter?.AND.flatMap(({ values }) => values.map(({ value }) => value)) ?? null
    const query = JSON.stringify([start, end, events, domains, request.include_subaccounts, pagination.sort])
    const place = pagination.token === undefined ? { query, offset: 0 } : places.get(pagination.token)
    if (place?.query !== query) return 'invalid pagination token'
    const wanted = {
      from: start.getTime(),
      to: end.getTime(),
      events,
      domains,
      includeSubaccounts: request.include_subaccounts,
      descending: pagination.sort === 'timestamp:desc',
    }
    const items = log.find(wanted, now(), place.offset, pagination.limit)
    const token = (offset: number) => {
      const name = randomUUID()
      places.set(name, { query, offset })
      if (places.size > 10_000) places.delete(places.keys().next().value ?? '')
      return name
    }
    return {
      start: start.toUTCString().replace('GMT', '+0000'),
      end: end.toUTCString().replace('GMT', '+0000'),
      items,
      pagination: {
        // There is always a next page, until one is empty.
        ...(items.length > 0 && { next: token(place.offset + items.length) }),
        ...(place.offset > 0 && { previous: token(Math.max(0, place.offset - pagination.limit)) }),
        ...(request.include_totals && { total: log.count(wanted, now()) }),
      },
      aggregates: {},
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    if (request.url?.split('?')[0] !== '/v1/analytics/logs') return void send(404, { message: 'Not Found' })
    if (request.method !== 'POST') return void send(405, { message: 'Method Not Allowed' })
    const text = await bodyOf(request)
    if (text === null) return void send(413, { message: 'Request Entity Too Large' })
    const body = jsonOf(text)
    if (latencyMs > 0) await wait(latencyMs)
    const wrong = fault?.({ body }) ?? null
    if (wrong?.kind === 'hang') return
    if (wrong?.kind === 'status')
      return void response.writeHead(wrong.status, wrong.headers).end(wrong.body ?? '{"message":"injected"}')
    if (request.headers.authorization !== authorization) return void send(401, { message: 'Invalid private key' })
    const parsed = logsRequest.safeParse(body)
    if (!parsed.success) return void send(400, { message: z.prettifyError(parsed.error) })
    const found = page(parsed.data)
    if (typeof found === 'string') return void send(400, { message: found })
    if (wrong?.kind === 'change') return void send(200, wrong.answer(found))
    if (wrong?.kind !== 'truncate') return void send(200, found)
    const whole = JSON.stringify(found)
    response.writeHead(200).end(whole.slice(0, whole.length / 2))
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    key,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_LIMIT) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
