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
