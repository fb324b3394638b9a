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
    expect(blindness(failing, createRhythm(), minute(3))).not.toBeNull()
  })

  it('is blind without a remedy too, but not without a problem', () => {
    expect(blindness({ ...failing, remedy: null }, createRhythm(), minute(5))).toMatchObject({ remedy: '' })
    expect(blindness({ ...failing, problem: null }, createRhythm(), minute(5))).toBeNull()
  })
})

describe('a source that answers but tells nothing', () => {
  it('is blind after twice the longest silence of its week', () => {
    const last = NOW - DAY + 1000
    const rhythm = withNights(0, last + 10)
    expect(blindness(health, rhythm, minute(last + 800))).toBeNull()
    const blind = blindness(health, rhythm, minute(last + 830))
    expect(blind?.problem).toContain('never silent for more than 6.8 h')
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

  it('is blind although something of it is dated years ahead', () => {
    const last = NOW - DAY + 1000
    const rhythm = withNights(0, last + 10)
    const at = minute(last + 830)
    const expected = blindness(health, rhythm, at)
    expect(expected).not.toBeNull()
    rhythm.note('mailgun', minute(last + 4 * 365 * DAY))
    expect(blindness({ ...health, lastEventAt: minute(last + 4 * 365 * DAY) }, rhythm, at)).toEqual(expected)
    expect(blindness({ ...health, lastEventAt: minute(last + 820) }, rhythm, at)).toBeNull()
  })

  it('is judged alike in whatever order its minutes became known', () => {
    const [forward, backward] = [createRhythm(), createRhythm()]
    const minutes = Array.from({ length: 700 }, (_, i) => i * 10)
    for (const n of minutes) forward.note('mailgun', minute(n))
    for (const n of minutes.toReversed()) backward.note('mailgun', minute(n))
    const at = minute(7000 + 90)
    expect(blindness(health, backward, at)).toEqual(blindness(health, forward, at))
  })

  it('is blind from the very minute at which twice the usual silence is reached', () => {
    const rhythm = createRhythm()
    // Steps of an hour and a half: so long is usual.
    const last = minute(Math.floor(NOW / 90) * 90)
    for (let at = last.getTime(); at >= minute(0).getTime(); at -= 90 * 60_000) rhythm.note('mailgun', new Date(at))
    const later = (minutes: number) => new Date(rhythm.usualSilence('mailgun', last)!.last.getTime() + minutes * 60_000)
    expect(blindness(health, rhythm, later(179))).toBeNull()
    expect(blindness(health, rhythm, later(180))).toMatchObject({ source: 'mailgun', since: later(0) })
  })

  it('was last heard of when its last event was, where that is later than what is counted', () => {
    const rhythm = createRhythm()
    for (let n = 0; n < NOW; n += 5) rhythm.note('mailgun', minute(n))
    expect(blindness({ ...health, lastEventAt: minute(NOW + 20) }, rhythm, minute(NOW + 79))).toBeNull()
    expect(blindness({ ...health, lastEventAt: minute(NOW + 20) }, rhythm, minute(NOW + 80))).toMatchObject({
      since: minute(NOW + 20),
    })
    expect(blindness({ ...health, lastEventAt: minute(0) }, rhythm, minute(NOW + 80))).not.toBeNull()
  })

  it('is not, as long as two days have not been seen, to the minute', () => {
    const rhythm = createRhythm()
    // On the grid of ten minutes.
    const begin = minute(5)
    for (let n = 0; n < 2 * DAY; n += 10) rhythm.note('mailgun', new Date(begin.getTime() + n * 60_000))
    const at = new Date(begin.getTime() + (2 * DAY + 200) * 60_000)
    expect(rhythm.usualSilence('mailgun', at)).toBeNull()
    rhythm.note('mailgun', new Date(begin.getTime() + 2 * DAY * 60_000))
    expect(rhythm.usualSilence('mailgun', at)).toMatchObject({ longestMs: 600_000 })
  })

  it('forgets what is older than a week, with the silence after it', () => {
    const rhythm = createRhythm()
    const begin = minute(5)
    const note = (n: number) => rhythm.note('mailgun', new Date(begin.getTime() + n * 60_000))
    note(0)
    // A whole day of silence, and then ten days of steady mail.
    for (let n = DAY; n <= 11 * DAY; n += 10) note(n)
    const usual = (n: number) => rhythm.usualSilence('mailgun', new Date(begin.getTime() + n * 60_000))
    expect(usual(7 * DAY)).toMatchObject({ longestMs: DAY * 60_000 })
    expect(usual(7 * DAY + 10)).toMatchObject({ longestMs: 600_000 })
  })

  it('has a rhythm of its own', () => {
    const rhythm = createRhythm()
    for (let n = 0; n < NOW; n += 5) rhythm.note('mailgun', minute(n))
    expect(rhythm.usualSilence('ses', minute(NOW))).toBeNull()
  })
})

describe('the rhythm of a source', () => {
  it('goes back a week, the ten minutes that the week began in included', () => {
    const rhythm = createRhythm()
    const [day, begin] = [24 * 3_600_000, Date.parse('2026-03-02T00:00:00Z')]
    for (const days of [0, 3]) rhythm.note('ses', new Date(begin + days * day))
    const usual = (afterMs: number) => rhythm.usualSilence('ses', new Date(begin + 7 * day + afterMs))
    expect(usual(9 * 60_000)).toEqual({ longestMs: 3 * day, last: new Date(begin + 3 * day) })
    expect(usual(10 * 60_000)).toBeNull()
  })
})
