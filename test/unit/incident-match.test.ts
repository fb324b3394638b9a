import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/detect/finding.ts'
import type { SlicePattern } from '../../src/detect/state/slice.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import { contains, incidentId, overlap } from '../../src/incident/fingerprint.ts'
import type { DeliveryIncident } from '../../src/incident/incident.ts'
import { match } from '../../src/incident/match.ts'
import { finding, minute, slice } from '../support/findings.ts'
import { createIncidentLife } from '../support/incident-life.ts'

const ips = (...last: number[]) => last.map((n) => slice({ ip: `198.51.100.${n}` }))
const yahoo = { source: 'mailgun', provider: 'yahoo' }
const at = (n: number): SlicePattern => ({ ...yahoo, ip: `198.51.100.${n}` })
const open = (given: Partial<Finding>, n = 1): DeliveryIncident => openDelivery(finding(n, given)).incident
const matched = (incidents: DeliveryIncident[], findings: Finding[], n = 2) => match(incidents, findings, minute(n))

describe('which incident a finding belongs to', () => {
  it('is the one with most in common', () => {
    const [few, many] = [
      open({ where: { ...yahoo, campaign: 'a' }, slices: ips(1, 2, 3, 4) }),
      open({ where: { ...yahoo, campaign: 'b' }, slices: ips(1, 2, 5) }),
    ]
    const found = finding(2, { where: { provider: 'yahoo', senderDomain: 'x' }, slices: ips(1, 2) })
    expect([...matched([few, many], [found]).findings.keys()]).toEqual([many.id])
    expect([...matched([many, few], [found]).findings.keys()]).toEqual([many.id])
  })

  it('is the one of the same place before one that merely shares more', () => {
    const [same, sharing] = [
      open({ where: yahoo, slices: ips(1) }),
      open({ where: { ip: '198.51.100.2' }, slices: ips(2, 3, 4) }),
    ]
    const found = finding(2, { where: yahoo, slices: ips(2, 3, 4) })
    expect([...matched([sharing, same], [found]).findings.keys()]).toEqual([same.id])
  })

  it('is the older of two that have as much in common, since that is the one people know', () => {
    const [older, younger] = [
      open({ where: { ...yahoo, campaign: 'a' }, slices: ips(1) }, 1),
      open({ where: { ...yahoo, campaign: 'b' }, slices: ips(1) }, 5),
    ]
    const found = finding(9, { where: { provider: 'yahoo', senderDomain: 'x' }, slices: ips(1) })
    for (const incidents of [
      [older, younger],
      [younger, older],
    ])
      expect([...matched(incidents, [found], 9).findings.keys()]).toEqual([older.id])
  })

  it('is none of another signal or another rule, in the same place', () => {
    const incident = open({ where: yahoo, slices: ips(1) })
    const others = [
      finding(2, { where: yahoo, slices: ips(1), signal: 'list' }),
      finding(2, { where: yahoo, slices: ips(1), kind: 'rule', rule: 'mine' }),
    ]
    const { findings, fresh } = matched([incident], others)
    expect(findings.size).toBe(0)
    expect(fresh).toHaveLength(2)
  })

  it('is one whose place holds it, or lies in it, though no slice is in common', () => {
    const incident = open({ where: yahoo, slices: ips(1) })
    for (const where of [at(9), { provider: 'yahoo' }])
      expect(matched([incident], [finding(2, { where, slices: ips(9) })]).findings.size).toBe(1)
  })

  it('is the one that was named by the place before one that came to it', () => {
    const [named, came] = [
      { ...open({ where: yahoo, slices: ips(1) }, 5), where: { provider: 'yahoo' } },
      { ...open({ where: at(1), slices: ips(1) }, 1), where: yahoo },
    ]
    const found = finding(9, { where: yahoo, slices: ips(1) })
    expect(matched([came, named], [found], 9).findings.get(named.id)).toBe(found)
  })

  it('leaves a second finding to an incident of its own, where the first has the incident', () => {
    const incident = open({ where: yahoo, slices: ips(1, 2, 3, 4) })
    const first = finding(2, { where: yahoo, slices: ips(1, 2, 3, 4) })
    const second = finding(2, { where: { provider: 'yahoo', senderDomain: 'x' }, slices: ips(1, 2, 3, 9) })
    const { findings, fresh } = matched([incident], [first, second])
    expect([findings.get(incident.id), fresh.map(({ finding: found }) => found)]).toEqual([first, [second]])
  })

  it('is one that was resolved within a day, if it is the same place, and none that was merged', () => {
    const over = { ...open({ where: yahoo, slices: ips(1) }), state: 'resolved' as const, resolvedAt: minute(30) }
    const found = finding(90, { where: yahoo, slices: ips(1) })
    expect(matched([over], [found], 90).findings.get(over.id)).toBe(found)
    expect(matched([{ ...over, mergedInto: 'another' }], [found], 90).fresh).toMatchObject([{ finding: found }])
  })

  it('joins by a signal that the incident has beside its own only where they have a slice in common', () => {
    const incident: DeliveryIncident = { ...open({ where: at(1), slices: ips(1) }), also: ['receiver'] }
    const receiver = (n: number) => finding(90, { signal: 'receiver', since: minute(80), where: at(n), slices: ips(n) })
    const going = finding(90, { where: at(1), slices: ips(1) })
    expect(matched([incident], [going, receiver(1)], 90).joined.get(incident.id)).toHaveLength(1)
    const { joined, fresh } = matched([incident], [going, receiver(2)], 90)
    expect([joined.size, fresh.length]).toEqual([0, 1])
  })

  it('gives each incident one finding and each finding one incident', () => {
    const [a, b] = [open({ where: at(1), slices: ips(1) }), open({ where: at(2), slices: ips(2) })]
    const { findings, fresh } = matched(
      [a, b],
      [
        finding(2, { where: at(2), slices: ips(2), rate: 0.2 }),
        finding(2, { where: at(1), slices: ips(1), rate: 0.1 }),
      ],
    )
    expect([findings.get(a.id)?.rate, findings.get(b.id)?.rate]).toEqual([0.1, 0.2])
    expect(fresh).toEqual([])
  })
})

