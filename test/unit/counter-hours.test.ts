import { describe, expect, it } from 'vitest'
import { addTo, byHour, type Counter, type PackedHour, replaceIn } from '../../src/store/counter-hours.ts'
import { type HourMinutes, noMinutes, packMinutes } from '../../src/store/packed-minutes.ts'

const KEY = { slice: 1, outcome: 0, reply: 0 }
const counter = (minute: number, n: number, change: Partial<Counter> = {}): Counter => ({
  ...KEY,
  minute,
  n,
  ...change,
})
/** An hour's counts, by minute. */
const counts = (given: Record<number, number>): HourMinutes => {
  const minutes = noMinutes()
  for (const [minute, n] of Object.entries(given)) minutes[Number(minute)] = n
  return minutes
}
const stored = (given: Record<number, number>, change: Partial<PackedHour> = {}): PackedHour => ({
  ...KEY,
  minutes: packMinutes(counts(given)),
  ...change,
})
const wanted = (given: Record<number, number>) =>
  byHour(Object.entries(given).map(([minute, n]) => counter(Number(minute), n))).get(0) ?? new Map()
const WHOLE = { from: 0, to: 60 }

describe('counters by hour', () => {
  it('are summed by minute and key, and those of nothing are left out', () => {
    const hours = byHour([
      counter(59, 1),
      counter(60, 2),
      counter(60, 3),
      counter(119, 4),
      counter(60, 5, { reply: 7 }),
      counter(60, 6, { slice: 2 }),
      counter(60, 7, { outcome: 1 }),
      counter(200, 0),
    ])
    expect([...hours.keys()]).toEqual([0, 1])
    expect([...hours.get(0)!.values()]).toEqual([{ ...KEY, minutes: counts({ 59: 1 }) }])
    expect([...hours.get(1)!.values()]).toEqual([
      { ...KEY, minutes: counts({ 0: 5, 59: 4 }) },
      { ...KEY, reply: 7, minutes: counts({ 0: 5 }) },
      { ...KEY, slice: 2, minutes: counts({ 0: 6 }) },
      { ...KEY, outcome: 1, minutes: counts({ 0: 7 }) },
    ])
  })
})

describe('an hour that is read again', () => {
  it('is left alone where nothing differs', () => {
    expect(replaceIn(WHOLE, [stored({ 3: 5 })], wanted({ 3: 5 }))).toEqual({ put: [], remove: [], minutes: new Set() })
  })

  it('has the minutes of the span as they are wanted, and the others as they were', () => {
    const change = replaceIn({ from: 10, to: 20 }, [stored({ 9: 1, 10: 2, 19: 3, 20: 4 })], wanted({ 11: 9 }))
    expect(change).toEqual({
      put: [{ ...KEY, minutes: counts({ 9: 1, 11: 9, 20: 4 }) }],
      remove: [],
      minutes: new Set([10, 11, 19]),
    })
  })

  it('loses the counters of which nothing is left', () => {
    const other = stored({ 3: 5 }, { reply: 7 })
    expect(replaceIn(WHOLE, [stored({ 3: 5 }), other], wanted({ 3: 5 }))).toEqual({
      put: [],
      remove: [{ ...KEY, reply: 7 }],
      minutes: new Set([3]),
    })
  })

  it('gets the counters that are new', () => {
    const change = replaceIn(WHOLE, [], wanted({ 0: 1, 59: 2 }))
    expect(change).toEqual({
      put: [{ ...KEY, minutes: counts({ 0: 1, 59: 2 }) }],
      remove: [],
      minutes: new Set([0, 59]),
    })
  })
})

describe('an hour to which something is added', () => {
  it('has the sums of those that it had, notes only what came, and leaves the rest alone', () => {
    const rows = [stored({ 3: 5, 4: 1 }), stored({ 3: 100 }, { slice: 2 })]
    expect(addTo(rows, wanted({ 3: 2, 7: 1 }))).toEqual({
      put: [{ ...KEY, minutes: counts({ 3: 7, 4: 1, 7: 1 }) }],
      remove: [],
      minutes: new Set([3, 7]),
    })
  })
})
