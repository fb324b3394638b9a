import { describe, expect, it } from 'vitest'
import { parseBudget, perMonth, perSliceDay } from '../../../src/detect/alarm/budget.ts'

describe('the false-alarm budget', () => {
  it('is read as people write it', () => {
    expect(parseBudget('2 per month')).toEqual({ per: 'month', times: 2 })
    expect(parseBudget('0.5 a week')).toEqual({ per: 'week', times: 0.5 })
    expect(parseBudget('1 per 1000 slice-days')).toEqual({ per: 'slice-days', times: 1, days: 1000 })
    for (const text of ['never', '0 per month', 'per month', '1 per 0 slice-days', ''])
      expect(parseBudget(text)).toBeNull()
  })

  it('is shared out over the slices that there are', () => {
    expect(perSliceDay({ per: 'month', times: 3 }, 100)).toBeCloseTo(3 / 3000)
    expect(perSliceDay({ per: 'slice-days', times: 1, days: 1000 }, 100)).toBe(0.001)
  })

  it('is converted to false alarms a month', () => {
    const budget = { per: 'slice-days', times: 1, days: 1000 } as const
    expect(perMonth(budget, 200)).toBeCloseTo(6)
    expect(perMonth({ per: 'month', times: 2 }, 200)).toBeCloseTo(2)
  })
})
