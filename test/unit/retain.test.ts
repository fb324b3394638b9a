import { describe, expect, it } from 'vitest'
import { RETENTION, retain, rollUp } from '../../src/jobs/retain.ts'
import type { Shortage, Store } from '../../src/ports/store/index.ts'
import { minute } from '../support/store-rows.ts'

const DAY = 1440
const clock = { now: () => minute(0), sleep: async () => {} }

/** Notes what is asked for when it is done, since a database takes its time. */
function setUp({ failing = '', left = [0] }: { failing?: string; left?: number[] } = {}) {
  const done: unknown[] = []
  let shortage: Shortage | null = null
  let whenRolled = () => {}
  const step =
    (name: string) =>
    async (...given: unknown[]) => {
      await new Promise((resolve) => setImmediate(resolve))
      if (name === failing) throw new Error('the connection was lost')
      done.push([name, ...given])
      if (name !== 'rollUp') return undefined
      whenRolled()
      return { hours: 48, left: left.shift() }
    }
  const retention = { prepare: step('prepare'), rollUp: step('rollUp'), prune: step('prune') }
  return {
    store: { retention, shortage: () => shortage } as unknown as Store,
    done,
    runShort: () => {
      shortage = { problem: 'only 63 MB are free', remedy: 'Free some.', isTotal: false }
    },
    onRolled: (then: () => void) => {
      whenRolled = then
    },
  }
}

const pruned = [
  'prune',
  {
    minutes: minute(-14 * DAY),
    hours: minute(-396 * DAY),
    seen: minute(-RETENTION.seenDays * DAY),
    journal: minute(-90 * DAY),
  },
]

describe('what is too old', () => {
  it('is dropped by its kind, after room was made for the next days', async () => {
    const t = setUp()
    await retain(t.store, clock)
    expect(t.done).toEqual([['prepare', minute(0)], pruned])
  })

  it('is not dropped where making room for the next days failed, and says so where dropping failed', async () => {
    const t = setUp({ failing: 'prepare' })
    await expect(retain(t.store, clock)).rejects.toThrow('connection')
    expect(t.done).toEqual([])
    await expect(retain(setUp({ failing: 'prune' }).store, clock)).rejects.toThrow('connection')
  })

  it('is all that is done where there is little room on the disk', async () => {
    const t = setUp()
    t.runShort()
    await retain(t.store, clock)
    expect(t.done).toEqual([pruned])
  })
})

describe('the roll-up', () => {
  const rolled = ['rollUp', minute(-14 * DAY), minute(0)]

  it('goes on until nothing is left', async () => {
    const t = setUp({ left: [52, 4, 0] })
    await rollUp(t.store, clock, new AbortController().signal)
    expect(t.done).toEqual([rolled, rolled, rolled])
  })

  it('ends between two pieces when it is told to, or when room runs short', async () => {
    const stop = new AbortController()
    const t = setUp({ left: [52, 4, 0] })
    t.onRolled(() => stop.abort())
    await rollUp(t.store, clock, stop.signal)
    expect(t.done).toEqual([rolled])
    const short = setUp({ left: [52, 4, 0] })
    short.onRolled(short.runShort)
    await rollUp(short.store, clock, new AbortController().signal)
    expect(short.done).toEqual([rolled])
  })

  it('fails where the database does', async () => {
    const t = setUp({ failing: 'rollUp' })
    await expect(rollUp(t.store, clock, new AbortController().signal)).rejects.toThrow('connection')
  })
})
