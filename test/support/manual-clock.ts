import type { Clock } from '../../src/ports/clock.ts'

/** A clock that stands still until it is set. Sleeping is for those who do not mind to wait for ever. */
export function createManualClock(start: Date): Clock & { set(to: Date): void } {
  let now = start
  return {
    now: () => now,
    set: (to) => {
      now = to
    },
    sleep: (_, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  }
}
