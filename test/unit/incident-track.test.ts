import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/detect/finding.ts'
import type { Blindness } from '../../src/incident/blind.ts'
import type { DeliveryIncident, Incident, Transition } from '../../src/incident/incident.ts'
import type { Silence } from '../../src/incident/silence.ts'
import { act, advance, track } from '../../src/incident/track.ts'
import { finding, minute, START, slice } from '../support/findings.ts'

/** All incidents of an installation, minute by minute, as the watch job drives them. */
function createLife() {
  let current: Incident[] = []
  const history: Transition[] = []
  function take(transitions: Transition[], at: Date) {
    for (const { incident, from } of transitions) {
      expect(incident.version).toBe(from + 1)
      expect(current.find(({ id }) => id === incident.id)?.version ?? 0).toBe(from)
    }
    current = advance(current, transitions, at)
    history.push(...transitions)
    return transitions
  }
  const at = (
    n: number,
    findings: Finding[] = [],
    { blind = [], silences = [] }: { blind?: Blindness[]; silences?: Silence[] } = {},
  ) => take(track(current, { at: minute(n), findings, blind, silences }), minute(n))
  return {
    at,
    /** Every minute of `[from, to)`. */
    during: (from: number, to: number, findings: (n: number) => Finding[] = () => []) =>
      Array.from({ length: to - from }, (_, i) => at(from + i, findings(from + i))).flat(),
    person: (id: string, event: Parameters<typeof act>[1]) => {
      const transition = act(current.find((incident) => incident.id === id)!, event)
      return transition ? take([transition], event.at) : []
    },
    get all() {
      return current
    },
    get only() {
      expect(current).toHaveLength(1)
      return current[0] as DeliveryIncident
    },
    told: () => history.flatMap(({ audit }) => audit.map(({ what }) => what)),
  }
}

const recovered = (n: number, given: Partial<Finding> = {}) =>
  finding(n, { status: 'recovered', rate: 0.003, ...given })
const HOUR = 60
const yahooEverywhere = {
  where: { source: 'mailgun', provider: 'yahoo' },
  slices: [slice(), slice({ ip: '198.51.100.8' })],
}

describe('opening', () => {
  it('opens one incident for a finding, with an id that anyone computes alike', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    const again = createLife()
    again.at(1, [finding(1)])
    expect(life.only).toEqual(again.only)
    expect(life.only).toMatchObject({ state: 'open', severity: 'high', version: 1, since: START, told: true })
    expect(life.only.id).toMatch(/^[0-9a-v]{8}$/)
    expect(life.told()).toEqual(['opened'])
  })

  it('does not open anything for a recovery that it never knew of', () => {
    const life = createLife()
    expect(life.at(1, [recovered(1)])).toEqual([])
  })

  it('opens nothing for a rate that is no longer raised, unless a rule asks for it', () => {
    const life = createLife()
    life.at(1, [finding(1, { kind: 'drift', rate: 0.004 })])
    expect(life.all).toEqual([])
    life.at(2, [finding(2, { kind: 'rule', rule: 'any 421', rate: 0.004 })])
    expect(life.only.trigger).toBe('rule')
  })

  it('says nothing more while the figures stand still, and brings them up to date after a quarter of an hour', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    expect(life.during(2, 16, (n) => [finding(n)])).toEqual([])
    const [edit] = life.at(16, [finding(16, { attempts: 3300 })])
    expect(edit).toMatchObject({ audit: [], tell: true })
    expect(life.only.reading.at).toEqual(minute(16))
  })

  it('edits at once when the rate moved by a quarter', () => {
    const life = createLife()
    life.at(1, [finding(1, { rate: 0.2 })])
    expect(life.at(2, [finding(2, { rate: 0.24, attempts: 3300 })])).toEqual([])
    expect(life.at(3, [finding(3, { rate: 0.26, attempts: 3340 })])).toHaveLength(1)
  })
})

