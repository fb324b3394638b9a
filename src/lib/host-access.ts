import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

/** The name, without its port, by which the request asks for us. */
export const hostOf = ({ headers }: IncomingMessage): string => (headers.host ?? '').replace(/:\d+$/, '').toLowerCase()

/** A page that was loaded by DNS rebinding asks under its own name, which is none of these. */
export const isLoopbackName = (host: string): boolean => LOOPBACK_NAMES.includes(host)

/** Whether it was sent on this machine, and not by a proxy for somebody else. */
export function isFromThisMachine({ socket, headers }: IncomingMessage): boolean {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  return (address.startsWith('127.') || address === '::1') && !FORWARDED.some((name) => name in headers)
}

/** Hashed first, so that neither content nor length shows in the time it takes. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
