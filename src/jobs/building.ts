import { z } from 'zod'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store/index.ts'
import { parsedJson } from './stored-json.ts'

const STATE_KEY = 'watch: how far the detector is built'
/** How often people are told, by the process's own clock. */
const EVERY_MS = 5000
/** What was not heard of for so long has died. */
const ALIVE_MS = 60_000

const schema = z.object({ share: z.number(), at: z.coerce.date() })

/** Tells on the terminal, and in the store for `/smtp status`, how far a build is, where it takes longer than a moment. */
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
      log.info(
        { percent: Math.floor(share * 100) },
        `the detector is being built: ${percent(share)}, about ${left} s left`,
      )
      save(share)
    },
    async end(): Promise<void> {
      if (last !== started) {
        save(1)
        log.info({ seconds: Math.round((performance.now() - started) / 1000) }, 'the detector is built')
      }
      await saved
    },
  }
}

const percent = (share: number) => `${Math.floor(share * 100)} %`

/** How far a build is that goes on now, as a line of a card; null where none does. */
export async function describeBuilding(
  state: Store['state'],
  clock: Pick<Clock, 'now'>,
): Promise<{ label: string; value: string } | null> {
  const saved = await state.load(STATE_KEY)
  const read = schema.safeParse(saved && parsedJson(saved))
  if (!read.success || read.data.share >= 1) return null
  if (clock.now().getTime() - read.data.at.getTime() > ALIVE_MS) return null
  return { label: 'History', value: `${percent(read.data.share)} of it is learned; your own rules already watch` }
}
