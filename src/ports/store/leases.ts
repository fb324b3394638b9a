/** A right that one replica at a time holds. */
export interface Lease {
  /** Aborted when the right is lost (the connection broke): stop at once. */
  lost: AbortSignal
  release(): Promise<void>
}

/** Rights that one replica at a time holds. */
export interface Leases {
  /** Null when another replica has it. Freed by itself when its holder dies. */
  take(name: string): Promise<Lease | null>
}
