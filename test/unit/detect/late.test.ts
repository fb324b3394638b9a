import { describe, expect, it } from 'vitest'
import { DEFAULT_BUDGET } from '../../../src/detect/alarm/budget.ts'
import { createWatch, type SourceMinute } from '../../../src/detect/detector.ts'
import type { MinuteCount } from '../../../src/detect/state/slice.ts'

const START = Date.UTC(2026, 0, 5)
const at = (minute: number) => new Date(START + minute * 60_000)
const DAY = 1440
const PROVIDERS = ['gmail', 'yahoo', 'microsoft']
const USUAL: MinuteCount['failures'] = { throttling: 3, list: 2, receiver: 1 }

/** A minute of a source: one hundredth of it fails, or what is given; `isLate`: its deliveries are not there yet. */
function minuteOf(source: string, minute: number, attempts: number, failures: MinuteCount['failures'], isLate = false) {
  const failed = Object.values(failures).reduce((sum, n) => sum + n, 0)
  const counts = PROVIDERS.map((provider) => ({
    slice: { source, provider, ip: '198.51.100.1', senderDomain: '', campaign: '' },
    attempts: isLate ? failed : attempts,
    failures,
  }))
  return { minute: at(minute), source, counts }
}

/** What is told of after a day of two sources, a small and a big one, in the minutes that follow. */
function told(then: (minute: number) => SourceMinute[], minutes = 25) {
  const watch = createWatch({ falseAlarms: DEFAULT_BUDGET, horizon: 60, checkpointEvery: 30 })
  const before = Array.from({ length: DAY }, (_, minute) => [
    minuteOf('small', minute, 20, {}),
    minuteOf('big', minute, 100, minute % 6 === 0 ? USUAL : {}),
  ])
  watch.advance(at(DAY - 1), before.flat())
  return Array.from({ length: minutes }, (_, i) => watch.advance(at(DAY + i), then(DAY + i))).flat()
}

describe('a source whose deliveries come late', () => {
  it('rings for none of its providers, nor for a provider across sources', () => {
    expect(told((minute) => [minuteOf('small', minute, 20, {}), minuteOf('big', minute, 100, USUAL, true)])).toEqual([])
  })

  it('rings neither where a campaign has just begun, so that its failures are as many as its mail was', () => {
    const many = { throttling: 60, list: 40, receiver: 20 }
    expect(told((minute) => [minuteOf('big', minute, 12_000, many, true)])).toEqual([])
  })

  it('is told from one that is refused nearly everywhere, for more than one reason', () => {
    const findings = told((minute) => [minuteOf('big', minute, 100, { throttling: 45, blocking: 40 })])
    expect(new Set(findings.map(({ signal }) => signal))).toEqual(new Set(['throttling', 'blocking']))
  })

  it('is told from a list that is mostly bad', () => {
    const findings = told((minute) => [minuteOf('big', minute, 100, { list: 60 })])
    expect(new Set(findings.map(({ signal }) => signal))).toEqual(new Set(['list']))
  })
})
