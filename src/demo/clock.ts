import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../ports/clock.ts'

/** A clock that starts at `start` and runs `speed` times as fast as the wall. */
export function createDemoClock(start: Date, speed: number): Clock {
  const began = performance.now()
  return {
    now: () => new Date(start.getTime() + (performance.now() - began) * speed),
    async sleep(ms, signal) {
      await wait(ms / speed, undefined, signal ? { signal } : {})
    },
  }
}
