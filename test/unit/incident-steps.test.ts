import { describe, expect, it } from 'vitest'
import { openBlind } from '../../src/incident/blind.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import type { IncidentEvent } from '../../src/incident/event.ts'
import { sortNovelties } from '../../src/incident/first-seen.ts'
import type { DeliveryIncident, Incident, NewReplyIncident } from '../../src/incident/incident.ts'
import { openNewReply } from '../../src/incident/new-reply.ts'
import { reduce } from '../../src/incident/reducer.ts'
import { storedIncidentSchema } from '../../src/incident/stored.ts'
import { finding, minute } from '../support/findings.ts'
import { newReply } from '../support/new-reply.ts'

const DAY = 1440
const delivery = openDelivery(finding(10)).incident
const blind = openBlind({ source: 'ses', since: minute(0), problem: '401', remedy: 'Look.' }, minute(5)).incident
const reply = openNewReply(newReply(), minute(20)).incident
const opened: Incident[] = [delivery, blind, reply]
const at = minute(30)

/** One of each, later than all that the incidents know. */
const EVENTS: Record<string, IncidentEvent> = {
  finding: { kind: 'finding', at, finding: finding(30, { rate: 0.9, failures: 9000 }) },
  unseen: { kind: 'unseen', at: minute(300) },
  blind: { kind: 'blind', at, problem: 'a timeout', remedy: 'Wait.' },
  seeing: { kind: 'seeing', at },
  stale: { kind: 'stale', at, why: 'No data from mailgun' },
  counted: { kind: 'counted', at, tally: { n: 900, since: minute(0), lastAt: minute(29) }, untold: ['another'] },
  mute: { kind: 'mute', at, mute: { reason: 'warm-up', endsAt: minute(90) } },
  absorbed: { kind: 'absorbed', at, into: 'inc_x' },
  joined: { kind: 'joined', at, finding: finding(30, { signal: 'receiver' }) },
  turned: { kind: 'turned', at, finding: finding(30, { signal: 'blocking' }) },
  acknowledge: { kind: 'acknowledge', at, actor: 'Ann' },
  snooze: { kind: 'snooze', at, actor: 'Ann', until: minute(90) },
}
const OF_ALL = ['mute', 'acknowledge', 'snooze']
const OF = {
  delivery: ['finding', 'unseen', 'stale', 'absorbed', 'joined', 'turned', ...OF_ALL],
  blind: ['blind', 'seeing', ...OF_ALL],
  'new-reply': ['counted', 'absorbed', ...OF_ALL],
}

describe('an event', () => {
  it.each(opened.map((incident) => [incident.kind, incident] as const))(
    'is one of a %s incident, or changes nothing',
    (kind, incident) => {
      const changing = Object.keys(EVENTS).filter((name) => reduce(incident, EVENTS[name]!).incident !== incident)
      expect(new Set(changing)).toEqual(new Set(OF[kind]))
    },
  )

  it('changes nothing of what is resolved, but that the same trouble comes back within a day', () => {
    const comesBack: Record<string, string> = { delivery: 'finding', blind: 'blind' }
    for (const incident of opened) {
      const resolved = { ...incident, state: 'resolved', resolvedAt: minute(25) } as Incident
      const changing = Object.keys(EVENTS).filter((name) => reduce(resolved, EVENTS[name]!).incident !== resolved)
      expect(changing).toEqual([comesBack[incident.kind]].filter(Boolean))
    }
  })

  it('raises the version by one, and says when', () => {
    for (const incident of opened) {
      const step = reduce(incident, EVENTS.acknowledge!)
      expect(step.incident).toMatchObject({ version: incident.version + 1, updatedAt: at, toldAt: at })
    }
    const quiet = reduce(reply, { kind: 'counted', at, tally: { n: 900, since: minute(0), lastAt: at }, untold: [] })
    expect(quiet.incident).toMatchObject({ updatedAt: at, toldAt: reply.toldAt, n: 900 })
  })
})

describe('what is opened', () => {
  it('was told to nobody, and is nobody’s', () => {
    for (const { told, acknowledgedBy, owner, snoozedUntil, reopened, stale, muted, version } of opened)
      expect([told, acknowledgedBy, owner, snoozedUntil, reopened, stale, muted, version]).toEqual([
        ...[false, null, null, null, 0, false, null, 1],
      ])
  })
})

