import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alertRuleSchema } from '../../../src/alert-rules/rule-schema.ts'
import { createRuleWatch, type RuleMinute, type RuleResult } from '../../../src/alert-rules/rules.ts'

const START = Date.UTC(2026, 0, 5)
const at = (minute: number) => new Date(START + minute * 60_000)
const slice = (provider: string) => ({
  source: 'mailgun',
  provider,
  ip: '198.51.100.1',
  senderDomain: 'mail.example',
  campaign: '',
})
const THROTTLED: RuleResult['reply'] = {
  code: 421,
  enhanced: '4.7.28',
  cause: 'rate-limited',
  signal: 'throttling',
  template: 'Our system has detected an unusual rate',
}

function minuteOf(minute: number, delivered: number, refused: number, provider = 'gmail'): RuleMinute {
  const results: RuleResult[] = [
    { slice: slice(provider), outcome: 'delivered', reply: null, n: delivered },
    { slice: slice(provider), outcome: 'deferred', reply: THROTTLED, n: refused },
    { slice: slice(provider), outcome: 'complained', reply: null, n: 100 },
  ]
  return { minute: at(minute), source: 'mailgun', results: results.filter(({ n }) => n > 0) }
}

/** In which minutes a rule fires, when each minute is fed as it passes. */
function firing(written: object, minutes: RuleMinute[], count: number): number[] {
  const watch = createRuleWatch([alertRuleSchema.parse(written)])
  return Array.from({ length: count }, (_, minute) => minute).filter((minute) =>
    watch
      .advance(
        at(minute),
        minutes.filter((each) => each.minute.getTime() === at(minute).getTime()),
      )
      .some(({ status }) => status === 'firing'),
  )
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('a rule on a rate', () => {
  const rule = { when: { code: 421, provider: 'gmail' }, rate: '> 5%', min: 50, over: '5m', for: '10m' }

  it('fires when the rate was above its threshold for the whole time that it asks for', () => {
    const minutes = range(0, 60).map((minute) => minuteOf(minute, 18, minute >= 20 && minute < 40 ? 2 : 0))
    // The window of five minutes is above 5 % from minute 22 on, and ten minutes later the rule holds.
    expect(firing(rule, minutes, 60)).toEqual(range(31, 42))
  })

  it('asks for enough attempts', () => {
    const minutes = range(0, 60).map((minute) => minuteOf(minute, 5, 4))
    expect(firing(rule, minutes, 60)).toEqual([])
  })

  it('is about the slices and replies that it names only', () => {
    const minutes = range(0, 60).map((minute) => minuteOf(minute, 10, 10, 'yahoo'))
    expect(firing(rule, minutes, 60)).toEqual([])
    expect(firing({ ...rule, when: { code: 554 } }, minutes, 60)).toEqual([])
    expect(firing({ ...rule, when: { template: 'unusual RATE' } }, minutes, 60).length).toBeGreaterThan(0)
  })

  it('tells the slices, the rate and its severity, and later that it is over', () => {
    const watch = createRuleWatch([alertRuleSchema.parse({ ...rule, for: '1m', severity: 'high', name: 'Gmail 421' })])
    const [finding] = watch.advance(at(0), [minuteOf(0, 60, 40)])
    expect(finding).toMatchObject({
      kind: 'rule',
      rule: 'Gmail 421',
      severity: 'high',
      status: 'firing',
      where: { provider: 'gmail' },
      slices: [slice('gmail')],
      rate: 0.4,
      attempts: 100,
      failures: 40,
    })
    expect(watch.advance(at(10), [])).toMatchObject([{ status: 'recovered' }])
    expect(watch.advance(at(90), [])).toEqual([])
  })
})

it('a rule tells what failed since it began, the rate of its time, and nothing as usual', () => {
  const watch = createRuleWatch([alertRuleSchema.parse({ when: { code: 421 }, rate: '> 5%', min: 10, over: '5m' })])
  for (const minute of range(0, 30)) watch.advance(at(minute), [minuteOf(minute, 20, 0)])
  for (const minute of range(30, 49)) watch.advance(at(minute), [minuteOf(minute, 10, 10)])
  const [finding] = watch.advance(at(49), [minuteOf(49, 20, 0)])
  // It held first in minute 30, with what was sent since minute 26 in its window.
  expect(finding).toMatchObject({ since: at(26), failures: 190, attempts: 4 * 20 + 20 * 20 })
  expect(finding?.rate).toBeCloseTo(40 / 100)
  expect(finding?.baseline).toBeNull()
})

it('a rule that asks for a code counts no failure without a reply', () => {
  const silent = (minute: number): RuleMinute => ({
    minute: at(minute),
    source: 'mailgun',
    results: [{ slice: slice('gmail'), outcome: 'bounced', reply: null, n: 50 }],
  })
  const minutes = range(0, 30).map(silent)
  const asked = [
    { code: 421 },
    { enhanced: '4.7.28' },
    { cause: 'rate-limited' },
    { signal: 'throttling' },
    { template: 'x' },
  ]
  for (const when of asked) {
    expect(firing({ when, rate: '> 5%', min: 1 }, minutes, 30), JSON.stringify(when)).toEqual([])
    expect(firing({ when, count: '> 1/h' }, minutes, 30), JSON.stringify(when)).toEqual([])
  }
  expect(firing({ when: { provider: 'gmail' }, rate: '> 5%', min: 1 }, minutes, 30)).toEqual(range(0, 30))
})

it('a rule on a count fires above so many in its time', () => {
  const minutes = [minuteOf(0, 0, 6), minuteOf(30, 0, 5), minuteOf(100, 0, 11)]
  expect(firing({ when: { signal: 'throttling' }, count: '> 10/h' }, minutes, 165)).toEqual([
    ...range(30, 60),
    ...range(100, 160),
  ])
})

it('a rule on absence fires when mail that was there stays away', () => {
  const minutes = [...range(0, 20), ...range(80, 90)].map((minute) => minuteOf(minute, 3, 0))
  expect(firing({ when: { provider: 'gmail' }, absent: '30m' }, minutes, 100)).toEqual(range(49, 80))
  expect(firing({ when: { provider: 'yahoo' }, absent: '30m' }, minutes, 100)).toEqual([])
})

it('rules do not mind when minutes arrive, or in how many parts', () => {
  const rule = { when: { cause: 'rate-limited' }, rate: '> 20%', min: 10, over: '3m', for: '2m' }
  fc.assert(
    fc.property(
      fc.array(fc.record({ good: fc.nat(20), bad: fc.nat(20) }), { minLength: 12, maxLength: 12 }),
      fc.array(fc.nat(11), { minLength: 12, maxLength: 12 }),
      (minutes, order) => {
        const rows = minutes.map(({ good, bad }, minute) => minuteOf(minute, good, bad))
        const inOrder = createRuleWatch([alertRuleSchema.parse(rule)])
        rows.slice(0, 11).forEach((row, minute) => {
          inOrder.advance(at(minute), [row])
        })
        const expected = inOrder.advance(at(11), [rows[11]!])
        const shuffled = rows.map((row, i) => ({ row, i })).sort((a, b) => order[a.i]! - order[b.i]!)
        const parts = shuffled.flatMap(({ row }) =>
          row.results.map((result) => ({ ...row, results: [result], add: true })),
        )
        const told = createRuleWatch([alertRuleSchema.parse(rule)]).advance(at(11), parts)
        expect(told).toEqual(expected)
      },
    ),
  )
})

describe('a rule that is written wrongly', () => {
  const problemOf = (written: object) => alertRuleSchema.safeParse(written).error?.issues[0]?.message

  it('says what it needs', () => {
    expect(problemOf({ when: { code: 421 } })).toMatch(/exactly one of rate/)
    expect(problemOf({ rate: '> 5%', count: '> 3/h' })).toMatch(/exactly one of rate/)
    expect(problemOf({ rate: '5' })).toMatch(/must be a share such as "> 5%"/)
    expect(problemOf({ count: 'often' })).toMatch(/"> 10\/h"/)
    expect(problemOf({ absent: '3 weeks' })).toMatch(/must be a time such as 10m/)
    expect(problemOf({ rate: '> 5%', when: { cause: 'sabotage' } })).toBeDefined()
  })

  it('gets a name from what it asks where it has none', () => {
    expect(alertRuleSchema.parse({ when: { code: 421, provider: 'gmail' }, rate: '> 5%' }).name).toBe('421 gmail > 5 %')
  })
})
