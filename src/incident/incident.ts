import type { Slice, SlicePattern } from '../detect/finding.ts'
import type { Signal } from '../smtp/causes.ts'

export type IncidentState = 'open' | 'acknowledged' | 'snoozed' | 'resolved'
export type Severity = 'low' | 'medium' | 'high' | 'critical'

/** The figures that are shown, as of `at`. */
export interface Reading {
  at: Date
  rate: number | null
  baseline: number | null
  attempts: number | null
  failures: number
}

export interface IncidentBase {
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
  reopened: number
}

/** Mail is refused or slowed. */
export interface DeliveryIncident extends IncidentBase {
  kind: 'delivery'
  trigger: 'sudden' | 'drift' | 'rule'
  rule: string | null
  signal: Signal
  where: SlicePattern
  slices: Slice[]
  reading: Reading
}

/** A source fails or fell silent: Bouncebell is blind there. */
export interface BlindIncident extends IncidentBase {
  kind: 'blind'
  source: string
  /** What happened, without secrets ("401 from Mailgun"), and what the person should do. */
  problem: string
  remedy: string
}

export type Incident = DeliveryIncident | BlindIncident

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
    | 'resolved'
    | 'reopened'
    | 'reminded'
    | 'merged'
    | 'muted'
  /** A sentence for the thread. */
  says: string
}
