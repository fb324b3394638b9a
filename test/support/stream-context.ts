import { systemClock } from '../../src/lib/system-clock.ts'
import type { EspContext } from '../../src/ports/esp.ts'
import { espContext } from './esp-context.ts'

/** What a stream source is opened with: it waits, so its clock runs, and its pauses are short. */
export const streamContext = (): EspContext => ({
  ...espContext(new Date()),
  clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 50, signal) },
})
