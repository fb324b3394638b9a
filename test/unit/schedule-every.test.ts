import { describe, expect, it } from 'vitest'
import { RETENTION, retain } from '../../src/jobs/retain.ts'
import { every } from '../../src/jobs/schedule.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { minute } from '../support/store-rows.ts'

const DAY = 1440

describe('every so many seconds', () => {
  it.each([
    [0, '*/1 * * * * *'],
    [1, '*/1 * * * * *'],
    [30, '*/30 * * * * *'],
    [59, '*/59 * * * * *'],
    [60, '0 */1 * * * *'],
    [90, '0 */2 * * * *'],
    [300, '0 */5 * * * *'],
    [3540, '0 */59 * * * *'],
    [3600, '0 0 */1 * * *'],
    [7200, '0 0 */2 * * *'],
    [200_000, '0 0 */23 * * *'],
  ])('%i is "%s" as a cron expression', (seconds, expression) => {
    expect(every(seconds)).toBe(expression)
  })
})

describe('what is too old', () => {
  it('is dropped by its kind, after the minutes were rolled up', async () => {
    const done: unknown[] = []
    const note = (what: string) => async (given: unknown) => {
      await new Promise((resolve) => setImmediate(resolve))
      done.push([what, given])
    }
    const store = {
      retention: { prepare: note('prepare'), rollUp: note('rollUp'), prune: note('prune') },
    } as unknown as Store
    await retain(store, { now: () => minute(0), sleep: async () => {} })
    expect(done).toEqual([
      ['prepare', minute(0)],
      ['rollUp', minute(-14 * DAY)],
      [
        'prune',
        {
          minutes: minute(-14 * DAY),
          hours: minute(-396 * DAY),
          seen: minute(-RETENTION.seenDays * DAY),
          journal: minute(-90 * DAY),
        },
      ],
    ])
  })

  it.each(['prepare', 'rollUp'])('is not dropped where "%s" failed', async (failing) => {
    let isPruned = false
    const step = (name: string) => async () => {
      await new Promise((resolve) => setImmediate(resolve))
      if (name === failing) throw new Error('the connection was lost')
      if (name === 'prune') isPruned = true
    }
    const store = {
      retention: { prepare: step('prepare'), rollUp: step('rollUp'), prune: step('prune') },
    } as unknown as Store
    await expect(retain(store, { now: () => minute(0), sleep: async () => {} })).rejects.toThrow('connection')
    expect(isPruned).toBe(false)
  })
})
