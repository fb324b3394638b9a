import type { Slice, SlicePattern } from '../../detect/finding.ts'
import type { AuditEntry, Incident } from '../../incident/incident.ts'
import type { Cause, Retry, Signal } from '../../smtp/causes.ts'
import type { ChannelRef, MessageRef } from '../chat.ts'
import type { Malformed, Outcome, Window } from '../esp.ts'

/** A reply as it is kept: its codes, its masked text, and what we make of it. Unique by those and the provider. */
export interface StoredReply {
  /** The masked text without the codes: `template` of a Verdict. */
  template: string
  /** The mailbox provider it came from, `other` where it is none that we know. */
  provider: string
  code: number | null
  enhanced: string | null
  cause: Cause
  signal: Signal | null
  retry: Retry
  /** The rule that said so. */
  rule: string
  /** True where the text names its cause beyond doubt. */
  named: boolean
}

/** So many results of one kind in one minute. `reply` is null for a delivery without text. */
export interface CounterRow {
  minute: Date
  slice: Omit<Slice, 'source'> & { stream: string }
  outcome: Outcome
  reply: StoredReply | null
  n: number
}

export interface StoredEvent {
  id: string
  row: CounterRow
}

export interface WindowRecord extends Window {
  reads: number
  nextReadAt: Date | null
  state: 'read' | 'failed'
  problem: string | null
  /** How many items the source had in it when it was read, as far as that is known. */
  items: number | null
}

/** A minute of one slice, summed over templates, as the detector takes it. */
export interface SliceMinute {
  minute: Date
  slice: Slice
  outcome: Outcome
  replyId: number | null
  n: number
}

/** A minute of one source. */
export interface CountedMinute {
  minute: Date
  counted: SliceMinute[]
}

/** Minutes whose counters are not what they were at `since`; `revision` is to be passed next time. */
export interface Changes {
  revision: bigint
  minutes: { source: string; minute: Date }[]
}

/** Own traffic that carries a reply: what a lookup shows. */
export interface Usage {
  total: number
  perHour: { at: Date; n: number }[]
  by: { provider: string; ip: string; senderDomain: string; source: string; n: number }[]
  firstSeen: Date | null
  lastSeen: Date | null
}

export interface ReplyFilter {
  code?: number
  enhanced?: string
  cause?: Cause
  rule?: string
  template?: string
  /** A word or token that the reply's text contains, in any case: "TSS04", "spamhaus". */
  word?: string
  provider?: string
  source?: string
  /** What became of the message: any of these; everything where left out. */
  outcomes?: readonly Outcome[]
}

/** A reply to failed attempts that is new from its source. */
export interface FirstSeen {
  reply: StoredReply
  source: string
  firstSeen: Date
  lastSeen: Date
  /** Failed attempts that it was given to so far. */
  n: number
  /** The oldest minute that is known of the source: newness means little where that is not long before. */
  knownSince: Date
}

export interface SourceHealth {
  source: string
  type: string
  lastOkAt: Date | null
  lastEventAt: Date | null
  failingSince: Date | null
  /** Not to be asked before: the source wanted a pause, or it fails and is tried at longer intervals. */
  pausedUntil: Date | null
  problem: string | null
  remedy: string | null
  malformed: number
}

/** What is wrong with a source although it can be read, and what a person should do. */
export interface Trouble {
  problem: string
  remedy: string
}

/** The pg-boss queue of deliveries: `{ incidentId, to }`, one at a time per message. */
export const DELIVER_QUEUE = 'deliver'

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

/** A transition: everything in it is committed together, or nothing. */
export interface IncidentCommit {
  incident: Incident
  /** The version it was made from; 0 for a new one. */
  from: number
  audit: Omit<AuditEntry, 'seq'>[]
  /** The channels whose messages are to be brought up to date. */
  deliverTo: ChannelRef[]
}

/** Too little room to store more. */
export interface Shortage {
  problem: string
  remedy: string
}

/** A right that one replica at a time holds. */
export interface Lease {
  /** Aborted when the right is lost (the connection broke): stop at once. */
  lost: AbortSignal
  release(): Promise<void>
}

/** Somebody else changed the incident in between: read again and decide anew. */
export class Conflict extends Error {
  override readonly name = 'Conflict'
}

/** Something stored that cannot be read: `what` names it, `problem` says why, without its content. */
export interface UnreadableItem {
  what: string
  problem: string
}

/** What was found unreadable in the database. It is skipped and told to people; it never stops the rest. */
export interface Unreadable {
  /** Of that kind these cannot be read now, and no others. */
  found(kind: string, items: readonly UnreadableItem[]): void
  list(): readonly UnreadableItem[]
}