describe('a trouble that fell into parts', () => {
  const whole = open({ where: yahoo, slices: ips(1, 2, 3), since: minute(0) })
  const parts = [
    finding(9, {
      where: at(1),
      slices: ips(1),
      since: minute(3),
      rate: 0.5,
      baseline: 0.1,
      attempts: 100,
      failures: 50,
    }),
    finding(9, {
      where: at(2),
      slices: ips(2),
      since: minute(2),
      rate: 0.2,
      baseline: 0.02,
      attempts: 300,
      failures: 60,
    }),
  ]

  it('is one finding for the whole place: sums of what is counted, means by the attempts, the earliest beginning', () => {
    const found = matched([whole], parts, 9).findings.get(whole.id)
    expect(found).toMatchObject({ where: yahoo, since: minute(2), attempts: 400, failures: 110 })
    expect(found?.rate).toBeCloseTo(0.275)
    expect(found?.baseline).toBeCloseTo(0.04)
    expect(found?.slices.map(({ ip }) => ip).sort()).toEqual(['198.51.100.1', '198.51.100.2'])
  })

  it('has no attempts where one part does not know them, and the share of its first part', () => {
    const [first, second] = parts
    const found = matched([whole], [first!, { ...second!, attempts: null }], 9).findings.get(whole.id)
    expect(found).toMatchObject({ attempts: null, failures: 110 })
    expect([0.5, 0.2]).toContain(found?.rate)
  })

  it('opens nothing for any of them', () => {
    expect(matched([whole], parts, 9).fresh).toEqual([])
  })
})

describe('what is absorbed', () => {
  it('is an incident that a wider finding of another one explains', () => {
    const [a, b] = [open({ where: at(1), slices: ips(1) }), open({ where: at(2), slices: ips(2) }, 2)]
    const { absorbed } = matched([a, b], [finding(9, { where: yahoo, slices: ips(1, 2) })], 9)
    expect([...absorbed]).toEqual([[b.id, a.id]])
  })

  it('is none that a wider drift explains: that would hide the worse behind the lesser', () => {
    const [alarm, drift] = [
      open({ where: at(1), slices: ips(1) }),
      open({ where: { provider: 'yahoo' }, slices: ips(1, 2), kind: 'drift' }, 2),
    ]
    const wider = finding(9, { where: { provider: 'yahoo' }, slices: ips(1, 2), kind: 'drift' })
    expect(matched([alarm, drift], [wider], 9).absorbed.size).toBe(0)
  })
})

