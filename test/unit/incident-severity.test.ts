import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/detect/finding.ts'
import type { Severity } from '../../src/incident/incident.ts'
import { severityOf } from '../../src/incident/severity.ts'
import { finding, minute } from '../support/findings.ts'

/** An hour of trouble where nothing usually fails. */
const hour = (rate: number | null, failures: number, given: Partial<Finding> = {}) =>
  finding(60, { since: minute(0), rate, baseline: 0, attempts: 100_000, failures, ...given })

describe('the severity of a trouble', () => {
  it.each<[string, number | null, [number, Severity][]]>([
    [
      'under a tenth',
      0.0999,
      [
        [0, 'low'],
        [19, 'low'],
        [20, 'low'],
        [499, 'low'],
        [500, 'medium'],
      ],
    ],
    [
      'a tenth',
      0.1,
      [
        [0, 'low'],
        [19, 'low'],
        [20, 'medium'],
        [499, 'medium'],
        [500, 'high'],
      ],
    ],
    [
      'nearly four tenths',
      0.3999,
      [
        [0, 'low'],
        [19, 'low'],
        [20, 'medium'],
        [499, 'medium'],
        [500, 'high'],
      ],
    ],
    [
      'four tenths',
      0.4,
      [
        [0, 'medium'],
        [19, 'medium'],
        [20, 'high'],
        [499, 'high'],
        [500, 'critical'],
      ],
    ],
    [
      'an unknown share',
      null,
      [
        [0, 'low'],
        [19, 'low'],
        [20, 'medium'],
        [499, 'medium'],
        [500, 'high'],
      ],
    ],
  ])('of %s of the mail depends on the failures in an hour', (_share, rate, grades) => {
    const found = grades.map(([failures]) => [failures, severityOf(hour(rate, failures), null)])
    expect(found).toEqual(grades)
  })

  it('counts what is beyond the usual, in share and in number', () => {
    expect(severityOf(hour(0.42, 500, { baseline: 0.01, attempts: 1000 }), null)).toBe('high')
    expect(severityOf(hour(0.42, 510, { baseline: 0.01, attempts: 1000 }), null)).toBe('critical')
    expect(severityOf(hour(0.42, 510, { baseline: 0.03, attempts: 100 }), null)).toBe('high')
    expect(severityOf(hour(0.42, 510, { baseline: null, attempts: 1000 }), null)).toBe('critical')
    expect(severityOf(hour(null, 500, { baseline: 0.5, attempts: null }), null)).toBe('high')
  })

  it('takes the first quarter of an hour for one, and goes by the hour after that', () => {
    const young = (minutes: number, failures: number) =>
      severityOf(hour(0.2, failures, { since: minute(60 - minutes) }), null)
    expect([young(1, 4), young(1, 5)]).toEqual(['low', 'medium'])
    expect([young(15, 4), young(15, 5)]).toEqual(['low', 'medium'])
    expect([young(30, 9), young(30, 10)]).toEqual(['low', 'medium'])
    expect([young(30, 249), young(30, 250)]).toEqual(['medium', 'high'])
  })

  it('falls only where the figures would deserve it at half as much again', () => {
    // By the share: 0.4 / 1.5.
    expect(severityOf(hour(0.27, 100), 'high')).toBe('high')
    expect(severityOf(hour(0.26, 100), 'high')).toBe('medium')
    // By the failures: 500 / 1.5 an hour.
    expect(severityOf(hour(0.2, 334), 'high')).toBe('high')
    expect(severityOf(hour(0.2, 333), 'high')).toBe('medium')
    expect(severityOf(hour(null, 334), 'high')).toBe('high')
    expect(severityOf(hour(null, 333), 'high')).toBe('medium')
  })

  it('falls to what half as much again would deserve, and rises at once', () => {
    expect(severityOf(hour(0.09, 15), 'critical')).toBe('medium')
    expect(severityOf(hour(0.05, 5), 'critical')).toBe('low')
    expect(severityOf(hour(0.4, 500), 'low')).toBe('critical')
    expect(severityOf(hour(0.2, 100), 'medium')).toBe('medium')
  })

  it.each(['list', 'content'] as const)('of %s is never more than medium', (signal) => {
    expect(severityOf(hour(0.9, 9000, { signal }), null)).toBe('medium')
    expect(severityOf(hour(0.4, 100, { signal }), null)).toBe('medium')
    expect(severityOf(hour(0.05, 5, { signal }), null)).toBe('low')
  })

  it.each(['throttling', 'blocking', 'authentication', 'receiver'] as const)('of %s may be critical', (signal) => {
    expect(severityOf(hour(0.9, 9000, { signal }), null)).toBe('critical')
  })

  it('of a drift is low, whatever it was, and what a rule says, whatever the figures are', () => {
    expect(severityOf(hour(0.9, 9000, { kind: 'drift' }), 'high')).toBe('low')
    expect(severityOf(hour(0.9, 9000, { severity: 'low' }), 'high')).toBe('low')
    expect(severityOf(hour(0.01, 1, { severity: 'critical', kind: 'drift' }), null)).toBe('critical')
  })
})
