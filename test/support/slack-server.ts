import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { WebSocketServer } from 'ws'
import { refusalOf } from './slack-blocks.ts'
import { createSocketMode } from './slack-socket.ts'

/** A message as it stands now; `key` is what its metadata carries. */
export interface SlackMessage {
  channel: string
  ts: string
  thread_ts?: string
  key: string | null
  metadata?: { event_type: string; event_payload: { key?: string } }
  text: string
  blocks: unknown[]
  edits: number
  deleted: boolean
  /** Everything that was sent along: parse, link_names and the like. */
  sent: Record<string, unknown>
}

/**
 * What happens to the next call (of `method`, or of any).
 * `lose-answer` does what is asked and then cuts the connection; `lose-request` cuts it before.
 */
export interface SlackFault {
  method?: string
  kind: 'ratelimit' | 'outage' | 'lose-answer' | 'lose-request' | 'error'
  retryAfter?: number
  error?: string
}

export const BOT_TOKEN = 'xoxb-stand-in'
export const APP_TOKEN = 'xapp-stand-in'
export const CHANNEL = 'C0ALERTS01'

const SCOPES: Record<string, string[]> = {
  'auth.test': [],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.delete': ['chat:write'],
  'conversations.history': ['channels:history'],
  'conversations.replies': ['channels:history'],
}

/**
 * A strict, stateful stand-in for Slack: refuses what Slack refuses, keeps what was posted, and fails on demand.
 * `apiUrl` is for the adapter; everything under /control is for tests in another process.
 */
