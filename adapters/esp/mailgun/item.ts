import { z } from 'zod'
import { domainOf } from '../../../src/lib/address.ts'
import type { Dims, Observation, Outcome } from '../../../src/ports/esp.ts'
import { redact } from '../../../src/smtp/redact.ts'

/** Mailgun leaves a field out, or sends null, where it has nothing to say. */
export const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined)

/** One entry of the log: the fields that are read. */
export const item = z.object({
  id: z.string().min(1),
  event: z.string(),
  '@timestamp': z.iso.datetime({ offset: true }),
  severity: optional(z.string()),
  domain: z.object({ name: z.string() }),
  account: optional(z.object({ id: optional(z.string()), 'parent-id': optional(z.string()) })),
  recipient: optional(z.string()),
  'recipient-domain': optional(z.string()),
  'recipient-provider': optional(z.string()),
  envelope: optional(z.object({ 'sending-ip': optional(z.string()) })),
  campaigns: optional(z.array(z.object({ id: optional(z.string()), name: optional(z.string()) }))),
  tags: optional(z.array(z.string())),
  'delivery-status': optional(
    z.object({
      code: optional(z.number().int()),
      'enhanced-code': optional(z.string()),
      message: optional(z.string()),
      description: optional(z.string()),
      'mx-host': optional(z.string()),
    }),
  ),
})
export type Item = z.infer<typeof item>

/** What one entry says: one observation, or none for an event that is not about delivery. */
export function observe(one: Item): Observation[] {
  const status = one['delivery-status']
  const vendorCode = status?.code !== undefined && !isReplyCode(status.code) ? String(status.code) : undefined
  const outcome = outcomeOf(one, vendorCode !== undefined)
  if (!outcome) return []
  const domain = one['recipient-domain'] ?? domainOf(one.recipient ?? '') ?? ''
  const mx = status?.['mx-host']
  return [
    {
      kind: 'event',
      id: one.id,
      at: new Date(one['@timestamp']),
      outcome,
      reply: vendorCode === undefined && status ? replyOf(status) : null,
      to: { domain: redact(domain).toLowerCase(), ...(mx && { mx: redact(mx) }) },
      dims: dimsOf(one),
      ...(vendorCode !== undefined && { vendorCode }),
    },
  ]
}

/** RFC 5321 4.2.1 knows the first digits 2 to 5 and the second 0 to 5; 498, 605 and 680 are Mailgun speaking. */
function isReplyCode(code: number): boolean {
  return /^[2-5][0-5]\d$/.test(String(code))
}

function outcomeOf(one: Item, isVendorCode: boolean): Outcome | null {
  if (one.event === 'delivered') return 'delivered'
  if (one.event === 'complained') return 'complained'
  if (one.event === 'rejected') return 'dropped'
  if (one.event !== 'failed') return null
  if (isVendorCode) return 'dropped'
  return one.severity === 'temporary' ? 'deferred' : 'bounced'
}

/** The reply as the remote server gave it, put together again from the parts Mailgun takes it apart into. */
function replyOf(status: NonNullable<Item['delivery-status']>): string | null {
  const { code, 'enhanced-code': enhanced } = status
  const text = redact((status.message || status.description || '').trim())
  if (code === undefined) return text || null
  // A delayed bounce brings the whole diagnostic: `smtp; 550-5.1.1 ...`.
  if (/^(smtp; ?)?\d{3}[ -]/i.test(text)) return text
  const lines = text.split(/\r?\n/)
  return lines
    .map((line, index) => {
      const status = enhanced && !line.startsWith(enhanced) ? `${enhanced} ` : ''
      return `${code}${index < lines.length - 1 ? '-' : ' '}${status}${line}`.trim()
    })
    .join('\r\n')
}

function dimsOf(one: Item): Dims {
  const ip = one.envelope?.['sending-ip']
  const campaign = one.campaigns?.[0]?.name ?? one.campaigns?.[0]?.id ?? one.tags?.[0]
  const subaccount = one.account?.['parent-id'] && one.account.id
  const provider = one['recipient-provider']
  return {
    senderDomain: redact(one.domain.name).toLowerCase(),
    ...(ip && { ip: redact(ip) }),
    ...(subaccount && { stream: redact(subaccount) }),
    ...(campaign && { campaign: redact(campaign) }),
    ...(provider && { provider: redact(provider) }),
  }
}
