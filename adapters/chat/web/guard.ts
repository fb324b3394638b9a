import { createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { hostOf, isLoopbackName, isSameSecret } from '../../../src/lib/host-access.ts'

const COOKIE = 'bouncebell'

export interface GuardOptions {
  /** Whoever opens the page must know it. Undefined: only the loopback names are served. */
  token: string | undefined
  /** Further names that the page is reached by, without ports. */
  hosts: readonly string[]
}

/** One browser's session: the cookie that it holds, and the proof that our own forms carry. */
export interface Session {
  cookie: string
  form: string
}

/**
 * Who may talk to the page. Three attacks are met: DNS rebinding (Host), cross-site requests (Sec-Fetch-Site, Origin,
 * and a form field bound to a SameSite cookie), and strangers on the network (the token).
 * No state: a session is a random number signed with the token, so every replica knows it.
 */
export function createGuard({ token, hosts }: GuardOptions) {
  const sign = (what: string) =>
    createHmac('sha256', token ?? 'loopback')
      .update(what)
      .digest('base64url')
  const sessionOf = (nonce: string): Session => ({ cookie: `${nonce}.${sign(nonce)}`, form: sign(`form ${nonce}`) })

  return {
    /** A rebinding attacker's page is loaded under the attacker's own name, which is none of ours. */
    knowsHost(request: IncomingMessage): boolean {
      const host = hostOf(request)
      return isLoopbackName(host) || hosts.includes(host) || token !== undefined
    },

    /** The session of the request, or null when it has none that we signed. */
    session(request: IncomingMessage): Session | null {
      const cookie = cookieOf(request)
      const session = sessionOf(cookie.split('.', 1)[0] ?? '')
      return cookie !== '' && isSameSecret(cookie, session.cookie) ? session : null
    },

    /** For somebody who knows the token; without one, for everybody who got past `knowsHost`. */
    open(given: string): Session | null {
      return token === undefined || isSameSecret(given, token) ? sessionOf(randomBytes(18).toString('base64url')) : null
    },

    needsToken: token !== undefined,

    setCookie(session: Session, secure: boolean): string {
      return `${COOKIE}=${session.cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000${secure ? '; Secure' : ''}`
    },

    /** Browsers say where a request comes from; what says nothing is no browser and carries no cookie by itself. */
    sameOrigin(request: IncomingMessage): boolean {
      const site = request.headers['sec-fetch-site']
      if (site !== undefined) return site === 'same-origin'
      const { origin } = request.headers
      return origin === undefined || (URL.canParse(origin) && new URL(origin).host === request.headers.host)
    },

    ownForm: (session: Session, form: string) => isSameSecret(form, session.form),
  }
}

function cookieOf(request: IncomingMessage): string {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([name]) => name === COOKIE)?.[1] ?? ''
}
