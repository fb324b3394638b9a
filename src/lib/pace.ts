import { setImmediate } from 'node:timers/promises'

/** Nobody else should have to wait for longer than a few of these. */
const SLICE_MS = 10

/** To be awaited between small pieces of long work: lets others have their turn when the last one was a while ago. */
export type Pace = () => Promise<void>

export function createPace(sliceMs = SLICE_MS): Pace {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < sliceMs) return
    await setImmediate()
    since = performance.now()
  }
}
