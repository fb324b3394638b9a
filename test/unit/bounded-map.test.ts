import { describe, expect, it } from 'vitest'
import { createBoundedMap } from '../../src/lib/bounded-map.ts'

describe('a bounded map', () => {
  it('keeps what is used, forgets the rest, and never tells another value', () => {
    const map = createBoundedMap<number, string>(10)
    for (let i = 0; i < 1000; i++) {
      map.set(i, `value ${i}`)
      expect(map.get(0)).toBe('value 0')
    }
    const kept = Array.from({ length: 1000 }, (_, i) => map.get(i)).filter((value) => value !== undefined)
    expect(kept.length).toBeGreaterThanOrEqual(10)
    expect(kept.length).toBeLessThanOrEqual(20)
    for (let i = 990; i < 1000; i++) expect([undefined, `value ${i}`]).toContain(map.get(i))
    map.set(0, 'another')
    expect(map.get(0)).toBe('another')
  })
})
