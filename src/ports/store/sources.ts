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

/** How reading each source went. */
export interface Sources {
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
