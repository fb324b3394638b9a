import { describe, expect, it } from 'vitest'
import { admit } from '../../src/jobs/border.ts'
import { shapeOf } from '../../src/lib/shape.ts'
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

  it('takes counts up to a billion, also of none and of one minute, and not one more', () => {
    for (const n of [0, 1, 1_000_000_000]) expect(one(count({ n })).observations).toHaveLength(1)
    expect(one(count({ n: 1_000_000_001 })).malformed).toHaveLength(1)
    expect(one(count({ from: later(-1), to: now })).observations).toHaveLength(1)
    expect(one(count({ from: now, to: now })).malformed).toMatchObject([{ problem: expect.stringContaining('period') }])
    expect(one(count({ to: later(60) })).observations).toHaveLength(1)
    expect(one(count({ to: later(60.1) })).malformed).toHaveLength(1)
    expect(one(count({ from: new Date(Number.NaN) })).malformed).toHaveLength(1)
    expect(one(count({ to: new Date(Number.NaN) })).malformed).toHaveLength(1)
  })

  it('takes what fills the period that was asked for, and sets aside what reaches out of it', () => {
    const window = { from: later(-10), to: later(-5) }
    const admitted = (from: number, to: number) =>
      admit({ observations: [count({ from: later(from), to: later(to) })] }, { now, window }).observations.length
    expect([admitted(-10, -5), admitted(-10.1, -5), admitted(-10, -4.9)]).toEqual([1, 0, 0])
  })

  it('masks addresses in whatever it lets through, and leaves out what is not told', () => {
    const address = 'jane@example.com'
    const [it] = one(
      event({
        reply: `550 <${address}> unknown`,
        to: { domain: 'gmail.com', mx: address },
        dims: { campaign: address, ip: undefined as unknown as string },
      }),
    ).observations as Event[]
    expect(JSON.stringify(it)).not.toContain('jane')
    expect(Object.keys(it!.dims)).toEqual(['campaign'])
    expect(one(event({ reply: null })).observations).toMatchObject([{ reply: null, to: { domain: 'gmail.com' } }])
    expect(one(event({})).observations).not.toMatchObject([{ to: { mx: expect.anything() } }])
  })

  it('keeps the time of an item that was set aside where it can be right', () => {
    const times = [0, -1, -14 * 24 * 60, -14 * 24 * 60 - 1, 1]
    const malformed = times.map((n) => ({ id: 'x', at: later(n), problem: 'odd', body: '' }))
    expect(admit({ observations: [], malformed }, { now }).malformed.map(({ at }) => at)).toEqual(
      [0, -1, -14 * 24 * 60, 0, 0].map(later),
    )
  })

  it('cuts the ID of an item, and names one that has none by all that it says', () => {
    const [item] = admit(
      { observations: [], malformed: [{ id: 'i'.repeat(5000), at: now, problem: 'odd', body: '' }] },
      { now },
    ).malformed
    expect(item!.id).toHaveLength(4096)
    const bad = count({ n: -1 })
    expect(one(bad).malformed).toMatchObject([{ id: JSON.stringify(bad), at: now }])
    expect(one(event({ at: later(100), reply: 'abcde', dims: { ip: '192.0.2.1' } })).malformed[0]!.body).toBe(
      shapeOf(JSON.stringify({ kind: 'event', outcome: 'bounced', reply: 5, dims: ['ip'] })),
    )
  })
})
