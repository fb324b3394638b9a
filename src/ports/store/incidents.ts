import type { AuditEntry, Incident } from '../../incident/incident.ts'
import type { ChannelRef } from '../chat.ts'

/** A transition: everything in it is committed together, or nothing. */
export interface IncidentCommit {
  incident: Incident
  /** The version it was made from; 0 for a new one. */
  from: number
  audit: Omit<AuditEntry, 'seq'>[]
  /** The channels whose messages are to be brought up to date. */
  deliverTo: ChannelRef[]
}

/** What the database refuses, however often it is tried; `problem` says why, without values. */
export interface RefusedCommit {
  incident: Incident
  problem: string
}

/** Somebody else changed the incident in between: read again and decide anew. */
export class Conflict extends Error {
  override readonly name = 'Conflict'
}

/** Incidents and their history. */
export interface Incidents {
  /**
   * All of them in one transaction, but for those that the database refuses: these come back, and the others are stored.
   * Throws Conflict. An incident whose row cannot be read is skipped by all of these.
   */
  commit(changes: IncidentCommit[]): Promise<RefusedCommit[]>
  get(id: string): Promise<Incident | null>
  /** Everything not resolved, and what was resolved after `since`; newest first. */
  current(since: Date): Promise<Incident[]>
  audit(id: string): Promise<AuditEntry[]>
}
