import type { ChannelRef, MessageRef } from '../chat.ts'

/** The state of one message that shows one incident. */
export interface MessageRecord {
  incidentId: string
  to: ChannelRef
  ref: MessageRef | null
  /** The incident's version that the message shows; 0: none yet. */
  shownVersion: number
  /** The last audit row that its thread has. */
  threadSeq: number
  /** True from before a post until its outcome is recorded: an earlier try may have got through. */
  posting: boolean
  /** When the message was last posted or edited. */
  shownAt: Date | null
}

/** The messages that show incidents, and the jobs that bring them up to date. */
export interface Messages {
  get(incidentId: string, to: ChannelRef): Promise<MessageRecord | null>
  list(incidentId: string): Promise<MessageRecord[]>
  save(record: MessageRecord): Promise<void>
  /** Messages that do not show their incident's version, or whose thread lacks a row of its history. */
  behind(): Promise<{ incidentId: string; to: ChannelRef }[]>
  /** When the oldest line of an incident's history came about that its message on one of these platforms lacks; else null. */
  waitingSince(platforms: readonly string[]): Promise<Date | null>
  /** Enqueues the delivery, unless one that could start as early is waiting already. */
  enqueue(incidentId: string, to: ChannelRef, afterSeconds: number): Promise<void>
  /** Sends the job that delivers, unless one waits already, however long it is to wait. */
  ensure(incidentId: string, to: ChannelRef): Promise<void>
}
