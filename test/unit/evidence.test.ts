import { describe, expect, it } from 'vitest'
import type { Slice, SlicePattern } from '../../src/detect/state/slice.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import type { DeliveryIncident } from '../../src/incident/incident.ts'
import { gatherEvidence } from '../../src/jobs/evidence.ts'
import type { Window } from '../../src/ports/esp.ts'
import type { StoredReply } from '../../src/ports/store/index.ts'
import type { Outcome } from '../../src/smtp/outcomes.ts'
import { finding, minute, slice } from '../support/findings.ts'
import { reply } from '../support/store-rows.ts'

interface Sum {
  at: Date
  outcome: Outcome
  replyId: number | null
  n: number
}

/** What the store was asked, and answers. */
function setUp(sums: Sum[], replies: Record<number, StoredReply> = {}) {
  const asked: { window: Window; where: SlicePattern | readonly Slice[]; step: number }[] = []
  return {
    asked,
    gather: (incident: DeliveryIncident) =>
      gatherEvidence(incident, {
        store: {
          counters: {
            sums: async (window: Window, where: SlicePattern | readonly Slice[], step: number) => {
              await new Promise((resolve) => setImmediate(resolve))
              asked.push({ window, where, step })
              return sums.filter(({ at }) => at >= window.from && at < window.to)
            },
          },
          replies: {
            byId: async (ids: number[]) => new Map(ids.flatMap((id) => (replies[id] ? [[id, replies[id]]] : []))),
          },
        } as unknown as Parameters<typeof gatherEvidence>[1]['store'],
        nameOf: (provider) => provider.toUpperCase(),
        linksOf: ({ template }) => [{ label: template, url: `https://example.com/${template.slice(0, 1)}` }],
        limitsOf: (source) => (source === 'ses' ? ['tells no retries', 'tells no IP'] : []),
      }),
  }
}

/** Opened at minute `since`, last read at minute `n`. */
const incidentAt = (n: number, since: number, given: Parameters<typeof finding>[1] = {}) =>
  openDelivery(finding(n, { since: minute(since), ...given })).incident

describe('the period of a chart', () => {
  it.each([
    ['four hours at least', 100, 50, 5],
    ['four hours, where an hour before the trouble fits in', 300, 121, 5],
    ['an hour before the trouble, where that is more', 300, 0, 8],
    ['a day at most', 10_000, 0, 30],
  ])('is %s', async (_what, n, since, step) => {
    const t = setUp([])
    await t.gather(incidentAt(n, since))
    const end = n + 1
    expect(t.asked.map(({ step }) => step).sort((a, b) => a - b)).toEqual([step, 48 * step])
    const [chart, total] = t.asked.toSorted((a, b) => a.step - b.step)
    expect(chart!.window).toEqual({ from: minute(end - 48 * step), to: minute(end) })
    // The replies are those since the trouble began, as far as they are read.
    expect(total!.window).toEqual({ from: minute(Math.max(since, end - 48 * step)), to: minute(end) })
  })
})

describe('the place that is asked about', () => {
  it('is the slices, or the pattern that holds them where there are more than 500', async () => {
    const many = (length: number) => Array.from({ length }, (_, i) => slice({ ip: `198.51.${i >> 8}.${i & 255}` }))
    for (const [length, isPattern] of [
      [500, false],
      [501, true],
    ] as const) {
      const t = setUp([])
      const incident = incidentAt(100, 50, { slices: many(length) })
      await t.gather(incident)
      expect(t.asked[0]!.where).toBe(isPattern ? incident.where : incident.slices)
    }
  })
})

describe('what servers said', () => {
  const said = {
    1: reply({ template: 'a' }),
    2: reply({ template: 'b' }),
    3: reply({ template: 'c' }),
    4: reply({ template: 'd' }),
    5: reply({ template: 'x', cause: 'recipient-unknown', signal: 'list' }),
  }
  const deferred = (at: number, replyId: number | null, n: number): Sum => ({
    at: minute(at),
    outcome: 'deferred',
    replyId,
    n,
  })

  it('is the three most frequent replies of its signal since it began, of equals in the order of their words', async () => {
    const t = setUp(
      [
        deferred(40, 1, 1000),
        deferred(60, 1, 3),
        deferred(70, 2, 5),
        deferred(71, 2, 4),
        deferred(72, 4, 3),
        deferred(73, 3, 8),
        deferred(74, 5, 99),
        deferred(75, null, 50),
        deferred(76, 9, 50),
      ],
      said,
    )
    const { replies, links } = await t.gather(incidentAt(100, 50))
    expect(replies.map(({ template, n }) => [template, n])).toEqual([
      ['b', 9],
      ['c', 8],
      ['a', 3],
    ])
    expect(replies[0]).toEqual({
      code: 421,
      enhanced: '4.7.28',
      template: 'b',
      provider: 'gmail',
      cause: 'rate-limited',
      rule: 'test',
      n: 9,
    })
    expect(links.map(({ url }) => url)).toEqual(['b', 'c', 'a'].map((each) => `https://example.com/${each}`))
  })

  it('links to each page once, with the label of the first, and to three at most', async () => {
    const t = setUp([deferred(60, 1, 9), deferred(60, 2, 8)], {
      1: reply({ template: 'same' }),
      2: reply({ template: 'said' }),
    })
    const { links } = await t.gather(incidentAt(100, 50))
    expect(links).toEqual([{ label: 'same', url: 'https://example.com/s' }])
  })
})

describe('the chart', () => {
  const deferrals = { 1: reply(), 5: reply({ template: 'x', cause: 'recipient-unknown', signal: 'list' }) }
  const at = (n: number, outcome: Outcome, count: number, replyId: number | null = null): Sum => ({
    at: minute(n),
    outcome,
    replyId,
    n: count,
  })
  // Steps of five minutes up to minute 101: 56, 61, 66 ...
  const sums = [
    at(61, 'delivered', 667),
    at(61, 'deferred', 333, 1),
    at(66, 'delivered', 80),
    at(66, 'bounced', 20, 5),
    at(66, 'dropped', 500, 1),
    at(66, 'complained', 500, 1),
    at(71, 'dropped', 7),
    at(76, 'delivered', 5, 1),
  ]

  it('has the share of its signal in each step, in tenths of a per cent, and a gap where there was no attempt', async () => {
    const { series, unit } = await setUp(sums, deferrals).gather(incidentAt(100, 50))
    expect(unit).toBe('percent')
    expect(series).toEqual([
      { at: minute(61), value: 33.3 },
      { at: minute(66), value: 0 },
      { at: minute(76), value: 0 },
    ])
  })

  it('has the number of failures in each of 48 steps where attempts are unknown', async () => {
    const { series, unit } = await setUp(sums, deferrals).gather(incidentAt(100, 50, { rate: null, attempts: null }))
    expect(unit).toBe('count')
    expect(series).toHaveLength(48)
    expect(series.filter(({ value }) => value > 0)).toEqual([{ at: minute(61), value: 333 }])
  })
})

describe('names and notes', () => {
  it('are those of every provider and source that is concerned, once', async () => {
    const slices = [slice(), slice({ source: 'ses' }), slice({ source: 'ses', provider: 'gmail' })]
    const { names, notes } = await setUp([]).gather(incidentAt(100, 50, { slices }))
    expect(names).toEqual({ yahoo: 'YAHOO', gmail: 'GMAIL' })
    expect(notes).toEqual(['ses tells no retries', 'ses tells no IP'])
  })
})
