import type { Finding } from '../detect/finding.ts'
import type { AuditEntry, Incident, Mute, PersonRef } from './incident.ts'
import type { Tally } from './new-reply-counts.ts'

/** What a person can do to an incident. */
export type PersonEvent =
  | { kind: 'acknowledge'; at: Date; actor: string; as?: PersonRef }
  | { kind: 'snooze'; at: Date; actor: string; until: Date }
  | { kind: 'unsnooze'; at: Date; actor: string }

/** Everything that can happen to an incident that is there. */
export type IncidentEvent =
  | PersonEvent
  | { kind: 'finding'; at: Date; finding: Finding }
  /** The detector was heard and said nothing of it. */
  | { kind: 'unseen'; at: Date }
  /** The source of a blind incident: blind still or again, or seeing. */
  | { kind: 'blind'; at: Date; problem: string; remedy: string }
  | { kind: 'seeing'; at: Date }
  /** The data that a delivery incident rests on stopped (`why`), or came back. */
  | { kind: 'stale'; at: Date; why: string }
  | { kind: 'fresh'; at: Date }
  /** The reply of a new-reply incident was counted; `tally` is null where it is not new after all. */
  | { kind: 'counted'; at: Date; tally: Tally | null; untold: readonly string[] }
  | { kind: 'mute'; at: Date; mute: Mute | null }
  | { kind: 'absorbed'; at: Date; into: string }
  /** Another signal fires in the same place. */
  | { kind: 'joined'; at: Date; finding: Finding }
  /** Another signal fires in its place, and it is that by now. */
  | { kind: 'turned'; at: Date; finding: Finding }
  | { kind: 'time'; at: Date }

export type AuditRow = Omit<AuditEntry, 'seq'>

/** The incident after an event, the very same object where nothing changed, and what to say in its thread. */
export interface Step<I extends Incident = Incident> {
  incident: I
  audit: AuditRow[]
}

export const BOUNCEBELL = 'bouncebell'

export const says = (what: AuditRow['what'], at: Date, sentence: string, actor = BOUNCEBELL): AuditRow => ({
  at,
  actor,
  what,
  says: sentence,
})

export const unchanged = <I extends Incident>(incident: I): Step<I> => ({ incident, audit: [] })
