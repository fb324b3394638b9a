import { createHttpClient, type HttpClientOptions } from '../../src/lib/http-client.ts'
import { createLog } from '../../src/lib/log.ts'
import type { EspContext } from '../../src/ports/esp.ts'

/** The real HTTP client, a silent log, and a clock that stands at `now`. */
export function espContext(now: Date, options: HttpClientOptions = {}): EspContext {
  return {
    http: createHttpClient(options),
    clock: { now: () => now, sleep: () => Promise.reject(new Error('nothing in a window source waits')) },
    log: createLog({ level: 'silent', format: 'json', color: false }),
  }
}

/** Everything an iterable gives, page by page. */
export async function pagesOf<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const page of pages) all.push(page)
  return all
}
