import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/detect/finding.ts'
import { finding, minute, slice } from '../support/findings.ts'
import { createIncidentLife } from '../support/incident-life.ts'

const HOUR = 60
const recovered = (n: number, given: Partial<Finding> = {}) =>
  finding(n, { status: 'recovered', rate: 0.003, ...given })
const kindsOf = (lines: string[]) => lines.map((line) => line.split(':')[0])

/** Open at 1, quiet at 10, resolved at 40. */
function resolvedLife() {
  const life = createIncidentLife()
  life.at(1, [finding(1)])
  life.at(10, [recovered(10)])
  life.at(40)
  expect(life.first.state).toBe('resolved')
  life.lines()
  return life
}

describe('what is long enough', () => {
  it('for the same trouble to reopen its incident: a day, and not a minute more', () => {
    const [within, beyond] = [resolvedLife(), resolvedLife()]
    within.at(40 + 24 * HOUR, [finding(40 + 24 * HOUR)])
    expect(within.all).toMatchObject([{ state: 'open', reopened: 1 }])
    beyond.at(41 + 24 * HOUR, [finding(41 + 24 * HOUR)])
    expect(beyond.all).toMatchObject([{ state: 'open', reopened: 0 }])
  })

  it('for a source that goes blind again: a day', () => {
    const blind = (n: number) => ({ blind: [{ source: 'ses', since: minute(n), problem: '401', remedy: 'Look.' }] })
    for (const [n, reopened] of [
      [10 + 24 * HOUR, 1],
      [11 + 24 * HOUR, 0],
    ] as const) {
      const life = createIncidentLife()
      life.at(1, [], blind(1))
      life.at(10)
      life.at(n, [], blind(n))
      expect(life.all.filter(({ state }) => state === 'open')).toMatchObject([{ reopened }])
    }
  })

  it('for relapses to be flapping: three within six hours, the first of them counted to the minute', () => {
    for (const [last, isFlapping] of [
      [15 + 6 * HOUR - 1, true],
      [15 + 6 * HOUR, false],
    ] as const) {
      const life = createIncidentLife()
      life.at(0, [finding(0)])
      for (const n of [15, 100, last]) {
        life.at(n - 5, [recovered(n - 5)])
        life.at(n, [finding(n)])
      }
      expect(kindsOf(life.lines()).includes('flapping')).toBe(isFlapping)
      expect(life.first.holdMinutes).toBe(isFlapping ? 60 : 30)
    }
  })

  it('for the wait before a resolve to stop doubling: four hours', () => {
    const life = createIncidentLife()
    life.at(0, [finding(0)])
    const holds: number[] = []
    for (let n = 10; n < 30 * 15; n += 10) {
      life.at(n, [recovered(n)])
      life.at(n + 5, [finding(n + 5)])
      holds.push(life.first.holdMinutes)
    }
    expect([...new Set(holds)]).toEqual([30, 60, 120, 240])
    const said = kindsOf(life.lines()).filter((what) => what === 'flapping')
    expect(said).toHaveLength(3)
  })

  it('for a snooze to count: until later than now, and not the same again', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    const snooze = (until: number) => life.person({ kind: 'snooze', at: minute(5), actor: 'Ann', until: minute(until) })
    expect(snooze(4)).toEqual([])
    expect(snooze(5)).toEqual([])
    expect(snooze(6)).toHaveLength(1)
    expect(snooze(6)).toEqual([])
    expect(snooze(60)).toMatchObject([{ incident: { snoozedUntil: minute(60) } }])
  })

  it('for a refusal to have come with another: half an hour before or after it', () => {
    const opened = (since: number) => {
      const life = createIncidentLife()
      life.at(100, [finding(100, { since: minute(50) }), finding(100, { signal: 'receiver', since: minute(since) })])
      return life.all.length
    }
    expect([19, 20, 80, 81].map(opened)).toEqual([2, 1, 1, 2])
  })

  it('for the slow watch to feel an alarm that is over: six hours', () => {
    const drift = (n: number) =>
      finding(n, { kind: 'drift', where: { source: 'mailgun' }, slices: [slice(), slice({ provider: 'gmail' })] })
    for (const [n, opened] of [
      [40 + 6 * HOUR, 1],
      [41 + 6 * HOUR, 2],
    ] as const) {
      const life = resolvedLife()
      life.at(n, [drift(n)])
      expect(life.all).toHaveLength(opened)
    }
  })

  it('for the recovery of a part: never while the rest goes on', () => {
    const life = createIncidentLife()
    const whole = { where: { source: 'mailgun', provider: 'yahoo' }, slices: [slice(), slice({ ip: '198.51.100.8' })] }
    life.at(1, [finding(1, whole)])
    for (let n = 2; n < 120; n++)
      life.at(n, [finding(n), recovered(n, { ...whole, slices: [slice({ ip: '198.51.100.8' })] })])
    expect(life.first).toMatchObject({ state: 'open', recoveredAt: null })
  })
})

