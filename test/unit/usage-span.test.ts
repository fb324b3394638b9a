import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spanOf } from '../../src/store/usage-span.ts'

const HOUR_MS = 3_600_000
const DAY = 24
const at = (hour: number) => new Date(hour * HOUR_MS)

/** How often each hour is counted. */
function counted({ firstDay, lastDay, edges }: ReturnType<typeof spanOf>): Map<number, number> {
  const counts = new Map<number, number>()
  const add = (from: number, to: number, n: number) => {
    for (let hour = from; hour < to; hour++) counts.set(hour, (counts.get(hour) ?? 0) + n)
  }
  add(firstDay * DAY, (lastDay + 1) * DAY, 1)
  for (const { from, to, sign } of edges) add(from, to, sign)
  return new Map([...counts].filter(([, n]) => n !== 0))
}

describe('a time as whole days and what is too much or missing of them', () => {
  it('counts each of its hours once, and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 200 }), (from, hours) => {
        const span = spanOf(at(from), at(from + hours))
        expect([span.from, span.to]).toEqual([from, from + hours])
        expect([...counted(span).keys()].sort((a, b) => a - b)).toEqual(
          Array.from({ length: hours }, (_, i) => from + i),
        )
        expect(new Set(counted(span).values())).toEqual(new Set([1]))
        // Never more than half a day at its beginning.
        for (const edge of span.edges.filter((each) => each.from < from || each.sign === 1))
          expect(edge.to - edge.from).toBeLessThanOrEqual(DAY / 2)
      }),
    )
  })

  it('takes the hours whole that it begins and ends in', () => {
    expect(spanOf(new Date(5 * HOUR_MS + 1), new Date(29 * HOUR_MS + 1))).toMatchObject({ from: 5, to: 30 })
  })

  it('is days alone where it begins and ends with one', () => {
    expect(spanOf(at(DAY), at(3 * DAY))).toEqual({ from: DAY, to: 3 * DAY, firstDay: 1, lastDay: 2, edges: [] })
  })

  it('leaves out the hours of the first day that are not meant, up to a half, or adds those that are', () => {
    expect(spanOf(at(12), at(2 * DAY))).toMatchObject({ firstDay: 0, edges: [{ from: 0, to: 12, sign: -1 }] })
    expect(spanOf(at(13), at(2 * DAY))).toMatchObject({ firstDay: 1, edges: [{ from: 13, to: 24, sign: 1 }] })
  })
})