describe('one trouble, one incident', () => {
  it.each<[string, Partial<Finding>]>([
    ['the account', { where: { source: 'mailgun' }, slices: [slice(), slice({ provider: 'gmail' })] }],
    ['the IP', { where: { ip: '198.51.100.7' }, slices: [slice(), slice({ provider: 'gmail' })] }],
    ['the provider', yahooEverywhere],
  ])('lets %s stand for a slice of it', (_, coarse) => {
    const life = createLife()
    life.at(1, [finding(1), finding(1, coarse)])
    expect(life.only.where).toEqual(coarse.where)
  })

  it('widens the incident that people know when the trouble spreads', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    const { id } = life.only
    life.at(2, [finding(2, yahooEverywhere)])
    expect(life.only).toMatchObject({ id, where: yahooEverywhere.where })
    expect(life.told()).toEqual(['opened', 'spread'])
  })

  it('merges two that grow into one, into the older, and the absorbed one points there', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    const other = {
      where: { source: 'mailgun', provider: 'yahoo', ip: '198.51.100.8' },
      slices: [slice({ ip: '198.51.100.8' })],
    }
    life.at(5, [finding(5), finding(5, other)])
    const [older, younger] = life.all as DeliveryIncident[]
    life.at(9, [finding(9, yahooEverywhere)])
    const [survivor, absorbed] = life.all as DeliveryIncident[]
    expect(survivor).toMatchObject({ id: older?.id, state: 'open', where: yahooEverywhere.where })
    expect(absorbed).toMatchObject({ id: younger?.id, state: 'resolved', mergedInto: older?.id })
    expect(life.told()).toEqual(['opened', 'opened', 'spread', 'merged'])
  })

  it('keeps an IP and a provider that merely cross apart', () => {
    const life = createLife()
    const ip = { where: { ip: '198.51.100.7' }, slices: [slice(), slice({ provider: 'gmail' })] }
    const provider = { where: { provider: 'yahoo' }, slices: [slice(), slice({ ip: '198.51.100.8' })] }
    life.during(1, 30, (n) => [finding(n, ip), finding(n, provider)])
    expect(life.all).toHaveLength(2)
  })

  it('keeps another signal in the same place apart when it came later', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    life.at(90, [finding(90), finding(90, { signal: 'receiver', since: minute(80) })])
    expect(life.all).toHaveLength(2)
  })

  it('makes throttling that ends in a block worse, however late, instead of opening a second incident', () => {
    const life = createLife()
    life.at(1, [finding(1, { rate: 0.05, failures: 30 })])
    const { id, severity } = life.only
    expect(severity).toBe('low')
    const block = (n: number) => finding(n, { signal: 'blocking', since: minute(80), rate: 0.9 })
    life.at(90, [finding(90, { rate: 0.05 }), block(90)])
    expect(life.only).toMatchObject({ id, signal: 'blocking', also: ['throttling'], reading: { rate: 0.9 } })
    expect(life.only.severity).toBe('critical')
    life.during(91, 120, (n) => [finding(n, { rate: 0.05 }), block(n)])
    life.during(120, 150, (n) => [recovered(n), block(n)])
    expect(life.only).toMatchObject({ signal: 'blocking', state: 'open', recoveredAt: null })
    life.during(150, 185, (n) => [recovered(n, { signal: 'blocking' })])
    expect(life.only.state).toBe('resolved')
    expect(life.told().filter((what) => ['opened', 'worsened', 'resolved'].includes(what))).toEqual([
      'opened',
      'worsened',
      'resolved',
    ])
  })

  it('leaves a block of few of many places to an incident of its own', () => {
    const life = createLife()
    const everywhere = Array.from({ length: 5 }, (_, i) => slice({ ip: `198.51.100.${i}` }))
    const wide = { where: yahooEverywhere.where, slices: everywhere }
    life.at(1, [finding(1, wide)])
    const one = { where: { ...yahooEverywhere.where, ip: '198.51.100.1' }, slices: everywhere.slice(1, 2) }
    life.at(90, [finding(90, wide), finding(90, { ...one, signal: 'blocking', since: minute(80) })])
    expect(life.all).toHaveLength(2)
  })

  it('goes on under the name of what is left, where what came with it lasts longer', () => {
    const life = createLife()
    life.at(1, [finding(1), finding(1, { signal: 'receiver' })])
    const [main] = [life.only.signal]
    const other = main === 'receiver' ? 'throttling' : 'receiver'
    const [over, left] = [(n: number) => recovered(n, { signal: main }), (n: number) => finding(n, { signal: other })]
    life.during(2, 20, (n) => [over(n), left(n)])
    expect(life.only).toMatchObject({ state: 'open', signal: other, also: [main], recoveredAt: null })
  })

  it('says a second kind of refusal on the same card when it came with the first', () => {
    const life = createLife()
    life.at(1, [finding(1), finding(1, { signal: 'blocking' })])
    life.during(2, 20, (n) => [finding(n), finding(n, { signal: 'blocking' })])
    expect(life.only.also).toHaveLength(1)
    expect(life.told()).toEqual(['opened', 'spread'])
  })

  it('never lets bad addresses join a block', () => {
    const life = createLife()
    life.at(1, [finding(1), finding(1, { signal: 'list' })])
    expect(life.all).toHaveLength(2)
  })

  it('never lets bad content join a block', () => {
    const life = createLife()
    life.at(1, [finding(1, { signal: 'blocking' }), finding(1, { signal: 'content' })])
    life.at(2, [finding(2, { signal: 'blocking' }), finding(2, { signal: 'content' })])
    expect(life.all.map((incident) => (incident as DeliveryIncident).signal).sort()).toEqual(['blocking', 'content'])
    expect(life.all.map((incident) => (incident as DeliveryIncident).also)).toEqual([[], []])
  })

  it('gives the same incidents for any order of the findings', () => {
    const findings = [
      finding(1),
      finding(1, yahooEverywhere),
      finding(1, { signal: 'list' }),
      finding(1, { kind: 'drift' }),
    ]
    const [life, mirrored] = [createLife(), createLife()]
    life.at(1, findings)
    mirrored.at(1, findings.toReversed())
    expect(new Set(life.all.map(({ id }) => id))).toEqual(new Set(mirrored.all.map(({ id }) => id)))
  })

  it('never hides an alarm behind a wider drift, and makes one incident of both', () => {
    const life = createLife()
    const drift = { kind: 'drift', rate: 0.02, ...yahooEverywhere } as const
    life.at(1, [finding(1, drift)])
    expect(life.only).toMatchObject({ severity: 'low', where: yahooEverywhere.where })
    life.during(2, 9, (n) => [finding(n, drift), finding(n)])
    expect(life.only).toMatchObject({ trigger: 'sudden', severity: 'high', where: finding(1).where })
    life.during(9, 60, (n) => [finding(n, drift), recovered(n)])
    expect(life.only).toMatchObject({ state: 'resolved' })
  })

  it('raises a drift to an alarm on the same message', () => {
    const life = createLife()
    life.at(1, [finding(1, { kind: 'drift' })])
    expect(life.only).toMatchObject({ trigger: 'drift', severity: 'low' })
    life.at(9, [finding(9)])
    expect(life.only).toMatchObject({ trigger: 'sudden', severity: 'high' })
    expect(life.told()).toEqual(['opened', 'worsened'])
  })
})