export async function startSlackServer(options: { port?: number; scopes?: readonly string[] } = {}) {
  const scopes = options.scopes ?? ['chat:write', 'commands', 'channels:history', 'groups:history']
  const messages: SlackMessage[] = []
  const responses: { url: string; body: Record<string, unknown> }[] = []
  const calls: { method: string; args: Record<string, unknown> }[] = []
  const faults: SlackFault[] = []
  /** Whose token it is, as auth.test tells. */
  let identity: object = { team_id: 'T0STANDIN' }
  const revoked = new Set<string>()
  const channels = new Map([
    [CHANNEL, { member: true, archived: false }],
    ['C0OTHER001', { member: false, archived: false }],
    ['C0ARCHIVE1', { member: true, archived: true }],
  ])
  const socketMode = createSocketMode()
  let count = 0

  const live = (channel: unknown, ts: unknown) =>
    messages.find((m) => m.channel === channel && m.ts === ts && !m.deleted)

  function channelProblem(id: unknown): string | null {
    const channel = channels.get(String(id))
    if (!channel) return 'channel_not_found'
    if (channel.archived) return 'is_archived'
    return channel.member ? null : 'not_in_channel'
  }

  function checkContent(args: Record<string, unknown>): { error: string; messages?: string[] } | null {
    if (typeof args.text !== 'string' && !args.blocks) return { error: 'no_text' }
    if (String(args.text ?? '').length > 40_000) return { error: 'msg_too_long' }
    return args.blocks === undefined ? null : refusalOf(args.blocks)
  }

  function page(found: SlackMessage[], args: Record<string, unknown>) {
    const limit = Number(args.limit ?? 100)
    if (!(limit >= 1 && limit <= 999)) return fail('invalid_limit')
    const from = args.cursor ? Number(Buffer.from(String(args.cursor), 'base64url').toString()) : 0
    const next = from + limit < found.length ? Buffer.from(String(from + limit)).toString('base64url') : ''
    const shown = found.slice(from, from + limit).map(({ ts, thread_ts, text, blocks, metadata }) => ({
      type: 'message',
      ts,
      thread_ts,
      text,
      blocks,
      ...(args.include_all_metadata === true && metadata && { metadata }),
    }))
    return { ok: true, messages: shown, has_more: next !== '', response_metadata: { next_cursor: next } }
  }

  const fail = (error: string, more: string[] = []) => ({ ok: false, error, response_metadata: { messages: more } })

  const methods: Record<string, (args: Record<string, unknown>) => object> = {
    'auth.test': () => ({ ok: true, ...identity, user_id: 'U0BELL', bot_id: 'B0BELL' }),

    'chat.postMessage': (args) => {
      const problem = channelProblem(args.channel)
      if (problem) return fail(problem)
      const refusal = checkContent(args)
      if (refusal) return fail(refusal.error, refusal.messages)
      if (args.thread_ts && !live(args.channel, args.thread_ts)) return fail('thread_not_found')
      count += 1
      const metadata = args.metadata as SlackMessage['metadata']
      const message: SlackMessage = {
        channel: String(args.channel),
        ts: `${Math.floor(Date.now() / 1000)}.${String(count).padStart(6, '0')}`,
        ...(args.thread_ts !== undefined && { thread_ts: String(args.thread_ts) }),
        key: metadata?.event_payload?.key ?? null,
        ...(metadata && { metadata }),
        text: String(args.text ?? ''),
        blocks: (args.blocks as unknown[]) ?? [],
        edits: 0,
        deleted: false,
        sent: args,
      }
      messages.push(message)
      return { ok: true, channel: message.channel, ts: message.ts, message: { text: message.text } }
    },

    'chat.update': (args) => {
      const problem = channelProblem(args.channel)
      if (problem) return fail(problem)
      const message = live(args.channel, args.ts)
      if (!message) return fail('message_not_found')
      const refusal = checkContent(args)
      if (refusal) return fail(refusal.error, refusal.messages)
      Object.assign(message, { text: args.text, blocks: args.blocks ?? [], edits: message.edits + 1, sent: args })
      return { ok: true, channel: message.channel, ts: message.ts, text: message.text }
    },

    'chat.delete': (args) => {
      const message = live(args.channel, args.ts)
      if (!message) return fail('message_not_found')
      message.deleted = true
      return { ok: true }
    },

    'conversations.history': (args) => {
      const problem = channelProblem(args.channel)
      if (problem) return fail(problem)
      return page(messages.filter((m) => m.channel === args.channel && !m.thread_ts && !m.deleted).toReversed(), args)
    },

    'conversations.replies': (args) => {
      const problem = channelProblem(args.channel)
      if (problem) return fail(problem)
      const root = live(args.channel, args.ts)
      if (!root) return fail('thread_not_found')
      const thread = messages.filter((m) => m.channel === args.channel && m.thread_ts === args.ts && !m.deleted)
      return page([root, ...thread], args)
    },
  }

  async function answerApi(method: string, request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const args = parse(await text(request), request.headers['content-type'] ?? '')
    calls.push({ method, args })
    const fault = take(method)
    if (fault?.kind === 'lose-request') return request.socket.destroy()
    if (fault?.kind === 'outage') return response.writeHead(503).end('upstream connect error')
    if (fault?.kind === 'ratelimit') {
      const headers = { 'retry-after': String(fault.retryAfter ?? 30), 'content-type': 'application/json' }
      return response.writeHead(429, headers).end('{"ok":false,"error":"ratelimited"}')
    }
    const result = fault?.kind === 'error' ? fail(fault.error ?? 'internal_error') : authorised(method, request, args)
    if (fault?.kind === 'lose-answer') return request.socket.destroy()
    return json(response, result)
  }

  function authorised(method: string, request: IncomingMessage, args: Record<string, unknown>): object {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    if (revoked.has(token)) return fail('token_revoked')
    if (method === 'apps.connections.open') {
      if (token !== APP_TOKEN) return fail('invalid_auth')
      return { ok: true, url: socketMode.ticket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`) }
    }
    if (token !== BOT_TOKEN) return fail('invalid_auth')
    const run = methods[method]
    if (!run) return fail('unknown_method')
    const missing = SCOPES[method]?.find((scope) => !scopes.includes(scope))
    return missing ? { ...fail('missing_scope'), needed: missing, provided: scopes.join(',') } : run(args)
  }

  function take(method: string): SlackFault | undefined {
    const at = faults.findIndex((fault) => fault.method === undefined || fault.method === method)
    return at < 0 ? undefined : faults.splice(at, 1)[0]
  }

  const control: Record<string, (body: Record<string, unknown>) => unknown> = {
    'GET /control/messages': () => messages,
    'GET /control/responses': () => responses,
    'GET /control/calls': () => calls,
    'POST /control/faults': (body) => faults.push(...(body.faults as SlackFault[])),
    'POST /control/delete': (body) => methods['chat.delete']?.(body),
    'POST /control/revoke': (body) => revoked.add(String(body.token)),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const path = request.url ?? '/'
    if (request.method === 'POST' && path.startsWith('/api/')) return answerApi(path.slice(5), request, response)
    if (request.method === 'POST' && path.startsWith('/response/')) {
      const body = parse(await text(request), 'application/json')
      const refusal = body.blocks === undefined ? null : refusalOf(body.blocks)
      if (refusal) return response.writeHead(400).end(refusal.error)
      responses.push({ url: path, body })
      return response.end('ok')
    }
    const run = control[`${request.method} ${path}`]
    if (!run) return response.writeHead(404).end()
    return json(response, run(request.method === 'POST' ? parse(await text(request), 'application/json') : {}) ?? null)
  }

  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  const sockets = new WebSocketServer({ server: http })
  sockets.on('connection', socketMode.accept)
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`

  return {
    url,
    apiUrl: `${url}/api/`,
    messages,
    responses,
    calls,
    faults,
    set identity(of: object) {
      identity = of
    },
    revoked,
    socketMode,
    /** Where the answer to a command or a press is to be sent. */
    responseUrl: (id = 'r1') => `${url}/response/${id}`,
    delete: (channel: string, ts: string) => methods['chat.delete']?.({ channel, ts }),
    async close() {
      socketMode.close()
      sockets.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

/** A form whose compound values are JSON, or JSON: the two ways that Slack takes arguments. */
function parse(body: string, contentType: string): Record<string, unknown> {
  if (contentType.startsWith('application/json')) return body === '' ? {} : JSON.parse(body)
  const value = (raw: string) => (/^(true|false|[[{].*)$/s.test(raw) ? (JSON.parse(raw) as unknown) : raw)
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([key, raw]) => [key, key === 'text' ? raw : value(raw)]),
  )
}

function json(response: ServerResponse, body: unknown) {
  return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
  const { url } = await startSlackServer({ port: Number(values.port) })
  console.log(url)
}
