import { expect, test } from 'vitest'
import { retryAfterMs } from '../../src/lib/retry-after.ts'

const now = new Date('2026-03-02T10:00:00Z')

test.each([
  ['seconds', '120', 120_000],
  ['zero', '0', 0],
  ['fractions, as some vendors send them', '1.5', 1500],
  ['an HTTP date', 'Mon, 02 Mar 2026 10:02:30 GMT', 150_000],
  ['a date that has passed', 'Mon, 02 Mar 2026 09:00:00 GMT', 0],
  ['more than a day', '999999', 86_400_000],
  ['nothing', null, 60_000],
  ['nonsense', 'soon', 60_000],
])('%s', (_, value, ms) => {
  expect(retryAfterMs(value, now)).toBe(ms)
})
