import { z } from 'zod'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store/index.ts'
import { parsedJson } from './stored-json.ts'

const STATE_KEY = 'watch: how far the detector is built'
/** How often progress is reported, by the process's own clock. */
const EVERY_MS = 5000
/** A build that reported nothing for this long has died. */
const ALIVE_MS = 60_000

const schema = z.object({ share: z.number(), at: z.coerce.date() })

/** Reports the progress of a build that takes longer than a moment, in the log and, for `/smtp status`, in the store. */
export function createBuildReport(state: Store['state'], clock: Pick<Clock, 'now'>, log: Log) {
  const started = performance.now()
  let last = started
  let saved: Promise<void> = Promise.resolve()
  const save = (share: number) => {
    const value = new TextEncoder().encode(JSON.stringify({ share, at: clock.now() }))
    saved = saved
      .then(() => state.save(STATE_KEY, value))
      .catch((error: unknown) => log.debug({ err: error }, 'progress'))
  }
  return {
    progress(share: number): void {
      const now = performance.now()
      if (now - last < EVERY_MS) return
      last = now
      const left = Math.round(((now - started) * (1 - share)) / share / 1000)
      log.info({ percent: Math.floor(share * 100) }, `building the detector: ${percent(share)}, about ${left} s left`)
      save(share)
    },
    async end(): Promise<void> {
      if (last !== started) {
        save(1)
        log.info({ seconds: Math.round((performance.now() - started) / 1000) }, 'the detector is ready')
      }
      await saved
    },
  }
}

const percent = (share: number) => `${Math.floor(share * 100)}%`

/** The progress of a build that is running, as a line of a card; null if there is none. */
export async function describeBuilding(
  state: Store['state'],
  clock: Pick<Clock, 'now'>,
): Promise<{ label: string; value: string } | null> {
  const saved = await state.load(STATE_KEY)
  const read = schema.safeParse(saved && parsedJson(saved))
  if (!read.success || read.data.share >= 1) return null
  if (clock.now().getTime() - read.data.at.getTime() > ALIVE_MS) return null
  return { label: 'History', value: `${percent(read.data.share)} learned; your own rules are already active` }
}
