import { z } from 'zod'
import { domainOf } from '../../../src/lib/address.ts'
import { eventId } from '../../../src/lib/event-id.ts'
import type { Dims, Observation, Outcome } from '../../../src/ports/esp.ts'
import { redact } from '../../../src/smtp/redact.ts'

// https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
const tags = z.record(z.string(), z.array(z.string())).default({})
const mail = z.object({ messageId: z.string(), source: z.string().optional(), tags })
const text = z.string().nullish()
const recipient = z.object({ emailAddress: z.string(), status: text, diagnosticCode: text })

const kinds = z.object({ eventType: z.string().optional(), notificationType: z.string().optional() })

const bounce = z.object({
  mail,
  bounce: z.object({
    timestamp: time,
    feedbackId: z.string(),
    bounceSubType: text,
    bouncedRecipients: z.array(recipient),
    reportingMTA: text,
  }),
})
const complaint = z.object({
  mail,
  complaint: z.object({
    timestamp: time,
    feedbackId: z.string(),
    complaintSubType: text,
    complainedRecipients: z.array(recipient),
  }),
})
const delivery = z.object({
  mail,
  delivery: z.object({ timestamp: time, recipients: z.array(z.string()), smtpResponse: text, reportingMTA: text }),
})
const delay = z.object({
  mail,
  deliveryDelay: z.object({
    timestamp: time,
    delayType: text,
    delayedRecipients: z.array(recipient),
    reportingMTA: text,
  }),
})
const reject = z.object({ mail: mail.extend({ timestamp: time, destination: z.array(z.string()) }) })

/** SES did not try: the address is on its own or the account's suppression list. */
const SUPPRESSED = new Set(['Suppressed', 'OnAccountSuppressionList'])

interface Facts {
  outcome: Outcome
  at: Date
  /** Tells this event from others of the same kind about the same message. */
  key: string
  mail: z.output<typeof mail>
  recipients: { address: string; reply: string | null; vendorCode?: string }[]
  reportingMta?: string | null | undefined
}

type Recipient = z.output<typeof recipient>
// A status alone is a reply too: the enhanced status code is what the other server said.
const replyOf = (it: Recipient) => it.diagnosticCode || it.status || null

function withoutReply(recipients: Recipient[], vendorCode: string) {
  return recipients.map((it) => ({ address: it.emailAddress, reply: null, vendorCode }))
}

function withReply(recipients: Recipient[], vendorCode: string | null | undefined) {
  return recipients.map((it) => {
    const reply = replyOf(it)
    return { address: it.emailAddress, reply, ...(reply === null && vendorCode ? { vendorCode } : {}) }
  })
}

// Delivered, bounced and deferred are the attempts, so that they are the denominator as well. `Send` says only that SES
// took the message in: counting it too would count each message twice.
const READERS: Record<string, (event: unknown) => Facts> = {
  Delivery(event) {
    const { mail, delivery: it } = delivery.parse(event)
    const recipients = it.recipients.map((address) => ({ address, reply: it.smtpResponse || null }))
    const at = it.timestamp
    return { outcome: 'delivered', at, key: at.toISOString(), mail, recipients, reportingMta: it.reportingMTA }
  },
  Bounce(event) {
    const { mail, bounce: it } = bounce.parse(event)
    const base = { at: it.timestamp, key: it.feedbackId, mail, reportingMta: it.reportingMTA }
    const kind = it.bounceSubType ?? 'Undetermined'
    return SUPPRESSED.has(kind)
      ? { ...base, outcome: 'dropped', recipients: withoutReply(it.bouncedRecipients, kind) }
      : { ...base, outcome: 'bounced', recipients: withReply(it.bouncedRecipients, kind) }
  },
  DeliveryDelay(event) {
    const { mail, deliveryDelay: it } = delay.parse(event)
    const recipients = withReply(it.delayedRecipients, it.delayType)
    const at = it.timestamp
    return { outcome: 'deferred', at, key: at.toISOString(), mail, recipients, reportingMta: it.reportingMTA }
  },
  Complaint(event) {
    const { mail, complaint: it } = complaint.parse(event)
    const base = { at: it.timestamp, key: it.feedbackId, mail }
    return it.complaintSubType && SUPPRESSED.has(it.complaintSubType)
      ? { ...base, outcome: 'dropped', recipients: withoutReply(it.complainedRecipients, it.complaintSubType) }
      : { ...base, outcome: 'complained', recipients: withReply(it.complainedRecipients, null) }
  },
  Reject(event) {
    const { mail } = reject.parse(event)
    const recipients = mail.destination.map((address) => ({ address, reply: null, vendorCode: 'Reject' }))
    return { outcome: 'dropped', at: mail.timestamp, key: '', mail, recipients }
  },
}

/** What one event says, per recipient, and the mail server of SES that said it, where it names one. */
export interface SesEvent {
  observations: Extract<Observation, { kind: 'event' }>[]
  reportingMta: string | null
}

/**
 * Reads an event of SES (event publishing, or the feedback notifications of an identity). Null for kinds that say
 * nothing about delivery: Send, Open, Click, Rendering Failure, Subscription, and whatever comes later. Throws a ZodError or
 * an Error for one that has not the documented shape.
 */
export function readEvent(event: unknown, campaignTag: string): SesEvent | null {
  const { eventType, notificationType } = kinds.parse(event)
  const kind = eventType ?? notificationType
  if (kind === undefined) throw new Error('it has neither eventType nor notificationType')
  const facts = Object.hasOwn(READERS, kind) ? READERS[kind]?.(event) : undefined
  if (!facts) return null
  const dims = dimsOf(facts.mail, campaignTag)
  const observations = facts.recipients.map(({ address, reply, vendorCode }) => {
    const domain = domainOf(address)
    if (!domain) throw new Error('a recipient has no domain')
    return {
      kind: 'event' as const,
      id: eventId(facts.mail.messageId, kind, facts.key, address.toLowerCase()),
      at: facts.at,
      outcome: facts.outcome,
      reply: reply === null ? null : redact(reply),
      to: { domain },
      dims,
      ...(vendorCode ? { vendorCode } : {}),
    }
  })
  return { observations, reportingMta: facts.reportingMta ?? null }
}

function dimsOf({ tags, source }: z.output<typeof mail>, campaignTag: string): Dims {
  const senderDomain = tags['ses:from-domain']?.[0]?.toLowerCase() ?? domainOf(source ?? '')
  const ip = tags['ses:outgoing-ip']?.[0]
  const stream = tags['ses:configuration-set']?.[0]
  const campaign = tags[campaignTag]?.[0]
  return {
    ...(senderDomain ? { senderDomain } : {}),
    ...(ip ? { ip } : {}),
    ...(stream ? { stream: redact(stream) } : {}),
    ...(campaign ? { campaign: redact(campaign) } : {}),
  }
}
