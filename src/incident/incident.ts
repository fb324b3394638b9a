import type { Slice, SlicePattern } from '../detect/state/slice.ts'
import type { Cause, Signal } from '../smtp/causes.ts'

type IncidentState = 'open' | 'acknowledged' | 'snoozed' | 'resolved'

/** How much it matters, least first. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** The figures that are shown, as of `at`: the rate is of late, attempts and failures are since the trouble began. */
export interface Reading {
  at: Date
  rate: number | null
  baseline: number | null
  attempts: number | null
  failures: number
}

/** What the card shows beside the figures. Refreshed with a new version, never the reason for one. */
export interface IncidentEvidence {
  /** What the servers say since the trouble began, most frequent first, at most three. */
  replies: {
    code: number | null
    enhanced: string | null
    template: string
    provider: string
    cause: Cause
    rule: string
    n: number
  }[]
  /** Percent of attempts that failed, or failures where attempts are unknown; at most 48 points, oldest first. */
  series: { at: Date; value: number }[]
  unit: 'percent' | 'count'
  /** What people call the providers, by id. */
  names: Record<string, string>
  /** Postmaster and delisting pages that belong to these replies. */
  links: { label: string; url: string }[]
  /** What the sources cannot tell, in sentences. */
  notes: string[]
}

// Dates come back from the store by the names of their fields: `...At`, `...Until`, `since`, `at`.

/** A silence that covers the incident: nobody is told, everything else goes on. */
export interface Mute {
  reason: string
  endsAt: Date
}

/** Somebody as their chat knows them. */
export interface PersonRef {
  platform: string
  id: string
}

export interface IncidentBase {
  /** From the fingerprint and the minute of opening, so that live and replay agree. */
  id: string
  /** The same for the same trouble; a new episode within 24 h reopens the incident that carries it. */
  fingerprint: string
  /** Raised by every transition. A chat message shows one version. */
  version: number
  state: IncidentState
  severity: Severity
  /** The data stopped: neither better nor worse is known. */
  stale: boolean
  openedAt: Date
  since: Date
  updatedAt: Date
  resolvedAt: Date | null
  snoozedUntil: Date | null
  acknowledgedBy: string | null
  /** Who acknowledged it last, to be called when it worsens or comes back. */
  owner: (PersonRef & { name: string }) | null
  reopened: number
  /** The last time that people were told something; reminders count from here. */
  toldAt: Date
  /** False while it has only ever been silenced: there is no message of it. */
  told: boolean
  muted: Mute | null
}

/** Mail is refused or slowed. */
export interface DeliveryIncident extends IncidentBase {
  kind: 'delivery'
  trigger: 'sudden' | 'drift' | 'rule'
  rule: string | null
  signal: Signal
  where: SlicePattern
  slices: Slice[]
  /** How far it reaches, in a sentence: "one IP, three providers". */
  says: string
  reading: Reading
  /** The reading with the highest rate so far (the most failures, where there are no rates). */
  worst: Reading
  worstSeverity: Severity
  /** Since when the detector calls it recovered; null while it goes on. */
  recoveredAt: Date | null
  /** How long it must stay quiet to be resolved. Doubles when it flaps. */
  holdMinutes: number
  /** When it came back after a recovery, within the last six hours. */
  relapses: { at: Date }[]
  /** Other signals that fire in the same place since the same time: one trouble, said on one card. */
  also: Signal[]
  /** The incident that absorbed this one. */
  mergedInto: string | null
  evidence: IncidentEvidence
}

/** A source fails or fell silent: Bouncebell is blind there. */
export interface BlindIncident extends IncidentBase {
  kind: 'blind'
  source: string
  /** What happened, without secrets ("401 from Mailgun"), and what the person should do. */
  problem: string
  remedy: string
}

/** A source gives a reply, in some volume, that it never gave before. Never more than a low severity. */
export interface NewReplyIncident extends IncidentBase {
  kind: 'new-reply'
  source: string
  provider: string
  /** What people call the provider. */
  providerName: string
  code: number | null
  enhanced: string | null
  template: string
  cause: Cause
  signal: Signal | null
  /** The rule that read it so. */
  rule: string
  links: { label: string; url: string }[]
  /** How often it was given since `since`, as of `countedAt`, and when last. */
  n: number
  lastAt: Date
  countedAt: Date
  /** Further new replies that are told on no card of their own. */
  untold: string[]
  /** The delivery incident that turned out to explain it. */
  mergedInto: string | null
}

export type Incident = DeliveryIncident | BlindIncident | NewReplyIncident

/** A row of the incident's history; `seq` counts from 1 within it. */
export interface AuditEntry {
  seq: number
  at: Date
  /** A person's name, or `bouncebell`. */
  actor: string
  what:
    | 'opened'
    | 'worsened'
    | 'improved'
    | 'spread'
    | 'acknowledged'
    | 'snoozed'
    | 'unsnoozed'
    | 'stale'
    | 'fresh'
    | 'recovering'
    | 'relapsed'
    | 'flapping'
    | 'resolved'
    | 'reopened'
    | 'reminded'
    | 'merged'
    | 'muted'
    | 'unmuted'
  /** A sentence for the thread. */
  says: string
}

/** One step of an incident's life: committed whole, or not at all. */
export interface Transition {
  incident: Incident
  /** The version it was made from; 0 for a new one. */
  from: number
  audit: Omit<AuditEntry, 'seq'>[]
  /** False while a silence covers it: the step is kept, nobody is told. */
  tell: boolean
}
