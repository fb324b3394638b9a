import type { RouteHandler } from '../ports/routes.ts'
import { isSameSecret } from './host-access.ts'

/** Where a Bouncebell that has the embedded database to itself is asked for a test alert. */
export const TEST_ALERT_PATH = '/test-alert'

/** Runs `send` for who has the key and answers with what came of it, as JSON. */
export function testAlertHandler(key: string, send: () => Promise<unknown>): RouteHandler {
  return async (request, response) => {
    request.resume()
    if (!isSameSecret(request.headers.authorization ?? '', `Bearer ${key}`)) {
      response
        .writeHead(401, { 'content-type': 'text/plain; charset=utf-8' })
        .end('The key of the data directory is needed.\n')
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(await send()))
  }
}