describe('recovery', () => {
  it('resolves half an hour after the detector says so', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    life.at(40, [recovered(40)])
    expect(life.during(41, 70)).toEqual([])
    life.at(70)
    expect(life.only).toMatchObject({ state: 'resolved', resolvedAt: minute(70) })
    expect(life.told()).toEqual(['opened', 'recovering', 'resolved'])
  })

  it('does not resolve while it fires, however long', () => {
    const life = createLife()
    life.during(1, 40 * HOUR, (n) => [finding(n, { attempts: 3260 + n })])
    expect(life.only.state).toBe('open')
  })

  it('starts the wait anew when it comes back', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    life.at(10, [recovered(10)])
    life.at(30, [finding(30)])
    life.at(35, [recovered(35)])
    life.during(36, 65)
    expect(life.only.state).toBe('open')
    life.at(65)
    expect(life.only.state).toBe('resolved')
    expect(life.told()).toEqual(['opened', 'recovering', 'relapsed', 'recovering', 'resolved'])
  })

  it('waits twice as long once it flaps: three relapses within six hours', () => {
    const life = createLife()
    life.at(0, [finding(0)])
    for (const n of [10, 30, 50]) {
      life.at(n, [recovered(n)])
      life.at(n + 5, [finding(n + 5)])
    }
    expect(life.only).toMatchObject({ holdMinutes: 60, relapses: [] })
    expect(life.told()).toContain('flapping')
    life.at(60, [recovered(60)])
    life.during(61, 120)
    expect(life.only.state).toBe('open')
    life.at(120)
    expect(life.only.state).toBe('resolved')
  })

  it('takes relapses further apart for no flapping', () => {
    const life = createLife()
    life.at(0, [finding(0)])
    for (const n of [4, 8, 12]) {
      life.at(n * HOUR, [recovered(n * HOUR)])
      life.at(n * HOUR + 5, [finding(n * HOUR + 5)])
    }
    expect(life.only.holdMinutes).toBe(30)
  })

  it('does not take the recovery of a part for that of the whole', () => {
    const life = createLife()
    life.at(1, [finding(1, yahooEverywhere)])
    life.at(10, [finding(10, yahooEverywhere), recovered(10)])
    expect(life.only.recoveredAt).toBeNull()
  })

  it('ends what the detector stopped telling of while data kept coming', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    life.during(2, 61)
    expect(life.only.recoveredAt).toBeNull()
    life.during(61, 95)
    expect(life.told()).toEqual(['opened', 'recovering', 'resolved'])
  })
})

