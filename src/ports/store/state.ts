/** What is opaque to the store. */
export interface State {
  /** A detector's state and the like: opaque, versioned by the writer. */
  load(key: string): Promise<Uint8Array | null>
  save(key: string, value: Uint8Array): Promise<void>
}
