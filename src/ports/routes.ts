import type { IncomingMessage, ServerResponse } from 'node:http'

export type RouteHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Where an adapter that is talked to over HTTP hangs its handlers. `path` is exact, or ends in `/*`. */
export interface Routes {
  add(method: 'GET' | 'POST', path: string, handler: RouteHandler): void
}