describe('coming back', () => {
  const resolvedLife = () => {
    const life = createLife()
    life.at(1, [finding(1)])
    life.at(10, [recovered(10)])
    life.at(40)
    expect(life.only.state).toBe('resolved')
    return life
  }

  it('reopens the same message within a day', () => {
    const life = resolvedLife()
    const { id } = life.only
    life.at(20 * HOUR, [finding(20 * HOUR, { since: minute(20 * HOUR - 5) })])
    expect(life.only).toMatchObject({ id, state: 'open', reopened: 1, acknowledgedBy: null, resolvedAt: null })
    expect(life.told()).toEqual(['opened', 'recovering', 'resolved', 'reopened'])
  })

  it('opens a new one after a day', () => {
    const life = resolvedLife()
    const { id } = life.only
    life.at(25 * HOUR, [finding(25 * HOUR)])
    expect(life.only.id).not.toBe(id)
    expect(life.only).toMatchObject({ state: 'open', reopened: 0 })
  })

  it('opens a new one elsewhere', () => {
    const life = resolvedLife()
    life.at(90, [finding(90, { where: { provider: 'gmail' }, slices: [slice({ provider: 'gmail' })] })])
    expect(life.all).toHaveLength(2)
  })
})

describe('severity', () => {
  it('rises at once, and falls only well below the boundary', () => {
    const life = createLife()
    const at = (n: number, rate: number) => life.at(n, [finding(n, { rate, failures: 100, since: minute(n - 60) })])
    at(61, 0.3)
    expect(life.only.severity).toBe('medium')
    at(62, 0.45)
    expect(life.only.severity).toBe('high')
    at(63, 0.33)
    expect(life.only.severity).toBe('high')
    at(64, 0.2)
    expect(life.only.severity).toBe('medium')
    expect(life.told()).toEqual(['opened', 'worsened', 'improved'])
  })

  it('grades by what is lost: everything refused of much mail is critical, of little is not', () => {
    const [much, little] = [createLife(), createLife()]
    much.at(1, [finding(1, { rate: 0.9, attempts: 10_000, failures: 9000 })])
    little.at(1, [finding(1, { rate: 1, attempts: 4, failures: 4 })])
    expect([much.only.severity, little.only.severity]).toEqual(['critical', 'medium'])
  })

  it('never pages for bad addresses', () => {
    const life = createLife()
    life.at(1, [finding(1, { signal: 'list', rate: 0.9, attempts: 10_000, failures: 9000 })])
    expect(life.only.severity).toBe('medium')
  })

  it('takes the word of a rule', () => {
    const life = createLife()
    life.at(1, [finding(1, { kind: 'rule', rule: 'gmail-421', severity: 'critical', rate: 0.01 })])
    expect(life.only.severity).toBe('critical')
  })
})

