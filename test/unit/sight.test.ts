import { describe, expect, it } from 'vitest'
import { blindness, createRhythm } from '../../src/incident/sight.ts'
import { minute } from '../support/findings.ts'

const DAY = 1440
const NOW = 7 * DAY

const health = {
  source: 'mailgun',
  lastOkAt: minute(NOW),
  lastEventAt: null,
  failingSince: null,
  problem: null,
  remedy: null,
}

/** Results every ten minutes by day, and none from minute 600 to 1000 of each day. */
function withNights(from: number, to: number) {
  const rhythm = createRhythm()
  for (let n = from; n < to; n += 10) if (n % DAY < 600 || n % DAY >= 1000) rhythm.note('mailgun', minute(n))
  return rhythm
}

describe('a source that fails', () => {
  const failing = { ...health, failingSince: minute(0), problem: '401 from Mailgun', remedy: 'Check the key.' }

  it('is blind since it began to fail, with what is wrong and what to do', () => {
    expect(blindness(failing, createRhythm(), minute(5))).toEqual({
      source: 'mailgun',
      since: minute(0),
      problem: '401 from Mailgun',
      remedy: 'Check the key.',
    })
  })

  it('is given three minutes to mend itself', () => {
    expect(blindness(failing, createRhythm(), minute(2))).toBeNull()
  })
})

describe('a source that answers but tells nothing', () => {
  it('is blind after twice the longest silence of its week', () => {
    const last = NOW - DAY + 1000
    const rhythm = withNights(0, last + 10)
    expect(blindness(health, rhythm, minute(last + 800))).toBeNull()
    const blind = blindness(health, rhythm, minute(last + 830))
    expect(blind?.problem).toContain('never silent for more than 6 h 50 min')
    expect(blind!.since.getTime()).toBeLessThanOrEqual(minute(last).getTime())
  })

  it('is not, as long as a day and a night have not been seen', () => {
    expect(blindness(health, withNights(NOW - DAY, NOW - 600), minute(NOW))).toBeNull()
  })

  it('is not within an hour, however steady it is', () => {
    const rhythm = createRhythm()
    for (let n = 0; n < NOW; n += 5) rhythm.note('mailgun', minute(n))
    expect(blindness(health, rhythm, minute(NOW + 50))).toBeNull()
    expect(blindness(health, rhythm, minute(NOW + 75))).not.toBeNull()
  })

  it('is judged alike in whatever order its minutes became known', () => {
    const [forward, backward] = [createRhythm(), createRhythm()]
    const minutes = Array.from({ length: 700 }, (_, i) => i * 10)
    for (const n of minutes) forward.note('mailgun', minute(n))
    for (const n of minutes.toReversed()) backward.note('mailgun', minute(n))
    const at = minute(7000 + 90)
    expect(blindness(health, backward, at)).toEqual(blindness(health, forward, at))
  })
})
