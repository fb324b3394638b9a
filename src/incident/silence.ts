import { z } from 'zod'
import { SIGNALS } from '../smtp/causes.ts'
import { contains } from './fingerprint.ts'
import type { Incident, Mute } from './incident.ts'

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/
const time = z
  .string()
  .refine((text) => TIME.test(text) && !Number.isNaN(Date.parse(text)), 'must be a time such as 2026-11-25T06:00Z')
  .transform((text) => new Date(text))
const name = z.string().min(1).optional()

/** An entry under `silences:` in the configuration. */
export const silenceSchema = z.strictObject({
  where: z
    .strictObject({
      source: name,
      provider: name,
      ip: name,
      senderDomain: name,
      campaign: name,
      signal: z.enum(SIGNALS).optional(),
    })
    .refine(
      (where) => Object.values(where).some(Boolean),
      'must name at least one of source, provider, ip, senderDomain, campaign and signal',
    )
    .describe('what to silence: everything that matches all of these'),
  from: time.optional().describe('when it starts, such as 2026-11-24T22:00Z; right away if left out'),
  until: time.describe('when it ends, such as 2026-11-25T06:00Z'),
  reason: z.string().min(1).max(200).describe('shown on the card, so that others know why'),
})

export type Silence = z.output<typeof silenceSchema>

/** The silence that covers the whole incident at `at`, the one that lasts longest; null if none does. */
export function muteOf(incident: Incident, silences: readonly Silence[], at: Date): Mute | null {
  const [longest] = silences
    .filter(({ from, until }) => (from ?? at) <= at && at < until)
    .filter((silence) => covers(silence, incident))
    .sort((a, b) => b.until.getTime() - a.until.getTime())
  return longest ? { reason: longest.reason, endsAt: longest.until } : null
}

function covers({ where: { signal, ...where } }: Silence, incident: Incident): boolean {
  const pattern = Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined))
  if (incident.kind === 'blind') return !signal && contains(pattern, { source: incident.source })
  if (signal && signal !== incident.signal) return false
  if (incident.kind === 'new-reply') {
    return contains(pattern, { source: incident.source, provider: incident.provider })
  }
  if (contains(pattern, incident.where)) return true
  return incident.slices.length > 0 && incident.slices.every((slice) => contains(pattern, slice))
}
