import { describe, expect, test } from 'vitest'
import { incidentAbout } from '../../src/incident/about.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import type { DeliveryIncident } from '../../src/incident/incident.ts'
import { finding, minute, slice } from '../support/findings.ts'

const YAHOO = { source: 'mailgun', provider: 'yahoo', ip: '198.51.100.7', senderDomain: 'shop.example' }

/** Yahoo throttles one IP from minute 0 on; `said` is what its servers say. */
function throttled(said: ('rate-limited' | 'greylisted')[] = []): DeliveryIncident {
  const incident = openDelivery(finding(5, { slices: [slice(YAHOO)] })).incident as DeliveryIncident
  const replies = said.map((cause) => ({
    code: 421,
    enhanced: null,
    template: 'x',
    provider: 'yahoo',
    cause,
    rule: 'x',
    n: 1,
  }))
  return { ...incident, evidence: { ...incident.evidence, replies } }
}

const asked = { causes: ['rate-limited'] as const, provider: 'yahoo', places: [YAHOO], lastSeen: minute(4) }

describe('the incident that failures belong to', () => {
  test('is the one of their signal in their place', () => {
    const incident = throttled(['rate-limited'])
    expect(incidentAbout([incident], asked)).toBe(incident)
    expect(incidentAbout([incident], { ...asked, causes: ['blocklisted'] })).toBeNull()
    expect(incidentAbout([incident], { ...asked, places: [{ ...YAHOO, ip: '198.51.100.8' }] })).toBeNull()
  })

  test('is never one of another provider', () => {
    expect(incidentAbout([throttled()], { ...asked, provider: 'gmail' })).toBeNull()
    expect(incidentAbout([throttled()], { ...asked, provider: null })).not.toBeNull()
  })

  test('has their cause among what its servers say, once that is known', () => {
    expect(incidentAbout([throttled([])], asked)).not.toBeNull()
    expect(incidentAbout([throttled(['greylisted'])], asked)).toBeNull()
    expect(incidentAbout([throttled(['greylisted', 'rate-limited'])], asked)).not.toBeNull()
  })

  test('began before the last of them', () => {
    expect(incidentAbout([throttled()], { ...asked, lastSeen: minute(-60) })).toBeNull()
    expect(incidentAbout([throttled()], { ...asked, lastSeen: minute(0) })).not.toBeNull()
    expect(incidentAbout([throttled()], { ...asked, lastSeen: new Date(minute(0).getTime() - 1) })).toBeNull()
    expect(incidentAbout([throttled()], { ...asked, lastSeen: null })).not.toBeNull()
  })
})
