import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/detect/finding.ts'
import type { Blindness } from '../../src/incident/blind.ts'
import type { IncidentEvent } from '../../src/incident/event.ts'
import type { Incident, Transition } from '../../src/incident/incident.ts'
import type { NewReply } from '../../src/incident/new-reply-counts.ts'
import { POLICY } from '../../src/incident/policy.ts'
import { reduce } from '../../src/incident/reducer.ts'
import type { Silence } from '../../src/incident/silence.ts'
import { act, advance, track } from '../../src/incident/track.ts'
import { finding, minute, slice } from '../support/findings.ts'
import { newReply } from '../support/new-reply.ts'

const PLACES: Partial<Finding>[] = [
  {},
  { where: { source: 'mailgun', provider: 'yahoo', ip: '198.51.100.8' }, slices: [slice({ ip: '198.51.100.8' })] },
  { where: { source: 'mailgun', provider: 'yahoo' }, slices: [slice(), slice({ ip: '198.51.100.8' })] },
  { where: { ip: '198.51.100.7' }, slices: [slice(), slice({ provider: 'gmail' })] },
  { where: { source: 'mailgun' }, slices: [slice(), slice({ provider: 'gmail' }), slice({ ip: '198.51.100.8' })] },
  { where: { provider: 'gmail', source: 'ses' }, slices: [slice({ provider: 'gmail', source: 'ses' })] },
]

const aFinding = fc.record({
  place: fc.constantFrom(...PLACES),
  signal: fc.constantFrom('throttling' as const, 'blocking' as const, 'list' as const),
  kind: fc.constantFrom('sudden' as const, 'drift' as const),
  status: fc.constantFrom('firing' as const, 'firing' as const, 'recovered' as const),
  rate: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  failures: fc.nat(20_000),
})
type Given = typeof aFinding extends fc.Arbitrary<infer T> ? T : never
const toFinding = (n: number, { place, ...given }: Given): Finding =>
  finding(n, { ...place, ...given, attempts: given.rate === null ? null : 20_000 })

const aNewReply = fc.record({
  template: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
  signal: fc.constantFrom('throttling' as const, 'blocking' as const, null),
  source: fc.constantFrom('mailgun', 'ses'),
  n: fc.nat(200),
  age: fc.nat(300),
  quiet: fc.nat(500),
})
type GivenReply = typeof aNewReply extends fc.Arbitrary<infer T> ? T : never
const toNewReply = (n: number, { age, quiet, ...given }: GivenReply): NewReply =>
  newReply({ ...given, since: minute(n - age), lastAt: minute(n - Math.min(age, quiet)) })

const aMinute = fc.record({
  firstSeen: fc.option(
    fc.uniqueArray(aNewReply, { maxLength: 8, selector: ({ template, source }) => template + source }),
  ),
  findings: fc.array(aFinding, { maxLength: 4 }),
  blind: fc.subarray(['mailgun', 'ses'], { maxLength: 1 }),
  silenced: fc.boolean(),
  skip: fc.integer({ min: 1, max: 45 }),
  person: fc.option(
    fc.record({
      kind: fc.constantFrom('acknowledge' as const, 'snooze' as const, 'unsnooze' as const),
      whom: fc.nat(5),
    }),
    { freq: 3 },
  ),
})

const blindness = (source: string): Blindness => ({
  source,
  since: minute(0),
  problem: '401',
  remedy: 'Check the key.',
})
const SILENCES: Silence[] = [{ where: { provider: 'yahoo' }, until: minute(1e6), reason: 'warm-up' }]

/** Lives through the minutes, and hands each transition with what it was made from to `check`. */
function live(minutes: (typeof aMinute extends fc.Arbitrary<infer T> ? T : never)[], check: Check) {
  let current: Incident[] = []
  let n = 0
  const take = (transitions: Transition[], at: Date) => {
    for (const transition of transitions) {
      check(transition, current.find(({ id }) => id === transition.incident.id) ?? null)
    }
    current = advance(current, transitions, at)
  }
  for (const { findings, firstSeen, blind, silenced, skip, person } of minutes) {
    n += skip
    const known = { findings: findings.map((given) => toFinding(n, given)), blind: blind.map(blindness) }
    const looked = firstSeen ? { firstSeen: { replies: firstSeen.map((given) => toNewReply(n, given)), min: 50 } } : {}
    const now = { at: minute(n), silences: silenced ? SILENCES : [], ...known, ...looked }
    take(track(current, now), now.at)
    // After a crash the same minute comes again: it settles, rather than to tell people something every time.
    for (let again = 0; again < 3; again++) take(track(current, now), now.at)
    expect(track(current, now)).toEqual([])
    const incident = person && current[person.whom % Math.max(1, current.length)]
    if (person && incident) {
      const event = { kind: person.kind, at: now.at, actor: 'Ann', until: minute(n + 60) }
      const transition = act(incident, event as IncidentEvent)
      if (transition) take([transition], now.at)
    }
  }
  return current
}
type Check = (transition: Transition, before: Incident | null) => void

