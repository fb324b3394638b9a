import { describe, expect, it } from 'vitest'
import { openBlind } from '../../src/incident/blind.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import type { IncidentEvent } from '../../src/incident/event.ts'
import { mustBeHeard } from '../../src/incident/heard.ts'

import type { Incident } from '../../src/incident/incident.ts'
import { reduce } from '../../src/incident/reducer.ts'
import { finding, minute, slice } from '../support/findings.ts'

/** Which rows of the history an event adds, and which of them must be heard. */
function heardOf(before: Incident, event: IncidentEvent) {
  const { incident, audit } = reduce(before, event)
  return audit.map((row) => [row.what, mustBeHeard(row, incident)])
}

describe('what must be heard', () => {
  const throttled = openDelivery(finding(1)).incident
  const snoozed = reduce(throttled, { kind: 'snooze', at: minute(2), actor: 'Ann', until: minute(600) }).incident
  const blocked = finding(30, { signal: 'blocking', rate: 0.9 })
  const wider = { where: { provider: 'yahoo' }, slices: [slice(), slice({ ip: '198.51.100.8' })] }

  it.each<[string, Incident, IncidentEvent, [string, boolean][]]>([
    [
      'throttling that becomes a block',
      throttled,
      { kind: 'turned', at: minute(30), finding: blocked },
      [['worsened', true]],
    ],
    [
      'the same while it is snoozed',
      snoozed,
      { kind: 'turned', at: minute(30), finding: blocked },
      [['worsened', true]],
    ],
    [
      'a trouble that reaches further',
      throttled,
      { kind: 'finding', at: minute(2), finding: finding(2, wider) },
      [['spread', true]],
    ],
    [
      'the same while it is snoozed',
      snoozed,
      { kind: 'finding', at: minute(3), finding: finding(3, wider) },
      [['spread', false]],
    ],
    ['a reminder', throttled, { kind: 'time', at: minute(241) }, [['reminded', true]]],
    ['the end of a snooze', snoozed, { kind: 'time', at: minute(600) }, [['unsnoozed', true]]],
    [
      'a snooze that a person ends',
      snoozed,
      { kind: 'unsnooze', at: minute(10), actor: 'Bob' },
      [['unsnoozed', false]],
    ],
    [
      'a blind source whose problem has another name',
      openBlind({ source: 'ses', since: minute(0), problem: '500', remedy: '' }, minute(5)).incident,
      { kind: 'blind', at: minute(6), problem: 'a timeout', remedy: '' },
      [['spread', false]],
    ],
  ])('%s', (_, before, event, expected) => {
    expect(heardOf(before, event)).toEqual(expected)
  })

  it('is never heard while it is silenced or over', () => {
    const muted = { ...throttled, muted: { reason: 'warm-up', endsAt: minute(600) } }
    const resolved = { ...throttled, state: 'resolved' as const, resolvedAt: minute(60) }
    for (const what of ['worsened', 'reopened', 'spread', 'reminded', 'unsnoozed'] as const) {
      const row = { what, actor: 'bouncebell' }
      expect([throttled, muted, resolved].map((incident) => mustBeHeard(row, incident))).toEqual([true, false, false])
    }
  })
})
