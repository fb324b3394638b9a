import PQueue, { TimeoutError } from 'p-queue'
import type { ZodType } from 'zod'
import { AuthFailed, BadPayload, RateLimited, Refused, Unavailable } from '../ports/errors.ts'
import type { HttpClient, HttpRequest } from '../ports/http.ts'
import { excerpt } from './excerpt.ts'
import { retryAfterMs } from './retry-after.ts'

export interface HttpClientOptions {
  /** For the whole exchange: connection, headers and body. Default 30 s. */
  timeoutMs?: number
  /** Of the decoded body. Default 16 MiB. */
  maxBytes?: number
  /** How many requests a host gets at once, and how far apart they start. The default leaves loopback hosts alone. */
  pace?: Pace
  /** The same, which leaves loopback hosts alone. */
  paceElsewhere?: Pace
}

interface Pace {
  concurrency: number
  minIntervalMs: number
}

// Polite to anybody's API. A vendor's own limits, by the minute or the hour, are told by its 429s and Retry-After.
const PACE = { concurrency: 2, minIntervalMs: 200 }
const UNPACED = { concurrency: Number.POSITIVE_INFINITY, minIntervalMs: 0 }
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/**
 * JSON over HTTP, by the contract of `HttpClient`. It never tries again by itself: the poll job knows which window is
 * affected, how old it is and what else waits, so it decides. Redirects are not followed, since the key would go along.
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { timeoutMs = 30_000, maxBytes = 16 * 2 ** 20 } = options
  const queues = new Map<string, PQueue>()

  function queueOf(url: URL): PQueue {
    const found = queues.get(url.host)
    if (found) return found
    const { concurrency, minIntervalMs: interval } =
      options.pace ?? (LOOPBACK.test(url.hostname) ? UNPACED : (options.paceElsewhere ?? PACE))
    const limit = interval > 0 ? { interval, intervalCap: 1, strict: true } : {}
    const queue = new PQueue({ concurrency, ...limit })
    queues.set(url.host, queue)
    return queue
  }

  return async <T>(request: HttpRequest<T>): Promise<T> => {
    const url = urlOf(request)
    const name = `${request.method ?? 'GET'} ${url.origin}${url.pathname}`
    const exchange = ({ signal }: { signal?: AbortSignal | undefined }) => send(request, url, name, maxBytes, signal)
    try {
      const signal = request.signal ? { signal: request.signal } : {}
      const priority = request.inBackground ? -1 : 0
      const { text, secrets } = await queueOf(url).add(exchange, { timeout: timeoutMs, priority, ...signal })
      return parse(text, request.schema, name, secrets)
    } catch (error) {
      if (error instanceof TimeoutError) throw new Unavailable(`${name}: no full answer within ${timeoutMs / 1000} s`)
      throw error
    }
  }
}

/** The same client for what may wait. */
export const inBackground =
  (http: HttpClient): HttpClient =>
  (request) =>
    http({ ...request, inBackground: true })

function urlOf({ url: text, query = {} }: HttpRequest<unknown>): URL {
  const url = URL.parse(text)
  if (!url) throw new Refused('the address of the API is not a URL', 'Check baseUrl: it begins with https://.')
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(key, String(one))
  }
  return url
}

async function send(
  request: HttpRequest<unknown>,
  url: URL,
  name: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<{ text: string; secrets: string[] }> {
  const headers = new Headers({ accept: 'application/json', 'user-agent': 'bouncebell', ...request.headers })
  const secrets = [...Object.values(request.headers ?? {}), ...url.searchParams.values()]
  const init: RequestInit = { method: request.method ?? 'GET', headers, redirect: 'manual', signal: signal ?? null }
  if (request.json !== undefined) {
    headers.set('content-type', 'application/json')
    init.body = JSON.stringify(request.json)
  }
  try {
    const response = await fetch(url, init)
    const text = await read(response, maxBytes, name)
    if (!response.ok) throw failure(response, name, excerpt(text, secrets))
    return { text, secrets }
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof TypeError) throw new Unavailable(`${name}: ${networkProblem(error)}`)
    throw error
  }
}

async function read(response: Response, maxBytes: number, name: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the body, so nothing more is read.
    if (size > maxBytes) throw new BadPayload(`${name}: the answer is larger than ${maxBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function failure({ status, headers }: Response, name: string, said: string): Error {
  const what = `${name} answered ${status}${said && `: ${said}`}`
  if (status === 401 || status === 403)
    return new AuthFailed(what, 'Check the key: is it current, for this region, and allowed to read this?')
  if (status === 429) return new RateLimited(what, retryAfterMs(headers.get('retry-after'), new Date()))
  // 408: the other side gave up waiting for our request.
  if (status >= 500 || status === 408) return new Unavailable(what)
  if (status >= 300 && status < 400)
    return new Refused(`${what} (a redirect)`, 'Check baseUrl and the region: redirects are not followed.')
  return new Refused(what, 'Check the settings of this source against the message.')
}

/** `fetch failed` says nothing; the cause has the system's code. Its text may hold the URL, so only the code is told. */
function networkProblem(error: TypeError): string {
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'the connection failed'
  return code === 'ECONNREFUSED' ? 'connection refused' : code
}

/** What breaks off in the midst of data would show people's mail; anything else is a page that says what is wrong. */
function excerptOf(text: string, secrets: string[]): string {
  if (/^\s*[{[]/.test(text)) return 'it breaks off or is damaged'
  return excerpt(text, secrets) || 'it is empty'
}

function parse<T>(text: string, schema: ZodType<T>, name: string, secrets: string[]): T {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new BadPayload(`${name}: the answer (${text.length} characters) is not JSON: ${excerptOf(text, secrets)}`)
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const [first] = result.error.issues
  const more = result.error.issues.length - 1
  const where = first?.path.map(String).join('.') || 'the whole answer'
  throw new BadPayload(
    `${name}: ${where}: ${excerpt(first?.message ?? '', secrets)}${more > 0 ? `, and ${more} more problems` : ''}`,
  )
}
