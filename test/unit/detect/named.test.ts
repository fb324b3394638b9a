import { describe, expect, it } from 'vitest'
import { DEFAULT_BUDGET } from '../../../src/detect/alarm/budget.ts'
import { createWatch } from '../../../src/detect/detector.ts'

const START = Date.UTC(2026, 0, 5)
const DAYS = 4 * 1440
const slice = { source: 'a', provider: 'gmail', ip: '198.51.100.1', senderDomain: '', campaign: '' }

/** After how many minutes a block of half the mail is told, after days in which one message in a hundred was refused. */
function toldAfter({ everyday, now }: { everyday: boolean; now: boolean }): number {
  const watch = createWatch({ falseAlarms: DEFAULT_BUDGET, horizon: 60, checkpointEvery: 60 })
  for (let minute = 0; minute < DAYS + 300; minute++) {
    const isBlocked = minute >= DAYS
    const x = isBlocked ? minute % 2 : minute % 100 === 0 ? 1 : 0
    const isNamed = isBlocked ? now : everyday
    const at = new Date(START + minute * 60_000)
    const blocking = { blocking: x }
    const counts = [{ slice, attempts: 1, failures: x > 0 ? blocking : {}, named: isNamed && x > 0 ? blocking : {} }]
    if (watch.advance(at, [{ minute: at, source: 'a', counts }]).length > 0) return minute - DAYS
  }
  return Number.POSITIVE_INFINITY
}

describe('a reply that names its cause', () => {
  const bare = toldAfter({ everyday: false, now: false })

  it('tells more than its code where nothing like it was heard before', () => {
    expect(bare).toBeGreaterThan(0)
    expect(toldAfter({ everyday: false, now: true })).toBeLessThan(bare)
  })

  it('tells no more than its code where it is heard every day', () => {
    expect(toldAfter({ everyday: true, now: true })).toBe(bare)
  })
})