describe('any course of events', () => {
  it('raises versions by one, each change once, and tells its reason', () => {
    fc.assert(
      fc.property(fc.array(aMinute, { maxLength: 40 }), (minutes) => {
        live(minutes, ({ incident, from, audit }, before) => {
          expect(from).toBe(before?.version ?? 0)
          expect(incident.version).toBe(from + 1)
          expect(audit.every(({ says }) => says.length > 0 && !says.includes('undefined'))).toBe(true)
          if (before === null) expect(audit[0]?.what).toBe('opened')
          if (before && incident.state !== before.state) expect(audit.length).toBeGreaterThan(0)
        })
      }),
    )
  })

  it('resolves only after a recovery that held, a merge, or the source being back, and never what is stale', () => {
    fc.assert(
      fc.property(fc.array(aMinute, { maxLength: 60 }), (minutes) => {
        live(minutes, ({ incident }, before) => {
          if (incident.state !== 'resolved' || before?.state === 'resolved' || incident.kind !== 'delivery') return
          if (incident.mergedInto !== null) return
          expect(incident.stale).toBe(false)
          const quietMs = incident.resolvedAt!.getTime() - incident.recoveredAt!.getTime()
          expect(quietMs).toBeGreaterThanOrEqual(incident.holdMinutes * 60_000)
        })
      }),
    )
  })

  it('never has two incidents open for one trouble, and an absorbed one points to one that is there', () => {
    fc.assert(
      fc.property(fc.array(aMinute, { maxLength: 40 }), (minutes) => {
        const current = live(minutes, () => {})
        const open = current.filter(({ state }) => state !== 'resolved').map(({ fingerprint }) => fingerprint)
        expect(new Set(open).size).toBe(open.length)
        for (const incident of current) {
          if (incident.kind === 'delivery' && incident.mergedInto !== null) {
            expect(incident.mergedInto).not.toBe(incident.id)
          }
        }
      }),
    )
  })

  it('tells of few new replies in a day, and of each once', () => {
    fc.assert(
      fc.property(fc.array(aMinute, { maxLength: 40 }), (minutes) => {
        const opened: Incident[] = []
        live(minutes, ({ incident, from }) => {
          if (incident.kind !== 'new-reply' || from !== 0) return
          const ofLastDay = (each: Incident) => incident.openedAt.getTime() - each.openedAt.getTime() < 24 * 3_600_000
          const before = opened.filter(ofLastDay)
          expect(before.length).toBeLessThan(POLICY.newReply.mostPerDay)
          expect(before.map(({ fingerprint }) => fingerprint)).not.toContain(incident.fingerprint)
          expect(incident.severity).toBe('low')
          opened.push(incident)
        })
      }),
    )
  })

  it('survives the store: dates come back by the names of their fields', () => {
    const revive = (key: string, value: unknown) =>
      typeof value === 'string' && /(?:At|Until|^since|^at)$/.test(key) && /^\d{4}-.*Z$/.test(value)
        ? new Date(value)
        : value
    fc.assert(
      fc.property(fc.array(aMinute, { maxLength: 20 }), (minutes) => {
        for (const incident of live(minutes, () => {})) {
          expect(JSON.parse(JSON.stringify(incident), revive)).toEqual(incident)
        }
      }),
    )
  })
})

describe('the reducer', () => {
  it('takes the same event twice as once, and gives the very same object where nothing changes', () => {
    const events: fc.Arbitrary<IncidentEvent> = fc.oneof(
      aFinding.map((given): IncidentEvent => ({ kind: 'finding', at: minute(9), finding: toFinding(9, given) })),
      fc.constantFrom<IncidentEvent>(
        { kind: 'acknowledge', at: minute(9), actor: 'Ann' },
        { kind: 'snooze', at: minute(9), actor: 'Ann', until: minute(69) },
        { kind: 'unsnooze', at: minute(9), actor: 'Ann' },
        { kind: 'stale', at: minute(9), why: 'No data from mailgun' },
        { kind: 'fresh', at: minute(9) },
        { kind: 'mute', at: minute(9), mute: { reason: 'x', endsAt: minute(99) } },
        { kind: 'mute', at: minute(9), mute: null },
        { kind: 'absorbed', at: minute(9), into: 'other' },
        { kind: 'time', at: minute(9) },
      ),
    )
    fc.assert(
      fc.property(fc.array(aMinute, { maxLength: 10 }), events, (minutes, event) => {
        for (const incident of live(minutes, () => {})) {
          const once = reduce(incident, { ...event, at: incident.updatedAt } as IncidentEvent)
          const twice = reduce(once.incident, { ...event, at: incident.updatedAt } as IncidentEvent)
          expect(twice.incident).toBe(once.incident)
          expect(twice.audit).toEqual([])
        }
      }),
    )
  })
})