describe('people', () => {
  it.each<[string, Parameters<typeof act>[1], Partial<DeliveryIncident>]>([
    [
      'acknowledge',
      { kind: 'acknowledge', at: minute(5), actor: 'Ann' },
      { state: 'acknowledged', acknowledgedBy: 'Ann' },
    ],
    [
      'snooze',
      { kind: 'snooze', at: minute(5), actor: 'Ann', until: minute(65) },
      { state: 'snoozed', snoozedUntil: minute(65) },
    ],
  ])('%s: once, however often it is pressed', (_, event, expected) => {
    const life = createLife()
    life.at(1, [finding(1)])
    expect(life.person(life.only.id, event)[0]?.audit[0]).toMatchObject({ actor: 'Ann' })
    expect(life.only).toMatchObject(expected)
    expect(life.person(life.only.id, event)).toEqual([])
  })

  it('cannot acknowledge or snooze what is resolved', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    life.at(10, [recovered(10)])
    life.at(40)
    expect(life.person(life.only.id, { kind: 'acknowledge', at: minute(41), actor: 'Ann' })).toEqual([])
    expect(life.person(life.only.id, { kind: 'snooze', at: minute(41), actor: 'Ann', until: minute(99) })).toEqual([])
  })

  it('wakes at the end of a snooze and says that it goes on', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    life.person(life.only.id, { kind: 'snooze', at: minute(5), actor: 'Ann', until: minute(65) })
    life.at(64, [finding(64)])
    expect(life.only.state).toBe('snoozed')
    const [woken] = life.at(65, [finding(65)])
    expect(woken?.audit[0]?.says).toBe(
      'The snooze ended. Still going on after 1.1 h: 38%, usually 0.40%; 1,240 of 3,260 so far.',
    )
    expect(life.only.state).toBe('open')
  })

  it('wakes to acknowledged where it was acknowledged before, by the button too', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    const { id } = life.only
    life.person(id, { kind: 'acknowledge', at: minute(2), actor: 'Ann' })
    life.person(id, { kind: 'snooze', at: minute(3), actor: 'Bob', until: minute(63) })
    life.person(id, { kind: 'unsnooze', at: minute(4), actor: 'Bob' })
    expect(life.only).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'Ann', snoozedUntil: null })
  })

  it('resolves what is snoozed', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    life.person(life.only.id, { kind: 'snooze', at: minute(5), actor: 'Ann', until: minute(600) })
    life.at(10, [recovered(10)])
    life.at(40)
    expect(life.only).toMatchObject({ state: 'resolved', snoozedUntil: null })
  })
})

describe('reminders', () => {
  it('come every 4 h while nobody has it, and every 24 h once somebody has', () => {
    const life = createLife()
    const going = (n: number) => [finding(n, { attempts: 3260 + n })]
    life.during(0, 9 * HOUR, going)
    expect(life.told()).toEqual(['opened', 'reminded', 'reminded'])
    life.person(life.only.id, { kind: 'acknowledge', at: minute(9 * HOUR), actor: 'Ann' })
    life.during(9 * HOUR, 34 * HOUR, going)
    expect(life.told()).toEqual(['opened', 'reminded', 'reminded', 'acknowledged', 'reminded'])
  })

  it('do not come while it recovers', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    life.during(2, 239, (n) => [finding(n)])
    life.at(239, [recovered(239)])
    life.during(240, 269)
    expect(life.told()).not.toContain('reminded')
  })
})