export interface Store {
  readonly counters: {
    /**
     * Replaces what is stored for the window, in one transaction with the ledger. The same rows again change nothing.
     * What the database refuses is set aside as malformed, here and below, and told.
     */
    replaceWindow(
      source: string,
      window: Window,
      rows: CounterRow[],
      ledger: { at: Date; nextReadAt: Date | null; malformed?: Malformed[]; items?: number },
    ): Promise<Malformed[]>
    /** Adds what was not seen yet, with position and malformed items, in one transaction. */
    addEvents(
      source: string,
      events: StoredEvent[],
      extra: { at: Date; position?: string; malformed?: Malformed[] },
    ): Promise<{ stored: number; duplicates: number; setAside?: Malformed[] }>
    position(source: string): Promise<string | null>
    read(window: Window, source?: string): Promise<SliceMinute[]>
    /** Each of these minutes of a source, in order, read in pages that are bounded by what they hold. */
    minutes(source: string, minutes: readonly Date[]): AsyncIterable<CountedMinute>
    /** Sums over the slices that agree with a pattern or are listed, for each step of so many minutes from `window.from`. */
    sums(
      window: Window,
      where: SlicePattern | readonly Slice[],
      stepMinutes: number,
    ): Promise<{ at: Date; outcome: Outcome; replyId: number | null; n: number }[]>
    changedSince(revision: bigint): Promise<Changes>
  }
  readonly windows: {
    list(source: string, since: Date): Promise<WindowRecord[]>
    fail(source: string, window: Window, problem: string, nextReadAt: Date): Promise<void>
    /** Notes that the source still has the same in these windows; each is due again then. */
    confirm(source: string, windows: readonly (Window & { nextReadAt: Date | null })[]): Promise<void>
    /** Forgets the windows that lie in this one, so that it is read as if for the first time. */
    release(source: string, window: Window): Promise<void>
    /** Forgets the windows that end after `beyond`, and says how many: a clock that was ahead has made them. */
    forget(source: string, beyond: Date): Promise<number>
  }
  readonly replies: {
    byId(ids: number[]): Promise<Map<number, StoredReply>>
    /** What every reply means, by its id. */
    labels(): Promise<ReadonlyMap<number, Pick<StoredReply, 'cause' | 'signal' | 'named'>>>
    /** Every reply there ever was, as templates: a few thousand. */
    all(): Promise<StoredReply[]>
    /** In whole hours: from the one that `since` is in to the one that `until` is in, as far as it has gone. Throws Unavailable where that takes too long. */
    usage(filter: ReplyFilter, since: Date, until: Date): Promise<Usage>
    /** Replies to failed attempts that their source gave for the first time since then, in the order of that. */
    firstSeen(since: Date): Promise<FirstSeen[]>
    /** Calls `classify` for every stored reply and writes what changed, unless `rulesHash` is the one that did it last. */
    reclassify(
      rulesHash: string,
      classify: (reply: StoredReply) => StoredReply,
    ): Promise<{ changed: number; skipped: boolean }>
  }
  readonly sources: {
    /** It was read. With `trouble` not all is well: it counts as failing, since when it first had one. */
    ok(source: string, type: string, at: Date, lastEventAt: Date | null, trouble?: Trouble | null): Promise<void>
    failed(
      source: string,
      type: string,
      at: Date,
      /** With `unlessOkSince` nothing is noted where it was read since then: another replica reads it still. */
      why: { problem: string; remedy: string; pausedUntil: Date | null; unlessOkSince?: Date },
    ): Promise<void>
    health(): Promise<SourceHealth[]>
  }
  readonly incidents: {
    /** Throws Conflict. An incident whose row cannot be read is skipped by all of these. */
    commit(changes: IncidentCommit[]): Promise<void>
    get(id: string): Promise<Incident | null>
    /** Everything not resolved, and what was resolved after `since`; newest first. */
    current(since: Date): Promise<Incident[]>
    audit(id: string): Promise<AuditEntry[]>
  }
  readonly messages: {
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
  readonly state: {
    /** A detector's state and the like: opaque, versioned by the writer. */
    load(key: string): Promise<Uint8Array | null>
    save(key: string, value: Uint8Array): Promise<void>
  }
  readonly unreadable: Unreadable
  readonly leases: {
    /** Null when another replica has it. Freed by itself when its holder dies. */
    take(name: string): Promise<Lease | null>
  }
  readonly retention: {
    /**
     * Adds finished hours that changed since they were last added to the roll-ups that questions read: some of them, the
     * newest first, and `left` says how many more there are. Hours before `from` stay as they are: of their minutes some
     * may be gone. What is not added yet is read from the counters, so that no answer depends on when this is called.
     */
    rollUp(from: Date, now: Date): Promise<{ hours: number; left: number }>
    /** Makes what the next days need, so that no writer has to wait for it. */
    prepare(now: Date): Promise<void>
    /** Drops or deletes what is older: minute counters by day, roll-ups by month, event ids, journal entries. */
    prune(before: { minutes: Date; hours: Date; seen: Date; journal: Date }): Promise<void>
  }
  /** Why nothing more should be read into the database now; null where there is room. */
  shortage(): Shortage | null
  /** For /readyz and doctor. Throws Unavailable. */
  ping(): Promise<void>
  close(): Promise<void>
}
