import { describe, expect, it } from 'vitest'
import { count, duration, figures, grouped, percent, sentence, when } from '../../src/incident/wording.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('figures in words', () => {
  it.each([
    [0, '0%'],
    [0.00005, 'under 0.01%'],
    [0.0001, '0.01%'],
    [0.004, '0.40%'],
    [0.00999, '1.0%'],
    [0.01, '1.0%'],
    [0.0994, '9.9%'],
    [0.09949999999999999, '10%'],
    [0.1, '10%'],
    [0.384, '38%'],
    [1, '100%'],
  ])('a share of %d is %s', (share, words) => {
    expect(percent(share)).toBe(words)
  })

  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [12_345.6, '12,346'],
    [1_234_567, '1,234,567'],
  ])('%d is %s, with commas', (n, words) => {
    expect(grouped(n)).toBe(words)
  })

  it.each([
    [-5 * MINUTE, '0 min'],
    [0, '0 min'],
    [29_000, '0 min'],
    [30_000, '1 min'],
    [59 * MINUTE, '59 min'],
    [HOUR, '1 h'],
    [3 * HOUR + 20 * MINUTE, '3.3 h'],
    [DAY - MINUTE, '24 h'],
    [DAY, '24 h'],
    [DAY + 59 * MINUTE, '25 h'],
    [2 * DAY + 4 * HOUR, '2.2 days'],
  ])('%d ms is %s', (ms, words) => {
    expect(duration(ms)).toBe(words)
  })

  it('a time is that of the day, with its date on another day', () => {
    const at = new Date('2026-03-03T14:05:59Z')
    expect(when(at, new Date('2026-03-03T23:59:00Z'))).toBe('14:05 UTC')
    expect(when(at, new Date('2026-03-04T00:00:00Z'))).toBe('2026-03-03 14:05 UTC')
  })

  it('a reading says its share, the usual one, and how many of how many', () => {
    const reading = { rate: 0.38, baseline: 0.004, attempts: 3260, failures: 1240 }
    const said = (given: Partial<typeof reading> | object) => figures({ ...reading, ...given })
    expect(said({})).toBe('38%, usually 0.40%; 1,240 of 3,260 so far')
    expect(said({ baseline: null })).toBe('38%; 1,240 of 3,260 so far')
    expect(said({ rate: null })).toBe('1,240 of 3,260 so far')
    expect(said({ rate: null, attempts: null })).toBe('1,240 failures so far')
  })

  it('one is a word, and only one is not in the plural', () => {
    expect([0, 1, 2].map((n) => count(n, 'reply'))).toEqual(['0 replys', 'one reply', '2 replys'])
  })

  it.each([
    ['', ''],
    ['yahoo only', 'Yahoo only.'],
    ['yahoo. And Gmail', 'Yahoo. And Gmail.'],
    ['is it?', 'Is it?'],
    ['it is!', 'It is!'],
    ['it is.', 'It is.'],
  ])('"%s" as a sentence is "%s"', (text, words) => {
    expect(sentence(text)).toBe(words)
  })
})
