/** What became of a message at one attempt. The store has them by their places here. */
export const OUTCOMES = ['delivered', 'deferred', 'bounced', 'dropped', 'complained'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** Deliveries carry replies too ("250 2.0.0 OK ... gsmtp"), and nobody asks how many of those there are. */
export const FAILED = ['deferred', 'bounced', 'dropped'] as const satisfies readonly Outcome[]
/** A drop was never tried at the provider. */
export const FAILED_THERE = ['deferred', 'bounced'] as const satisfies readonly Outcome[]
