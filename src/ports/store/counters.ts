import type { Slice, SlicePattern } from '../../detect/state/slice.ts'
import type { Outcome } from '../../smtp/outcomes.ts'
import type { Malformed, Window } from '../esp.ts'
import type { StoredReply } from './replies.ts'

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

/** What was counted, minute by minute. */
export interface Counters {
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
