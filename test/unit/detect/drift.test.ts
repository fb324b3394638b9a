import { describe, expect, it } from 'vitest'
import { weighDrift } from '../../../src/detect/alarm/drift.ts'
import type { Minute } from '../../../src/detect/alarm/sudden.ts'
import { D } from '../../../src/detect/state/state.ts'

const QUIET: Minute = { size: 2, x: 0, n: 20, ill: 1, idleN: 0, idleTicks: 0, usual: 0.01, stray: 1.4, bonus: 0 }

/** The evidence after each of these minutes. */
function weighAll(minutes: Partial<Minute>[]): number[] {
  const [r, flow] = [new Float32Array(D), new Float32Array(D)]
  return minutes.map((minute) => weighDrift(r, flow, 0, { ...QUIET, ...minute }).stat)
}

const times = (count: number, minute: Partial<Minute>) => Array.from({ length: count }, () => minute)

describe('the slow watch', () => {
  it('grows by a rise that lasts for hours, though few of its minutes have a failure', () => {
    const everyFourth = Array.from({ length: 90 }, () => ({ x: 1, n: 5, idleN: 15, idleTicks: 3 }))
    expect(weighAll(everyFourth).at(-1)).toBeGreaterThan(20)
  })

  it('stays low at the usual rate, and at half as much again', () => {
    for (const idleTicks of [9, 6]) {
      expect(Math.max(...weighAll(times(500, { x: 1, n: 10, idleN: 10 * idleTicks, idleTicks })))).toBeLessThan(6)
    }
  })

  it('gains little by a burst, however high it is', () => {
    expect(weighAll(times(5, { x: 900, n: 1000 })).at(-1)).toBeLessThan(6)
  })

  it('wears away when it is over', () => {
    const all = weighAll([...times(120, { x: 2 }), ...times(120, { x: 1, n: 20, idleN: 100, idleTicks: 5 })])
    expect(all[119]).toBeGreaterThan(15)
    expect(all.at(-1)).toBeLessThan(4)
  })
})
