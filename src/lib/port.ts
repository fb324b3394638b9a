import { createServer } from 'node:net'
import { Refused, Unavailable } from '../ports/errors.ts'

/** Why it is not possible to listen there, as a fault; anything else comes back as it is. */
export function listenFault(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException
  const options = { cause: error }
  switch (code) {
    case 'EADDRINUSE':
      return new Refused(
        `port ${port} of ${host} is in use by another process`,
        `Stop that one (\`ss -ltnp | grep :${port}\` names it; it may be another Bouncebell), or set server.port to a free one.`,
        options,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Refused(
        `${host} is not an address of this machine`,
        'Set server.host to 127.0.0.1, or to 0.0.0.0 for all addresses.',
        options,
      )
    case 'EACCES':
      return new Refused(
        `port ${port} may not be used by this user`,
        'Ports below 1024 need privileges: set server.port to a higher one, and put a proxy in front.',
        options,
      )
    default:
      return error
  }
}

/**
 * Whether one can listen there, or a Bouncebell that runs does so already. Throws a Fault where neither is the case.
 */
export async function checkPort(host: string, port: number, signal: AbortSignal): Promise<'free' | 'running'> {
  const error = await tryToListen(host, port)
  if (error === null) return 'free'
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE' && (await isBouncebell(host, port, signal)))
    return 'running'
  const fault = listenFault(error, host, port)
  throw fault === error ? new Unavailable(error.message) : fault
}

function tryToListen(host: string, port: number): Promise<Error | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen(port, host, () => server.close(() => resolve(null)))
  })
}

async function isBouncebell(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(`${urlOf(host, port)}/healthz`, { signal, redirect: 'manual' }).catch(() => null)
  return response?.ok === true && (await response.text()) === 'ok\n'
}

/** How this machine reaches what listens on a host: one cannot call "all addresses". */
export function urlOf(host: string, port: number): string {
  const called = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host)
  return `http://${called}:${port}`
}
