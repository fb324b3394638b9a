import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/detect/finding.ts'
import { onFinding, onTurned, openDelivery } from '../../src/incident/delivery.ts'
import { match } from '../../src/incident/match.ts'
import { reduce } from '../../src/incident/reducer.ts'
import { severityOf } from '../../src/incident/severity.ts'
import { finding, minute } from '../support/findings.ts'

const incident = openDelivery(finding(10)).incident

describe('a finding of the minute that is known already', () => {
  it('changes nothing, whatever it says', () => {
    const again = finding(10, { rate: 0.9, failures: 9000 })
    expect(onFinding(incident, again).incident).toBe(incident)
    expect(onTurned(incident, { ...again, signal: 'blocking' }).incident).toBe(incident)
  })
})

describe('the severity where attempts are unknown', () => {
  const unknown = (failures: number): Finding =>
    finding(0, { rate: null, baseline: null, attempts: null, failures, since: minute(0) })

  // A single minute counts as a quarter of an hour: 5 failures are 20 an hour.
  it.each([
    [4, 'low'],
    [5, 'medium'],
    [124, 'medium'],
    [125, 'high'],
  ])('of %d failures in one minute is %s', (failures, severity) => {
    expect(severityOf(unknown(failures), null)).toBe(severity)
  })
})

describe('trouble of another signal in the place of an incident that goes on', () => {
  const still = finding(50)
  const other = (given: Partial<Finding>) => finding(50, { signal: 'receiver', ...given })

  it('is a part of it where it began with it', () => {
    const matches = match([incident], [still, other({ since: minute(20) })], minute(50))
    expect(matches.joined.get(incident.id)).toMatchObject([{ signal: 'receiver' }])
    expect(matches.fresh).toEqual([])
  })

  it('is a part of it where its one slice is one of those in trouble, whatever the place is called', () => {
    const wide = { ...incident, where: { provider: 'yahoo' } }
    const narrow = other({ since: minute(20), where: { senderDomain: 'shop.example' } })
    const matches = match([wide], [finding(50, { where: wide.where }), narrow], minute(50))
    expect(matches.joined.get(incident.id)).toMatchObject([{ signal: 'receiver' }])
  })

  it('is a trouble of its own where it began long after', () => {
    const matches = match([incident], [still, other({ since: minute(45) })], minute(50))
    expect(matches.joined.size).toBe(0)
    expect(matches.fresh).toMatchObject([{ finding: { signal: 'receiver' } }])
  })

  it('stays a part of it once it was one, though it stopped and began again', () => {
    const joined = reduce(incident, { kind: 'joined', at: minute(11), finding: finding(11, { signal: 'receiver' }) })
    const known = joined.incident as typeof incident
    const matches = match([known], [still, other({ since: minute(45) })], minute(50))
    expect(matches.joined.get(known.id)).toMatchObject([{ signal: 'receiver' }])
    expect(matches.fresh).toEqual([])
  })
})

describe('two findings of one minute, one of which lies within the other', () => {
  it.each(['throttling', 'list'] as const)('are one trouble (%s)', (signal) => {
    const wide = finding(10, { signal, where: { provider: 'yahoo' } })
    const narrow = finding(10, { signal })
    for (const findings of [
      [wide, narrow],
      [narrow, wide],
    ])
      expect(match([], findings, minute(10)).fresh).toEqual([{ finding: wide, companions: [] }])
  })

  it('are one trouble where the narrow one is another way to refuse, and began with it', () => {
    const wide = finding(10, { where: { provider: 'yahoo' } })
    const narrow = finding(10, { signal: 'blocking' })
    expect(match([], [narrow, wide], minute(10)).fresh).toEqual([{ finding: wide, companions: [narrow] }])
  })
})