describe('a source that goes blind again', () => {
  const resolved = reduce(reduce(blind, EVENTS.acknowledge!).incident, { kind: 'seeing', at: minute(40) }).incident
  const again = (n: number) => reduce(resolved, { kind: 'blind', at: minute(n), problem: 'a timeout', remedy: 'Wait.' })

  it('is the same trouble for a day, which nobody has taken yet', () => {
    const { incident, audit } = again(40 + DAY)
    expect(incident).toMatchObject({
      state: 'open',
      since: minute(40 + DAY),
      resolvedAt: null,
      acknowledgedBy: null,
      reopened: 1,
      problem: 'a timeout',
      remedy: 'Wait.',
    })
    expect(audit).toMatchObject([{ what: 'reopened', says: 'No data again: a timeout. Wait.' }])
    expect(again(40 + DAY + 1).incident).toBe(resolved)
  })

  it('has another problem, and says so once', () => {
    const other = reduce(blind, EVENTS.blind!)
    expect(other.incident).toMatchObject({ problem: 'a timeout', remedy: 'Wait.', since: minute(0) })
    expect(reduce(other.incident, { ...EVENTS.blind!, at: minute(31) } as IncidentEvent).incident).toBe(other.incident)
  })
})

describe('the worst of a trouble whose attempts are unknown', () => {
  it('is the first of two readings that were as bad', () => {
    const unknown = { rate: null, baseline: null, attempts: null }
    const first = openDelivery(finding(10, { ...unknown, failures: 100 })).incident
    const worst = (failures: number) =>
      (
        reduce(first, { kind: 'finding', at: minute(30), finding: finding(30, { ...unknown, failures }) })
          .incident as DeliveryIncident
      ).worst
    expect(worst(100)).toMatchObject({ at: minute(10) })
    expect(worst(101)).toMatchObject({ at: minute(30), failures: 101 })
  })
})

describe('new replies beyond the limit of a day', () => {
  it('are mentioned by the newest that is not over, in whatever order they are known', () => {
    const ofDay = [1, 2, 3, 4, 5].map((n) => openNewReply(newReply({ template: `words ${n}` }), minute(n)).incident)
    const over = { ...ofDay[4]!, state: 'resolved', resolvedAt: minute(6) } as NewReplyIncident
    const known = [...ofDay.slice(0, 4), over]
    const seen = { replies: [newReply({ template: 'a sixth' })], min: 50 }
    for (const some of [known, known.toReversed()]) {
      const { fresh, untold } = sortNovelties(some, [], seen, minute(20))
      expect(fresh).toEqual([])
      expect(untold?.by).toBe(ofDay[3]!.id)
    }
  })
})

describe('an incident that was stored', () => {
  const stored = (incident: object): unknown => JSON.parse(JSON.stringify(incident))
  const worsened = reduce(delivery, EVENTS.finding!).incident as DeliveryIncident
  const better = { ...worsened, severity: 'low', worstSeverity: 'critical' } as DeliveryIncident

  it.each([...opened, worsened, better])('comes back as it was (%#)', (incident) => {
    expect(storedIncidentSchema.parse(stored(incident))).toEqual(incident)
  })

  it('by an older version gets what that did not know', () => {
    const { worstSeverity: _, owner: __, ...older } = worsened
    expect(storedIncidentSchema.parse(stored(older))).toEqual({
      ...worsened,
      worstSeverity: worsened.severity,
      owner: null,
    })
  })

  it('does not fail for its evidence, nor for a cause that is not known any more', () => {
    const odd = { ...delivery, evidence: { ...delivery.evidence, series: 'none' } }
    expect(storedIncidentSchema.parse(stored(odd))).toMatchObject({ evidence: { series: [], replies: [] } })
    const reply = stored({ ...newReplyIncident(), cause: 'gone', signal: 'gone' })
    expect(storedIncidentSchema.parse(reply)).toMatchObject({ cause: 'unknown', signal: null })
  })

  it.each([{ version: 0 }, { state: 'closed' }, { openedAt: 'yesterday' }, { kind: 'another' }])(
    'is not read with %j',
    (change) => {
      expect(storedIncidentSchema.safeParse(stored({ ...delivery, ...change })).success).toBe(false)
    },
  )
})

const newReplyIncident = () => openNewReply(newReply(), minute(20)).incident