describe('blind sources', () => {
  const blind: Blindness[] = [
    { source: 'mailgun', since: START, problem: '401 from Mailgun', remedy: 'Check the key.' },
  ]

  it('raise one incident each, and resolve when they see again', () => {
    const life = createLife()
    const [opened] = life.at(1, [], { blind })
    expect(opened?.audit[0]?.says).toBe('No data from mailgun since 14:05 UTC: 401 from Mailgun. Check the key.')
    expect(life.at(2, [], { blind })).toEqual([])
    life.at(30)
    expect(life.all).toMatchObject([{ kind: 'blind', state: 'resolved' }])
    life.at(60, [], { blind })
    expect(life.all).toMatchObject([{ kind: 'blind', state: 'open', reopened: 1 }])
  })

  it('freeze their incidents: never resolved by silence of the data', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    life.at(10, [recovered(10)])
    life.at(20, [], { blind })
    for (let n = 21; n < 10 * HOUR; n++) life.at(n, [], { blind })
    const [incident] = life.all
    expect(incident).toMatchObject({ kind: 'delivery', state: 'open', stale: true })
    expect(life.told().filter((what) => what === 'stale')).toHaveLength(1)
    life.at(600)
    expect(life.all[0]).toMatchObject({ stale: false, state: 'open', recoveredAt: minute(600) })
    life.during(601, 631)
    expect(life.all[0]).toMatchObject({ state: 'resolved' })
  })

  it('are not the only ones: where no mail goes any more, nothing is known, and nobody is reminded', () => {
    const life = createLife()
    life.during(1, 30 * HOUR, (n) => [finding(n)])
    expect(life.told()).toEqual(['opened', 'stale'])
    expect(life.only).toMatchObject({ state: 'open', stale: true, reading: { at: minute(1) } })
    life.at(30 * HOUR, [finding(30 * HOUR, { attempts: 3400, failures: 1300 })])
    expect(life.only).toMatchObject({ state: 'open', stale: false, reading: { at: minute(30 * HOUR) } })
  })

  it('do not freeze what another source still sees', () => {
    const life = createLife()
    life.at(1, [finding(1, { where: { provider: 'yahoo' }, slices: [slice(), slice({ source: 'ses' })] })])
    life.at(2, [finding(2, { where: { provider: 'yahoo' }, slices: [slice(), slice({ source: 'ses' })] })], { blind })
    expect(life.all[0]).toMatchObject({ stale: false })
  })
})

describe('silences', () => {
  const silences: Silence[] = [{ where: { provider: 'yahoo' }, until: minute(60), reason: 'IP warm-up' }]

  it('keep it quiet from the start, and their end tells at once', () => {
    const life = createLife()
    const [opened] = life.at(1, [finding(1)], { silences })
    expect(opened).toMatchObject({ tell: false })
    expect(life.only).toMatchObject({ told: false, muted: { reason: 'IP warm-up', endsAt: minute(60) } })
    for (let n = 2; n < 60; n++) {
      for (const { tell } of life.at(n, [finding(n)], { silences })) expect(tell).toBe(false)
    }
    const [unmuted] = life.at(60, [finding(60)], { silences })
    expect(unmuted).toMatchObject({ tell: true, incident: { muted: null, told: true } })
  })

  it('say so on a message that is there already, and still tell of the end of it', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    expect(life.at(2, [finding(2)], { silences })).toMatchObject([{ tell: true, audit: [{ what: 'muted' }] }])
    expect(life.at(10, [recovered(10)], { silences })).toMatchObject([{ tell: false }])
    expect(life.at(40, [], { silences })).toMatchObject([{ tell: true, audit: [{ what: 'resolved' }] }])
  })

  it('show what people do about what they know of', () => {
    const life = createLife()
    life.at(1, [finding(1)])
    life.at(2, [finding(2)], { silences })
    expect(life.person(life.only.id, { kind: 'acknowledge', at: minute(3), actor: 'Ann' })).toMatchObject([
      { tell: true },
    ])
  })

  it('tell nobody of the end of what nobody was told of', () => {
    const life = createLife()
    life.at(1, [finding(1)], { silences })
    life.at(10, [recovered(10)], { silences })
    expect(life.at(40, [], { silences })).toMatchObject([{ tell: false, audit: [{ what: 'resolved' }] }])
  })
})
