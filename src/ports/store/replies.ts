import type { Usage } from '../../lookup/usage.ts'
import type { Cause, Retry, Signal } from '../../smtp/causes.ts'
import type { Outcome } from '../../smtp/outcomes.ts'

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

/** Every reply there ever was, and the traffic that carried it. */
export interface Replies {
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
