import { z } from 'zod'
import type { Settled } from '../detect/calibration-summary.ts'
import type { Store } from '../ports/store/index.ts'
import { SIGNALS } from '../smtp/causes.ts'
import { parsedJson } from './stored-json.ts'

const STATE_KEY = 'watch: what the detector settled on'

const schema = z.object({
  slices: z.number(),
  sliceDays: z.number(),
  signals: z.array(z.object({ signal: z.enum(SIGNALS), bars: z.array(z.number()), stray: z.number() })),
})

/** Kept in the store, since people ask any replica, and doctor runs beside them all. */
export const saveSettled = (state: Store['state'], settled: Settled): Promise<void> =>
  state.save(STATE_KEY, new TextEncoder().encode(JSON.stringify(settled)))

/** Null before the first watch, and where what is stored cannot be read: the next hour's is written over it. */
export async function loadSettled({ state, unreadable }: Pick<Store, 'state' | 'unreadable'>): Promise<Settled | null> {
  const saved = await state.load(STATE_KEY)
  const read = schema.safeParse(saved && parsedJson(saved))
  const isBroken = saved !== null && !read.success
  unreadable.found(
    'settled',
    isBroken ? [{ what: 'what the detector settled on', problem: 'not in the right form' }] : [],
  )
  return read.data ?? null
}
