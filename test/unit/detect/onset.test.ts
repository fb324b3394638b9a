import { expect, test } from 'vitest'
import { DEFAULT_BUDGET } from '../../../src/detect/alarm/budget.ts'
import { createWatch } from '../../../src/detect/detector.ts'
import type { Finding } from '../../../src/detect/finding.ts'

const START = Date.UTC(2026, 0, 5)
const at = (minute: number) => new Date(START + minute * 60_000)
const IPS = ['198.51.100.1', '198.51.100.2', '198.51.100.3']
const BEGINS = 720
const slice = (ip: string) => ({ source: 'a', provider: 'gmail', ip, senderDomain: '', campaign: '' })

/** What is told first where one IP of three is blocked for three messages in ten from minute 720 on. */
function firstFinding(blocked: string): Finding {
  const watch = createWatch({ falseAlarms: DEFAULT_BUDGET, horizon: 60, checkpointEvery: 60 })
  for (let minute = 0; minute < BEGINS + 120; minute++) {
    const counts = IPS.map((ip) => {
      const failures = ip === blocked && minute >= BEGINS ? 3 : minute % 50 === 0 ? 1 : 0
      return { slice: slice(ip), attempts: 10, failures: failures > 0 ? { blocking: failures } : {} }
    })
    const [finding] = watch.advance(at(minute), [{ minute: at(minute), source: 'a', counts }])
    if (finding) return finding
  }
  throw new Error('nothing was told')
}

// Each is once the first, the middle and the last of its minute.
test.each(IPS)('a trouble of %s is said to have begun when it did, wherever the slice stands in its minute', (ip) => {
  const finding = firstFinding(ip)
  expect(finding.slices).toEqual([slice(ip)])
  expect(Math.abs(finding.since.getTime() - at(BEGINS).getTime())).toBeLessThanOrEqual(60_000)
  expect(finding.at.getTime()).toBeGreaterThan(at(BEGINS + 1).getTime())
})
