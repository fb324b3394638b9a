/** What is kept for how long. */
export interface Retention {
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
