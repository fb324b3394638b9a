import type { Signal } from '../smtp/causes.ts'
import { ADDRESS, redact } from '../smtp/redact.ts'
import { FAMILIES, type Family } from './providers.ts'
import type { Place } from './topology.ts'

export const SIGNAL_OF: Readonly<Record<Family, Signal>> = {
  throttle: 'throttling',
  greylist: 'throttling',
  block: 'blocking',
  unknown: 'list',
  full: 'list',
  timeout: 'receiver',
}

/** One reply that a provider gives to one sending IP. The same object each time, so it can be a key. */
export interface CannedReply {
  /** With everything filled in but the address, which is masked. */
  text: string
  /** `{recipient}` and `{id}` are still to be filled in. */
  wording: string
  family: Family
  outcome: 'deferred' | 'bounced'
  signal: Signal
}

/** For each slice and family: the everyday reply, and the one given in an incident. */
export type Replies = readonly Readonly<Record<Family, { everyday: CannedReply; incident: CannedReply }>>[]

export function repliesOf(places: readonly Place[]): Replies {
  const kept = new Map<string, CannedReply>()
  const canned = (family: Family, template: string, ip: string): CannedReply => {
    const wording = template.replaceAll('{ip}', ip)
    const found = kept.get(wording)
    if (found) return found
    const text = redact(fill(wording, ADDRESS, '7f3a'))
    const outcome = wording.startsWith('4') ? 'deferred' : 'bounced'
    const reply: CannedReply = { text, wording, family, outcome, signal: SIGNAL_OF[family] }
    kept.set(wording, reply)
    return reply
  }
  return places.map(({ to, route: { ip } }) => {
    const pair = (family: Family) => {
      // Where nothing is ever greylisted, the reply is never given.
      const [everyday, incident = everyday] = to.replies[family] ?? to.replies.throttle
      return { everyday: canned(family, everyday, ip), incident: canned(family, incident, ip) }
    }
    return Object.fromEntries(FAMILIES.map((family) => [family, pair(family)])) as Replies[number]
  })
}

export function fill(wording: string, recipient: string, id: string): string {
  return wording.replaceAll('{recipient}', recipient).replaceAll('{id}', id)
}
