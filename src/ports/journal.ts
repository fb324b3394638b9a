import type { Card } from '../cards/card.ts'

/** A message of a platform that keeps none itself (the web page). */
export interface JournalEntry {
  id: string
  channel: string
  key: string
  /** The message whose thread this is in, or null. */
  parent: string | null
  card: Card
  at: Date
  updatedAt: Date
}

export interface Journal {
  /** Inserts, or replaces the card of the entry with that id. */
  put(entry: JournalEntry): Promise<void>
  /** Puts it where there is no entry with that ID yet; whether it did. Of several at once, one does. */
  claim(entry: JournalEntry): Promise<boolean>
  get(id: string): Promise<JournalEntry | null>
  /** The newest `limit` root messages with their threads, oldest first. */
  latest(channel: string, limit: number): Promise<{ revision: bigint; entries: JournalEntry[] }>
  /** What was put after `revision`, in that order. */
  since(channel: string, revision: bigint): Promise<{ revision: bigint; entries: JournalEntry[] }>
}
