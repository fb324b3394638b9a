import type { ZodType } from 'zod'

export interface HttpRequest<T> {
  method?: 'GET' | 'POST'
  url: string
  /** Query parameters; an array repeats the key. `undefined` is left out. */
  query?: Record<string, string | number | readonly string[] | undefined>
  headers?: Record<string, string>
  json?: unknown
  /** Only the fields that are read; anything else in the answer is ignored. */
  schema: ZodType<T>
  signal?: AbortSignal
  /** Waits while others want the same pace: for history, which must not keep news waiting. */
  inBackground?: boolean
}

/**
 * JSON over HTTP with a timeout, a size cap, pacing and typed errors.
 * Throws AuthFailed (401, 403), RateLimited (429), Refused (other 4xx), Unavailable (5xx, network, timeout), BadPayload.
 */
export type HttpClient = <T>(request: HttpRequest<T>) => Promise<T>
