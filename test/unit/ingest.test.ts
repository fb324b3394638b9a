import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTally, type TallyOptions, toEvents } from '../../src/jobs/ingest.ts'
import type { Observation } from '../../src/ports/esp.ts'

const at = (seconds: number) => new Date(Date.parse('2026-11-24T10:00:00Z') + seconds * 1000)
const options: TallyOptions = {
  mailboxes: {
    providerOf: (domain) => (domain === 'gmail.com' ? 'gmail' : 'other'),
    providerFromName: (name) => (name === 'Google' ? 'gmail' : 'other'),
  },
  classifier: {
    classify: ({ code }) => ({
      cause: code === 421 ? 'rate-limited' : 'unknown',
      signal: code === 421 ? 'throttling' : null,
      retry: 'later',
      rule: 'test',
      named: false,
    }),
  },
}
const event = (id: string, change: Partial<Extract<Observation, { kind: 'event' }>> = {}): Observation => ({
  kind: 'event',
  id,
  at: at(5),
  outcome: 'deferred',
  reply: '421 4.7.28 Rate limit for 192.0.2.1, try in 15 minutes',
  to: { domain: 'gmail.com' },
  dims: { ip: '192.0.2.1', senderDomain: 'Shop.Example' },
  ...change,
})
const count = (from: number, to: number, n: number): Observation => ({
  kind: 'count',
  from: at(from),
  to: at(to),
  outcome: 'delivered',
  n,
  reply: null,
  dims: { provider: 'Google' },
})
const tallied = (...pages: Observation[][]) => {
  const tally = createTally(options)
  for (const page of pages) tally.add(page)
  return tally.rows()
}

describe('a tally', () => {
  it('sums what differs only in what a template masks, over pages', () => {
    const other = { reply: '421-4.7.28 Rate limit for 192.0.2.77,\r\n421 4.7.28 try in 20 minutes' }
    const rows = tallied([event('a'), event('b', { at: at(59) })], [event('c', other), event('d', { at: at(60) })])
    expect(rows.map(({ minute, n }) => [minute, n])).toEqual([
      [at(0), 3],
      [at(60), 1],
    ])
    expect(rows[0]).toMatchObject({
      slice: { provider: 'gmail', ip: '192.0.2.1', senderDomain: 'shop.example', stream: '', campaign: '' },
      reply: { provider: 'gmail', code: 421, enhanced: '4.7.28', cause: 'rate-limited', signal: 'throttling' },
    })
    expect(rows[0]!.reply!.template).not.toMatch(/192|421|15/)
  })

  it('keeps replies of different codes apart', () => {
    const rows = tallied([event('a', { reply: '450 wait' }), event('b', { reply: '451 wait' })])
    expect(rows).toHaveLength(2)
  })

  it('takes the provider in the words of the ESP before the domain, and none where neither is told', () => {
    const rows = tallied([
      event('a', { to: { domain: 'corp.example' }, dims: { provider: 'Google' } }),
      count(0, 60, 1),
      { ...count(0, 60, 1), dims: {} } as Observation,
    ])
    expect(rows.map(({ slice }) => slice.provider)).toEqual(['gmail', 'gmail', ''])
  })

  it('takes a blank reply for none', () => {
    expect(tallied([event('a', { reply: ' ' })])[0]!.reply).toBeNull()
  })

  it('cuts a template that is too long', () => {
    const long = event('a', { reply: `550 ${'blah '.repeat(5000)}` })
    expect(tallied([long])[0]!.reply!.template.length).toBeLessThanOrEqual(1000)
  })

  it('goes on after a result that our own reading stumbles over, and hands that back', () => {
    const fragile: TallyOptions = {
      ...options,
      classifier: {
        classify: (reply) => {
          if (reply.text.includes('stumble')) throw new Error('a mistake of ours')
          return options.classifier.classify(reply)
        },
      },
    }
    const bad = event('bad', { reply: '550 stumble' })
    const found: Observation[] = []
    const note = (observation: Observation) => void found.push(observation)
    const tally = createTally(fragile, note)
    tally.add([event('a'), bad, event('b')])
    expect(tally.rows()).toMatchObject([{ n: 2 }])
    expect(toEvents([event('a'), bad, event('b')], fragile, note).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(found).toEqual([bad, bad])
  })

  it('cuts no character of a template in half', () => {
    const { template } = tallied([event('a', { reply: `550 ${'a'.repeat(999)}😀😀` })])[0]!.reply!
    expect(template.isWellFormed()).toBe(true)
  })

  it('spreads a count over its minutes in whole messages that add up', () => {
    expect(tallied([count(0, 240, 10)]).map(({ minute, n }) => [minute, n])).toEqual([
      [at(0), 2],
      [at(60), 3],
      [at(120), 2],
      [at(180), 3],
    ])
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 0, max: 10_000_000 }), (minutes, n) => {
        const parts = tallied([count(0, minutes * 60, n)]).map((row) => row.n)
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(n)
        expect(parts.every((part) => Number.isInteger(part) && part > 0)).toBe(true)
        if (parts.length === minutes) expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('does not depend on order or paging', () => {
    const all = [event('a'), event('b', { outcome: 'bounced' }), event('c', { at: at(70) }), count(0, 180, 7)]
    const sorted = (rows: ReturnType<typeof tallied>) => rows.map((row) => JSON.stringify(row)).sort()
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.integer({ min: 0, max: 4 }), (order, cut) => {
        expect(sorted(tallied(order.slice(0, cut), order.slice(cut)))).toEqual(sorted(tallied(all)))
      }),
    )
  })
})

describe('events of a stream', () => {
  it('carry their own ids, and counts one that says what they say', () => {
    const ids = (observations: Observation[]) => toEvents(observations, options).map(({ id }) => id)
    expect(ids([event('a'), event('b')])).toEqual(['a', 'b'])
    expect(ids([count(0, 60, 5)])).toEqual(ids([count(0, 60, 5)]))
    expect(ids([count(0, 60, 5)])).not.toEqual(ids([count(0, 60, 6)]))
    expect(new Set(ids([count(0, 180, 6)])).size).toBe(3)
  })
})
