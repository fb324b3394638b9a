import { describe, expect, it } from 'vitest'
import { admit } from '../../src/jobs/border.ts'
import type { Observation } from '../../src/ports/esp.ts'

const now = new Date('2026-11-24T10:00:00Z')
const MINUTE = 60_000
const later = (minutes: number) => new Date(now.getTime() + minutes * MINUTE)
type Event = Extract<Observation, { kind: 'event' }>

const event = (change: Partial<Event> = {}): Event => ({
  kind: 'event',
  id: 'one',
  at: now,
  outcome: 'bounced',
  reply: '550 no',
  to: { domain: 'gmail.com' },
  dims: {},
  ...change,
})
const count = (change: object): Observation => ({
  kind: 'count',
  from: later(-10),
  to: now,
  outcome: 'delivered',
  n: 5,
  reply: null,
  dims: {},
  ...change,
})
const one = (observation: Observation) => admit({ observations: [observation] }, { now })

describe('the border', () => {
  it('lets through what is well as it is', () => {
    const observations = [
      event({ dims: { ip: '192.0.2.1' }, to: { domain: 'a.example', mx: 'mx.example' } }),
      count({}),
    ]
    expect(admit({ observations }, { now })).toEqual({ observations, malformed: [], old: 0 })
  })

  it('takes NUL and halves of surrogate pairs out of every text', () => {
    const bad = 'x\0\ud83dy'
    const dims = { senderDomain: bad, ip: bad, stream: bad, campaign: bad, provider: bad }
    const { observations } = one(event({ reply: bad, to: { domain: bad, mx: bad }, dims }))
    const text = JSON.stringify(observations)
    expect(text).not.toMatch(/\\u0000|\\ud83d/)
    expect(text.match(/x\ufffdy/g)).toHaveLength(8)
  })

  it('keeps every key short enough for an index, and replies and hosts short', () => {
    const long = 'é'.repeat(50_000)
    const dims = { senderDomain: long, ip: long, stream: long, campaign: long, provider: long }
    const [it] = one(event({ reply: long, to: { domain: long, mx: long }, dims })).observations as Event[]
    const bytes = Object.values(it!.dims).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    expect(bytes).toBeLessThan(2500)
    expect(Buffer.byteLength(it!.reply!)).toBeLessThanOrEqual(16_384)
    expect(it!.to.domain.length + it!.to.mx!.length).toBeLessThanOrEqual(510)
  })

  it.each([
    ['from the year 9999', new Date('9999-12-31T23:59:59Z'), '9999-12-31T23:59'],
    ['from beyond the calendar', new Date(8.64e15), 'more than an hour ahead'],
    ['from 61 minutes ahead', later(61), 'more than an hour ahead'],
    ['without a time', new Date(Number.NaN), 'cannot be read'],
  ])('sets aside what is %s, and says why', (_, at, problem) => {
    const { observations, malformed } = one(event({ at }))
    expect(observations).toEqual([])
    expect(malformed).toMatchObject([{ id: 'one', at: now, problem: expect.stringContaining(problem) }])
  })

  it('takes what is an hour ahead: clocks differ', () => {
    expect(one(event({ at: later(60) })).observations).toHaveLength(1)
  })

  it('leaves out, and counts, what is from before what is kept', () => {
    const day = 24 * 60
    expect(one(event({ at: later(-14 * day) }))).toMatchObject({ observations: [{}], old: 0 })
    expect(one(event({ at: later(-14 * day - 1) }))).toEqual({ observations: [], malformed: [], old: 1 })
    expect(one(event({ at: new Date(-8.64e15) })).old).toBe(1)
    expect(one(count({ from: later(-15 * day) })).old).toBe(1)
  })

  it.each([
    ['a fraction', { n: 1.5 }],
    ['less than nothing', { n: -1 }],
    ['too much for a counter', { n: 2 ** 31 }],
    ['not a number', { n: Number.NaN }],
    ['of a period that ends before it begins', { from: now, to: later(-1) }],
    ['of a period that ends in the future', { to: later(100_000_000) }],
  ])('sets aside a count that is %s', (_, change) => {
    expect(one(count(change))).toMatchObject({
      observations: [],
      malformed: [{ problem: expect.stringMatching(/\w/) }],
    })
  })

  it('sets aside what lies outside the period that was asked for', () => {
    const window = { from: later(-10), to: later(-5) }
    const observations = [-11, -10, -6, -4].map((minutes) => event({ at: later(minutes) }))
    const admitted = admit({ observations }, { now, window })
    expect(admitted.observations).toHaveLength(2)
    expect(admitted.malformed).toMatchObject([{ problem: expect.stringContaining('outside') }, {}])
  })

  it('keeps what an adapter set aside within the same bounds', () => {
    const malformed = [{ id: 'x\0', at: later(600_000), problem: 'p\0'.repeat(9000), body: '\ud83d'.repeat(9000) }]
    const [item] = admit({ observations: [], malformed }, { now }).malformed
    expect(item).toMatchObject({ id: 'x', at: now })
    expect(item!.problem.length).toBeLessThanOrEqual(1000)
    expect(Buffer.byteLength(item!.body)).toBeLessThanOrEqual(4000)
    expect(item!.body.isWellFormed()).toBe(true)
  })

  it('shows of what it sets aside the shape, not the words', () => {
    const [item] = one(event({ at: later(100), reply: 'secret words', dims: { campaign: 'secret' } })).malformed
    expect(JSON.stringify(item)).not.toContain('secret')
    expect(item!.body).toContain('bounced')
  })
})
