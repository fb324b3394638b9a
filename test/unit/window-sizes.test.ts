import { describe, expect, it } from 'vitest'
import { createWindowSizes } from '../../src/jobs/window-sizes.ts'
import { minute } from '../support/store-rows.ts'

const SECOND = 1000

/** The size after windows of so many minutes that took so long. */
function after(...read: [minutes: number, tookMs: number][]) {
  const sizes = createWindowSizes()
  for (const [minutes, tookMs] of read) sizes.note('s', { from: minute(0), to: minute(minutes) }, tookMs)
  return sizes.minutes('s')
}

describe('how long a window should be', () => {
  it.each<[string, [number, number][], number]>([
    ['five minutes before anything is known', [], 5],
    ['as long as would have taken twenty seconds', [[60, 40 * SECOND]], 30],
    ['whole minutes, rounded down', [[16, 30 * SECOND]], 10],
    ['four times as long as what was read, at most', [[10, 1 * SECOND]], 40],
    [
      'no shorter for a short one that was quick',
      [
        [60, 20 * SECOND],
        [1, 1 * SECOND],
      ],
      20,
    ],
    [
      'what it was, after a short one that took no time',
      [
        [60, 20 * SECOND],
        [1, 0],
      ],
      60,
    ],
    ['six hours at most', [[360, 1 * SECOND]], 360],
    ['a minute at least', [[1, 500 * SECOND]], 1],
  ])('is %s', (_, read, minutes) => {
    expect(after(...read)).toBe(minutes)
  })

  it('is known of each source by itself', () => {
    const sizes = createWindowSizes()
    sizes.note('slow', { from: minute(0), to: minute(15) }, 100 * SECOND)
    expect([sizes.minutes('slow'), sizes.minutes('other')]).toEqual([3, 5])
  })
})