describe('figures that are worth an edit', () => {
  const edits = (before: Partial<Finding>, after: Partial<Finding>, n = 2) => {
    const life = createIncidentLife()
    life.at(1, [finding(1, { attempts: 1000, failures: 200, ...before })])
    return life.at(n, [finding(n, { attempts: 1001, failures: 201, ...after })]).length
  }

  it.each<[string, Partial<Finding>, Partial<Finding>, number]>([
    ['a quarter more', { rate: 0.25 }, { rate: 0.3125 }, 1],
    ['less than a quarter more', { rate: 0.25 }, { rate: 0.31 }, 0],
    ['a quarter less', { rate: 0.25 }, { rate: 0.1875 }, 1],
    ['two points, where they are a quarter', { rate: 0.05 }, { rate: 0.071 }, 1],
    ['less than two points, though a quarter', { rate: 0.05 }, { rate: 0.069 }, 0],
    ['twice the failures', {}, { failures: 400 }, 1],
    ['less than twice the failures', {}, { failures: 399 }, 0],
    ['a share that is known now', { rate: null }, { rate: 0.38 }, 1],
    ['a share that is no longer known', { rate: 0.38 }, { rate: null }, 1],
    ['a share that stays unknown', { rate: null }, { rate: null }, 0],
    ['no mail at all', { rate: 0.25 }, { rate: 0.35, attempts: 1000, failures: 200 }, 0],
  ])('%s: %j and then %j', (_what, before, after, expected) => {
    expect(edits(before, after)).toBe(expected)
  })

  it('any, after a quarter of an hour', () => {
    expect(edits({}, {}, 15)).toBe(0)
    expect(edits({}, {}, 16)).toBe(1)
  })

  it('another place, though nothing else moved', () => {
    const narrower = {
      where: { source: 'mailgun', provider: 'yahoo', ip: '198.51.100.7', senderDomain: 'shop.example' },
    }
    expect(edits({}, { ...narrower, attempts: 1000, failures: 200 })).toBe(1)
  })
})

describe('an older message of the detector', () => {
  it('changes nothing: not the figures, not the recovery', () => {
    const life = createIncidentLife()
    life.at(10, [finding(10)])
    const before = life.first
    life.at(11, [finding(10, { rate: 0.99 })])
    life.at(12, [recovered(9)])
    expect(life.first).toBe(before)
  })
})

describe('who is told', () => {
  const silences = [{ where: { provider: 'yahoo' }, until: minute(500), reason: 'warm-up' }]

  it('nobody of what opens in a silence, until it is over', () => {
    const life = createIncidentLife()
    expect(life.at(1, [finding(1)], { silences })).toMatchObject([{ tell: false, incident: { told: false } }])
    expect(life.person({ kind: 'acknowledge', at: minute(2), actor: 'Ann' })).toMatchObject([{ tell: false }])
  })

  it('everybody of what a person does about what they know of', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    life.at(2, [finding(2)], { silences })
    const [step] = life.person({ kind: 'snooze', at: minute(3), actor: 'Ann', until: minute(400) })
    expect(step).toMatchObject({ tell: true, incident: { told: true } })
  })

  it('nobody of a reminder, a change for the worse or a relapse within a silence', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1, { rate: 0.05, failures: 10 })])
    life.at(2, [finding(2, { rate: 0.05, failures: 10 })], { silences })
    const told = [
      life.at(3, [finding(3, { rate: 0.9, failures: 3000 })], { silences }),
      life.at(4, [recovered(4)], { silences }),
      life.at(10, [finding(10)], { silences }),
    ].flatMap((steps) => steps.map(({ tell, audit }) => [audit[0]?.what, tell]))
    expect(told).toEqual([
      ['worsened', false],
      ['recovering', false],
      ['relapsed', false],
    ])
  })
})
