/** Time as the domain sees it. The demo's runs faster than the wall, a test's stands still. */
export interface Clock {
  now(): Date
  /** Resolves after `ms` of this clock's time; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
