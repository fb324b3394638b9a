import { setTimeout as wait } from 'node:timers/promises'
import type { Store } from '../../../src/ports/store/index.ts'
import { minute } from '../../support/store-rows.ts'
import { createWatchHarness } from '../../support/watch-harness.ts'

const MINUTE_MS = 60_000
/** As serving waits. */
const PATIENCE_MS = 5000
const LOOK_EVERY_MS = 250

/** A process that begins at this time: how long until its first watch is done, and until a detector watches. Its state is stored at the end. */
export async function watchFrom(store: Store, time: number): Promise<Record<string, number>> {
  const harness = createWatchHarness(store, 'retail', [], 'for scale', PATIENCE_MS)
  const at = (time - minute(0).getTime()) / MINUTE_MS
  const began = performance.now()
  await harness.watch(at)
  const first = performance.now() - began
  while (!harness.isDetecting()) {
    await wait(LOOK_EVERY_MS)
    await harness.watch(at)
  }
  const detecting = performance.now() - began
  await harness.stop()
  return { first, detecting }
}
