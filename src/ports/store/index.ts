import type { Counters } from './counters.ts'
import type { Incidents } from './incidents.ts'
import type { Leases } from './leases.ts'
import type { Messages } from './messages.ts'
import type { Replies } from './replies.ts'
import type { Retention } from './retention.ts'
import type { Sources } from './sources.ts'
import type { State } from './state.ts'
import type { Unreadable } from './unreadable.ts'
import type { Windows } from './windows.ts'

export type { Changes, CountedMinute, CounterRow, SliceMinute, StoredEvent } from './counters.ts'
export type { IncidentCommit, RefusedCommit } from './incidents.ts'
export { Conflict } from './incidents.ts'
export type { Lease } from './leases.ts'
export type { MessageRecord } from './messages.ts'
export type { FirstSeen, ReplyFilter, StoredReply } from './replies.ts'
export type { SourceHealth, Trouble } from './sources.ts'
export type { Unreadable, UnreadableItem } from './unreadable.ts'
export type { WindowRecord } from './windows.ts'

/** Too little room to store more. */
export interface Shortage {
  problem: string
  remedy: string
  /** So little that nothing can be stored at all, and nothing read. */
  isTotal: boolean
}

export interface Store {
  readonly counters: Counters
  readonly windows: Windows
  readonly replies: Replies
  readonly sources: Sources
  readonly incidents: Incidents
  readonly messages: Messages
  readonly state: State
  readonly unreadable: Unreadable
  readonly leases: Leases
  readonly retention: Retention
  /** Why nothing more should be read into the database now; null where there is room. */
  shortage(): Shortage | null
  /** For /readyz and doctor. Throws Unavailable. */
  ping(): Promise<void>
  close(): Promise<void>
}
