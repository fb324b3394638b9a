import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/detect/finding.ts'
import { finding, minute, slice } from '../support/findings.ts'
import { createIncidentLife } from '../support/incident-life.ts'

const recovered = (n: number, given: Partial<Finding> = {}) =>
  finding(n, { status: 'recovered', rate: 0.003, ...given })
const everywhere = { where: { source: 'mailgun', provider: 'yahoo' }, slices: [slice(), slice({ ip: '198.51.100.8' })] }
const FIGURES = '38%, usually 0.40%; 1,240 of 3,260 so far'
const HOUR = 60

/** Lines that people read, word by word: what is said must be true of what happened. */
describe('the thread of an incident', () => {
  it('tells how it opened, went quiet and was resolved', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    expect(life.lines()).toEqual([`opened: Yahoo only, from one IP. ${FIGURES}, since 14:05 UTC.`])
    life.at(40, [recovered(40)])
    expect(life.lines()).toEqual(['recovering: Quiet since 14:45 UTC. Resolves at 15:15 UTC if it stays quiet.'])
    life.at(70)
    expect(life.lines()).toEqual([
      `resolved: Back to normal since 14:45 UTC, after 40 min. At worst ${FIGURES.replace('so far', 'in total')}.`,
    ])
  })

  it('tells what it was at worst, not at last', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1, { rate: 0.2, failures: 650 })])
    life.at(2, [finding(2, { rate: 0.9, failures: 3000, attempts: 3300 })])
    life.at(3, [finding(3, { rate: 0.3, failures: 3001, attempts: 3400 })])
    life.at(40, [recovered(40)])
    life.lines()
    life.at(70)
    expect(life.lines()).toEqual([
      'resolved: Back to normal since 14:45 UTC, after 40 min. At worst 90%, usually 0.40%; 3,000 of 3,300 in total.',
    ])
  })

  it('tells what it was at worst by its failures where attempts are unknown', () => {
    const life = createIncidentLife()
    const unknown = { rate: null, baseline: null, attempts: null }
    life.at(1, [finding(1, { ...unknown, failures: 100 })])
    life.at(2, [finding(2, { ...unknown, failures: 900 })])
    life.at(20, [finding(20, { ...unknown, failures: 800 })])
    expect(life.first).toMatchObject({ worst: { failures: 900 }, reading: { failures: 800 } })
  })

  it('tells that it is not over, and that it flaps', () => {
    const life = createIncidentLife()
    life.at(0, [finding(0)])
    for (const n of [10, 30, 50]) {
      life.at(n, [recovered(n)])
      life.lines()
      life.at(n + 5, [finding(n + 5)])
    }
    expect(life.lines()).toEqual([
      `relapsed: Not over yet: ${FIGURES}.`,
      'flapping: It came back 3 times in 6 h. It now takes 60 quiet minutes to resolve.',
    ])
  })

  it('tells that it is back, and how long it was gone', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    life.at(10, [recovered(10)])
    life.at(40)
    life.lines()
    life.at(100, [finding(100, { since: minute(95) })])
    expect(life.lines()).toEqual([`reopened: Back 1 h after it was resolved: ${FIGURES}.`])
    expect(life.first).toMatchObject({
      since: minute(95),
      relapses: [{ at: minute(100) }],
      reading: { at: minute(100) },
    })
  })

  it('tells that it got worse or better, from what to what', () => {
    const life = createIncidentLife()
    const hourly = (n: number, rate: number) =>
      life.at(n, [finding(n, { rate, failures: 100, attempts: 1000, baseline: null, since: minute(n - 60) })])
    hourly(61, 0.3)
    life.lines()
    hourly(62, 0.45)
    expect(life.lines()).toEqual(['worsened: 45%; 100 of 1,000 so far. Now high, was medium.'])
    hourly(63, 0.2)
    expect(life.lines()).toEqual(['improved: 20%; 100 of 1,000 so far. Now medium, was high.'])
  })

  it('tells that it reaches further, and what is merged into it', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    const other = {
      where: { source: 'mailgun', provider: 'yahoo', ip: '198.51.100.8' },
      slices: [slice({ ip: '198.51.100.8' })],
    }
    life.at(5, [finding(5), finding(5, other)])
    life.lines()
    life.at(9, [finding(9, { ...everywhere, says: 'all of Yahoo' })])
    expect(life.lines().sort()).toEqual([
      `merged: This is part of a larger problem and continues as incident ${life.first.id}.`,
      'spread: It has spread. All of Yahoo.',
    ])
  })

  it('tells that throttling became blocking', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1, { rate: 0.05 })])
    life.lines()
    life.at(90, [finding(90, { rate: 0.05 }), finding(90, { signal: 'blocking', since: minute(80) })])
    expect(life.lines()).toEqual([`worsened: Now blocking, before throttling: ${FIGURES}.`])
  })

  it('tells what comes with it, and what is left of it', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1), finding(1, { signal: 'receiver', says: 'their servers are full' })])
    const [, joined] = life.lines()
    const isMain = life.first.signal === 'throttling'
    expect(joined).toBe(
      isMain
        ? `spread: Also receiver problems: ${FIGURES}. Their servers are full.`
        : `spread: Also throttling: ${FIGURES}. Yahoo only, from one IP.`,
    )
    const [over, left] = isMain ? (['throttling', 'receiver'] as const) : (['receiver', 'throttling'] as const)
    life.at(2, [recovered(2, { signal: over }), finding(2, { signal: left })])
    expect(life.lines()).toEqual([
      `improved: Only ${left === 'receiver' ? 'receiver problems' : left} left: ${FIGURES}.`,
    ])
  })

  it('tells what comes with it some minutes later', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    life.lines()
    const full = { signal: 'receiver', since: minute(4), says: 'their servers are full' } as const
    life.at(5, [finding(5), finding(5, full)])
    expect(life.lines()).toEqual([`spread: Also receiver problems: ${FIGURES}. Their servers are full.`])
    expect(life.first.also).toEqual(['receiver'])
  })

  it('keeps the first of two minutes that were as bad for the worst', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    life.at(20, [finding(20, { attempts: 9000, failures: 3420 })])
    expect(life.first).toMatchObject({ worst: { at: minute(1) }, reading: { at: minute(20) } })
  })

  it('tells that its data stopped and came back', () => {
    const blind = [{ source: 'mailgun', since: minute(5), problem: '401 from Mailgun', remedy: 'Check the key.' }]
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    life.lines()
    life.at(5, [], { blind })
    expect(life.lines()).toContain(
      'stale: No data from mailgun. The figures are as of 14:06 UTC; it may be better or worse by now.',
    )
    life.at(6, [finding(6)])
    expect(life.lines()).toContain('fresh: Data is back.')
  })

  it('tells that no mail goes there, after three hours and not before', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    life.lines()
    life.at(180, [finding(180)])
    expect(life.lines()).toEqual([])
    life.at(181, [finding(181)])
    expect(life.lines()).toEqual([
      'stale: No mail was sent there recently. The figures are as of 14:06 UTC; it may be better or worse by now.',
    ])
  })

  it('tells that the detector sees it no more', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    life.lines()
    life.at(61)
    expect(life.lines()).toEqual(['recovering: The detector no longer sees this, and data is still coming in.'])
  })

  it('tells of silences: that one begins, is prolonged and is over', () => {
    const silence = (until: number) => ({
      silences: [{ where: { provider: 'yahoo' }, until: minute(until), reason: 'warm-up' }],
    })
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    life.lines()
    life.at(2, [finding(2)], silence(60))
    expect(life.lines()).toEqual(['muted: Silenced until 15:05 UTC: warm-up.'])
    life.at(3, [finding(3)], silence(60))
    expect(life.lines()).toEqual([])
    life.at(4, [finding(4)], silence(120))
    expect(life.lines()).toEqual(['muted: Silenced until 16:05 UTC: warm-up.'])
    life.at(120, [finding(120)], silence(120))
    expect(life.lines()).toContain('unmuted: The silence (warm-up) ended, and this is still going on.')
  })

  it('tells what people did', () => {
    const life = createIncidentLife()
    life.at(1, [finding(1)])
    life.lines()
    life.person({ kind: 'snooze', at: minute(2), actor: 'Ann', until: minute(62) })
    expect(life.lines()).toEqual(['snoozed: Ann snoozed this until 15:07 UTC.'])
    life.person({ kind: 'unsnooze', at: minute(3), actor: 'Bob' })
    expect(life.lines()).toEqual(['unsnoozed: Bob ended the snooze.'])
    life.person({ kind: 'acknowledge', at: minute(4), actor: 'Ann' })
    expect(life.lines()).toEqual(['acknowledged: Ann is on it.'])
  })

  it('reminds of what nobody has, and of what somebody has, to the minute', () => {
    const life = createIncidentLife()
    const going = (n: number) => [finding(n, { attempts: 3260 + n, failures: 1240 })]
    life.during(0, 4 * HOUR, going)
    life.lines()
    life.at(4 * HOUR, going(4 * HOUR))
    expect(life.lines()).toEqual([
      'reminded: Still going on after 4 h: 38%, usually 0.40%; 1,240 of 3,500 so far. Nobody has acknowledged it.',
    ])
    life.person({ kind: 'acknowledge', at: minute(5 * HOUR), actor: 'Ann' })
    life.during(5 * HOUR, 29 * HOUR, going)
    life.lines()
    life.at(29 * HOUR, going(29 * HOUR))
    expect(life.lines()).toEqual(['reminded: Still going on after 29 h: 38%, usually 0.40%; 1,240 of 5,000 so far.'])
  })

  it('tells after a snooze what is known by then: no data, or quiet', () => {
    const blind = [{ source: 'mailgun', since: minute(5), problem: '401 from Mailgun', remedy: 'Check the key.' }]
    const stale = createIncidentLife()
    stale.at(1, [finding(1)])
    stale.person({ kind: 'snooze', at: minute(2), actor: 'Ann', until: minute(20) })
    stale.at(5, [], { blind })
    stale.lines()
    stale.at(20, [], { blind })
    expect(stale.lines()).toEqual(['unsnoozed: The snooze ended. No data since then, so it may still be going on.'])

    const quiet = createIncidentLife()
    quiet.at(1, [finding(1)])
    quiet.person({ kind: 'snooze', at: minute(2), actor: 'Ann', until: minute(20) })
    quiet.at(10, [recovered(10)])
    quiet.lines()
    quiet.at(20)
    expect(quiet.lines()).toEqual(['unsnoozed: The snooze ended. It has been quiet since 14:15 UTC.'])
  })

  it('of a blind source tells what is wrong, that it changed, that it lasts, and the end', () => {
    const blind = (problem: string) => ({
      blind: [{ source: 'mailgun', since: minute(0), problem, remedy: `Look at ${problem}.` }],
    })
    const life = createIncidentLife()
    life.at(3, [], blind('401'))
    expect(life.lines()).toEqual(['opened: No data from mailgun since 14:05 UTC: 401. Look at 401.'])
    life.at(4, [], blind('503'))
    expect(life.lines()).toEqual(['spread: Now: 503. Look at 503.'])
    life.at(244, [], blind('503'))
    expect(life.lines()).toEqual(['reminded: Still no data from mailgun after 4.1 h: 503. Nobody has acknowledged it.'])
    life.at(245)
    expect(life.lines()).toEqual([
      'resolved: Data from mailgun is back after 4.1 h. Bouncebell is reading what it missed.',
    ])
    life.at(300, [], { blind: [{ source: 'mailgun', since: minute(297), problem: '401', remedy: 'Look again.' }] })
    expect(life.lines()).toEqual(['reopened: No data again: 401. Look again.'])
    expect(life.all[0]).toMatchObject({ state: 'open', reopened: 1, resolvedAt: null, since: minute(300) })
  })
})
