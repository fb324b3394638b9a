import { describe, expect, it } from 'vitest'
import { createGaps } from '../../src/jobs/gaps.ts'
import type { WindowRecord } from '../../src/ports/store/windows.ts'
import { minute } from '../support/store-rows.ts'

const window = (from: number, to: number) => ({ from: minute(from), to: minute(to) })
const record = (from: number, to: number, given: Partial<WindowRecord> = {}): WindowRecord => ({
  ...window(from, to),
  reads: 1,
  items: null,
  nextReadAt: null,
  state: 'failed',
  problem: 'not JSON',
  ...given,
})
const problemOf = (gaps: ReturnType<typeof createGaps>) => gaps.trouble()?.problem ?? null

describe('the windows of a source that could not be read', () => {
  it('are those that failed before, and none that were read', () => {
    expect(createGaps([]).trouble()).toBeNull()
    expect(createGaps([record(0, 60, { state: 'read' })]).trouble()).toBeNull()
    expect(problemOf(createGaps([record(0, 60)]))).toBe(
      'part of its data cannot be read, 2026-11-24 10:00 to 2026-11-24 11:00 UTC: not JSON',
    )
    expect(problemOf(createGaps([record(0, 60, { problem: null })]))).toMatch(/UTC: $/)
  })

  it('are told by the newest of them, with what happens next', () => {
    const gaps = createGaps([record(0, 60), record(120, 180, { problem: 'a later one' }), record(60, 120)])
    expect(problemOf(gaps)).toContain('a later one')
    expect(gaps.trouble()?.remedy).toMatch(/retries this part/)
    gaps.add(window(240, 300), 'the newest')
    expect(problemOf(gaps)).toContain('the newest')
  })

  it('are closed by what covers them, to the minute', () => {
    for (const [from, to, isClosed] of [
      [10, 60, true],
      [0, 100, true],
      [11, 60, false],
      [10, 59, false],
    ] as const) {
      const gaps = createGaps([record(10, 60)])
      gaps.close(window(from, to))
      expect(gaps.trouble() === null).toBe(isClosed)
    }
  })

  it('are one where a wider one failed after them', () => {
    const gaps = createGaps([record(10, 60)])
    gaps.add(window(0, 60), 'wider')
    gaps.close(window(0, 60))
    expect(gaps.trouble()).toBeNull()
  })
})
