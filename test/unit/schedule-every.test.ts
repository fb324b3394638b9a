import { describe, expect, it } from 'vitest'
import { every } from '../../src/jobs/schedule.ts'

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
