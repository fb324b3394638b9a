import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostOf, isFromThisMachine, isLoopbackName, isSameSecret } from './lib/host-access.ts'
import type { Log } from './ports/log.ts'
import type { RouteHandler, Routes } from './ports/routes.ts'

export interface HttpServer {
  routes: Routes
  /** Resolves with the URL it listens on. Port 0 takes any free one. */
  listen(host: string, port: number): Promise<string>
  close(): Promise<void>
}

/** Who may ask how Bouncebell is doing: what it answers names sources and counts mail. */
export interface Access {
  /** As `Authorization: Bearer ...`. Undefined: only this machine is answered. */
  token: string | undefined
  /** True when only this machine, and proxies on it, can reach us at all. */
  isLoopback: boolean
  /** Names by which a proxy on this machine asks. */
  hosts: readonly string[]
}

export interface HttpOptions {
  log: Log
  access: Access
  /** Null when work can be done, else what is missing. */
  notReady(): Promise<string | null>
  metrics(): Promise<{ contentType: string; body: string }>
}

/** The one HTTP server of the process: its own three paths, and what adapters register. */
export function createHttp(options: HttpOptions): HttpServer {
  const handlers = new Map<string, RouteHandler>()
  const routes: Routes = {
    add(method, path, handler) {
      const key = `${method} ${path}`
      if (handlers.has(key)) throw new Error(`two handlers for ${key}`)
      handlers.set(key, handler)
    },
  }

  // Alive: the process answers. It says nothing of the database, so that a restart is not tried as a cure for that.
  routes.add('GET', '/healthz', (_, response) => plain(response, 200, 'ok\n'))
  routes.add('GET', '/readyz', async (request, response) => {
    if (isRefused(options.access, request, response)) return
    const missing = await options.notReady()
    plain(response, missing ? 503 : 200, `${missing ?? 'ready'}\n`)
  })
  routes.add('GET', '/metrics', async (request, response) => {
    if (isRefused(options.access, request, response)) return
    const { contentType, body } = await options.metrics()
    response.writeHead(200, { 'content-type': contentType }).end(body)
  })

  const server = createServer((request, response) => {
    answer(handlers, request, response).catch((error: unknown) => {
      options.log.error({ err: error, path: pathOf(request) }, 'a request failed')
      if (!response.headersSent) plain(response, 500, 'Something went wrong; the Bouncebell log says what.\n')
      else response.destroy()
    })
  })

  return {
    routes,
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          const { port: bound } = server.address() as AddressInfo
          resolve(`http://${host.includes(':') ? `[${host}]` : host}:${bound}`)
        })
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        // Event streams stay open for ever: they are cut, the browser comes back by itself.
        server.closeAllConnections()
      }),
  }
}

function isRefused(access: Access, request: IncomingMessage, response: ServerResponse): boolean {
  const { token, isLoopback, hosts } = access
  const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  if (token !== undefined && given !== undefined && isSameSecret(given, token)) return false
  const host = hostOf(request)
  if (isLoopback ? isLoopbackName(host) || hosts.includes(host) : isFromThisMachine(request) && isLoopbackName(host))
    return false
  if (isLoopback) plain(response, 421, 'Bouncebell does not know this name. Ask for 127.0.0.1, or send the token.\n')
  else if (token === undefined) plain(response, 403, 'Set server.token, and send it as "Authorization: Bearer ...".\n')
  else {
    response.setHeader('www-authenticate', 'Bearer')
    plain(response, 401, 'Send the token as "Authorization: Bearer ...".\n')
  }
  return true
}

async function answer(handlers: Map<string, RouteHandler>, request: IncomingMessage, response: ServerResponse) {
  const path = pathOf(request)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const handler = handlers.get(`${method} ${path}`) ?? wildcard(handlers, `${method} ${path}`)
  if (!handler) return plain(response, 404, 'Not found\n')
  await handler(request, response)
}

function wildcard(handlers: Map<string, RouteHandler>, key: string): RouteHandler | undefined {
  const found = [...handlers].find(([pattern]) => pattern.endsWith('/*') && key.startsWith(pattern.slice(0, -1)))
  return found?.[1]
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}

function plain(response: ServerResponse, status: number, body: string) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(body)
}