describe('a block in a place whose mail was slowed', () => {
  const slowed = (n: number, slices = ips(1, 2)) => ({ where: yahoo, slices, since: minute(0), at: minute(n) })
  const block = (given: Partial<Finding> = {}) =>
    finding(90, { signal: 'blocking', since: minute(80), where: at(1), slices: ips(1), ...given })

  it.each<[string, Partial<Finding>, Partial<Finding>, string]>([
    ['half of the place', {}, {}, 'turned'],
    ['less than half of it', { slices: ips(1, 2, 3) }, {}, 'fresh'],
    ['what a rule watches', {}, { kind: 'rule', rule: 'mine' }, 'fresh'],
    ['a drift to blocks', {}, { kind: 'drift' }, 'fresh'],
    ['a place that only drifted', { kind: 'drift' }, {}, 'fresh'],
    ['a place whose servers fail', { signal: 'receiver' }, {}, 'fresh'],
    ['blocks that are not more than usual', {}, { rate: 0.01, baseline: 0.02 }, 'none'],
  ])('of %s', (_what, before, after, expected) => {
    const incident = open({ ...slowed(1), ...before })
    const { turned, fresh } = matched([incident], [finding(90, { ...slowed(90), ...before }), block(after)], 90)
    expect([turned.has(incident.id) && 'turned', fresh.length > 0 && 'fresh'].find(Boolean) || 'none').toBe(expected)
  })

  it('turns nothing that is quiet already', () => {
    const incident = { ...open(slowed(1)), recoveredAt: minute(80) }
    const { turned, fresh } = matched([incident], [block()], 90)
    expect([turned.size, fresh.length]).toEqual([0, 1])
  })
})

describe('a recovery', () => {
  it('is taken from the nearest of what recovered, and only where nothing of it still fires', () => {
    const incident = open({ where: yahoo, slices: ips(1, 2) })
    const over = (given: Partial<Finding>) => finding(9, { status: 'recovered', rate: 0.01, ...given })
    const far = over({ where: { provider: 'yahoo' }, slices: ips(1, 2, 3, 4), rate: 0.02 })
    const near = over({ where: yahoo, slices: ips(1, 2), rate: 0.03 })
    expect(matched([incident], [far, near], 9).findings.get(incident.id)).toBe(near)
    expect(matched([incident], [near, far], 9).findings.get(incident.id)).toBe(near)
    const stillFiring = finding(9, { where: at(2), slices: ips(2) })
    expect(matched([incident], [near, stillFiring], 9).findings.get(incident.id)?.status).toBe('firing')
  })

  it('in a place of its own says nothing of another', () => {
    const incident = open({ where: at(1), slices: ips(1) })
    const over = finding(9, { where: at(2), slices: ips(2), status: 'recovered' })
    expect(matched([incident], [over], 9).findings.size).toBe(0)
  })
})

describe('the coarsest of what fires at once', () => {
  it.each<[string, SlicePattern, SlicePattern]>([
    ['an IP before a provider', { ip: '198.51.100.1' }, { provider: 'yahoo' }],
    ['one dimension before two', { source: 'mailgun' }, yahoo],
  ])('opens the incident: %s', (_which, coarse, fine) => {
    const both = [finding(1, { where: fine, slices: ips(1) }), finding(1, { where: coarse, slices: ips(1) })]
    for (const findings of [both, both.toReversed()]) {
      const life = createIncidentLife()
      life.at(1, findings)
      expect(life.all.map(({ where }) => where)).toEqual([coarse])
    }
  })

  it('is the one of more slices where both name as much', () => {
    const [some, more] = [
      finding(1, { where: { campaign: 'a' }, slices: ips(1) }),
      finding(1, { where: { senderDomain: 'shop.example' }, slices: ips(1, 2) }),
    ]
    for (const findings of [
      [some, more],
      [more, some],
    ]) {
      const life = createIncidentLife()
      life.at(1, findings)
      expect(life.all.map(({ where }) => where)).toEqual([more.where])
    }
  })
})

describe('places', () => {
  it('contain what agrees with all that they name', () => {
    expect(contains({}, yahoo)).toBe(true)
    expect(contains({ provider: 'yahoo' }, yahoo)).toBe(true)
    expect(contains(yahoo, { provider: 'yahoo' })).toBe(false)
    expect(contains({ provider: 'gmail' }, yahoo)).toBe(false)
  })

  it('overlap by the share of slices that they have in common', () => {
    expect(overlap(ips(1, 2), ips(1, 2))).toBe(1)
    expect(overlap(ips(1, 2), ips(2, 3))).toBeCloseTo(1 / 3)
    expect(overlap(ips(1, 2, 3), ips(1))).toBeCloseTo(1 / 3)
    expect(overlap(ips(1), ips(2))).toBe(0)
    expect(overlap([], [])).toBe(0)
  })

  it('and the minute make an id that is the same everywhere and at every start', () => {
    // By hand, from RFC 9923's FNV-1a.
    expect(incidentId('|throttling|mailgun|yahoo|*|*|*', minute(1))).toBe('1au1a3h7')
    expect(incidentId('a', minute(1))).not.toBe(incidentId('a', minute(2)))
    expect(incidentId('a', minute(1))).toBe(incidentId('a', new Date(minute(1).getTime() + 59_999)))
    expect(incidentId('a', minute(1))).not.toBe(incidentId('b', minute(1)))
    expect(incidentId('a', minute(1))).toMatch(/^[0-9a-v]{8}$/)
  })
})
