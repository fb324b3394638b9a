import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../ports/clock.ts'

export interface DemoClock extends Clock {
  /** Sets it going; it stands at its start until then. */
  go(): void
}

/** A clock that starts at `start` and, once it goes, runs `speed` times as fast as the wall. */
export function createDemoClock(start: Date, speed: number): DemoClock {
  let began: number | null = null
  return {
    go() {
      began ??= performance.now()
    },
    now: () => new Date(start.getTime() + (began === null ? 0 : (performance.now() - began) * speed)),
    async sleep(ms, signal) {
      await wait(ms / speed, undefined, signal ? { signal } : {})
    },
  }
}
