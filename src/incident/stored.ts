import { z } from 'zod'
import { CAUSE_NAMES, type Cause, SIGNALS } from '../smtp/causes.ts'
import { type Incident, type IncidentEvidence, SEVERITIES } from './incident.ts'

// What another version of Bouncebell, or a hand, left in the database: what does not fit must not reach the reducer.

const time = z.iso.datetime().transform((text) => new Date(text))
const signal = z.enum(SIGNALS)
const cause = z.enum(CAUSE_NAMES as [Cause, ...Cause[]])
const link = z.object({ label: z.string(), url: z.string() })

const pattern = z.object({
  source: z.string().exactOptional(),
  provider: z.string().exactOptional(),
  ip: z.string().exactOptional(),
  senderDomain: z.string().exactOptional(),
  campaign: z.string().exactOptional(),
})
const slice = z.object({
  source: z.string(),
  provider: z.string(),
  ip: z.string(),
  senderDomain: z.string(),
  campaign: z.string(),
})
const reading = z.object({
  at: time,
  rate: z.number().nullable(),
  baseline: z.number().nullable(),
  attempts: z.number().nullable(),
  failures: z.number(),
})

const base = {
  id: z.string(),
  fingerprint: z.string(),
  version: z.int().min(1),
  state: z.enum(['open', 'acknowledged', 'snoozed', 'resolved']),
  severity: z.enum(SEVERITIES),
  stale: z.boolean(),
  openedAt: time,
  since: time,
  updatedAt: time,
  resolvedAt: time.nullable(),
  snoozedUntil: time.nullable(),
  acknowledgedBy: z.string().nullable(),
  // Not in what older versions stored.
  owner: z.object({ platform: z.string(), id: z.string(), name: z.string() }).nullable().default(null),
  reopened: z.number(),
  toldAt: time,
  told: z.boolean(),
  muted: z.object({ reason: z.string(), endsAt: time }).nullable(),
}

/** It is gathered again with the next finding, so an incident does not fail for it. */
const NO_EVIDENCE: IncidentEvidence = { replies: [], series: [], unit: 'count', names: {}, links: [], notes: [] }
const evidence = z
  .object({
    replies: z.array(
      z.object({
        code: z.number().nullable(),
        enhanced: z.string().nullable(),
        template: z.string(),
        provider: z.string(),
        cause,
        rule: z.string(),
        n: z.number(),
      }),
    ),
    series: z.array(z.object({ at: time, value: z.number() })),
    unit: z.enum(['percent', 'count']),
    names: z.record(z.string(), z.string()),
    links: z.array(link),
    notes: z.array(z.string()),
  })
  .catch(NO_EVIDENCE)

const delivery = z
  .object({
    ...base,
    kind: z.literal('delivery'),
    trigger: z.enum(['sudden', 'drift', 'rule']),
    rule: z.string().nullable(),
    signal,
    where: pattern,
    slices: z.array(slice),
    says: z.string(),
    reading,
    worst: reading,
    // Nor this.
    worstSeverity: z.enum(SEVERITIES).exactOptional(),
    recoveredAt: time.nullable(),
    holdMinutes: z.number(),
    relapses: z.array(z.object({ at: time })),
    also: z.array(signal),
    mergedInto: z.string().nullable(),
    evidence,
  })
  .transform((incident) => ({ ...incident, worstSeverity: incident.worstSeverity ?? incident.severity }))

const blind = z.object({
  ...base,
  kind: z.literal('blind'),
  source: z.string(),
  problem: z.string(),
  remedy: z.string(),
})

const newReply = z.object({
  ...base,
  kind: z.literal('new-reply'),
  source: z.string(),
  provider: z.string(),
  providerName: z.string(),
  code: z.number().nullable(),
  enhanced: z.string().nullable(),
  template: z.string(),
  cause: cause.catch('unknown'),
  signal: signal.nullable().catch(null),
  rule: z.string(),
  links: z.array(link),
  n: z.number(),
  lastAt: time,
  countedAt: time,
  untold: z.array(z.string()),
  mergedInto: z.string().nullable(),
})

/** An incident as it comes back from JSON. */
export const storedIncidentSchema: z.ZodType<Incident> = z.discriminatedUnion('kind', [delivery, blind, newReply])
