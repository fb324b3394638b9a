import { describe, expect, it } from 'vitest'
import { incidentCard, titleOf } from '../../src/cards/alert.ts'
import { toText } from '../../src/cards/text.ts'
import { threadCard } from '../../src/cards/thread.ts'
import type { Finding } from '../../src/detect/finding.ts'
import { openBlind } from '../../src/incident/blind.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import type { IncidentEvent } from '../../src/incident/event.ts'
import type { DeliveryIncident, IncidentEvidence } from '../../src/incident/incident.ts'
import { reduce } from '../../src/incident/reducer.ts'
import { finding, minute, slice } from '../support/findings.ts'

const evidence: IncidentEvidence = {
  replies: [
    {
      code: 421,
      enhanced: '4.7.0',
      template: '[TSS04] Messages from {ip} temporarily deferred',
      provider: 'yahoo',
      cause: 'rate-limited',
      rule: 'yahoo.yaml: tss04',
      n: 1180,
    },
    {
      code: 421,
      enhanced: null,
      template: '[TSS09] {ip} deferred',
      provider: 'yahoo',
      cause: 'reputation',
      rule: 'yahoo.yaml: tss09',
      n: 60,
    },
  ],
  series: Array.from({ length: 48 }, (_, i) => ({ at: minute(i * 5 - 240), value: i < 45 ? 0.4 : 38 })),
  unit: 'percent',
  names: { yahoo: 'Yahoo', gmail: 'Gmail' },
  links: [{ label: 'Yahoo for senders', url: 'https://senders.yahooinc.com/' }],
  notes: ["reports its own summary instead of the receiving server's reply"],
}

function incident(given: Partial<Finding> = {}, ...events: IncidentEvent[]): DeliveryIncident {
  const opened = { ...openDelivery(finding(10, given)).incident, evidence }
  return events.reduce((before, event) => reduce(before, event).incident as DeliveryIncident, opened)
}

const ids = (card: ReturnType<typeof incidentCard>) => card.actions?.map(({ id }) => id)
const at = minute(20)

describe('the title of an incident says what and where', () => {
  it.each<[string, Partial<Finding>]>([
    ['Yahoo defers 38% of your mail from 198.51.100.7', {}],
    ['Yahoo refuses 9.1% of your mail', { signal: 'blocking', rate: 0.091, where: { provider: 'yahoo' } }],
    [
      '2 providers refuse 62% of your mail from 198.51.100.7',
      {
        signal: 'blocking',
        rate: 0.62,
        where: { ip: '198.51.100.7' },
        slices: [slice(), slice({ provider: 'gmail' })],
      },
    ],
    ['Yahoo defers your mail through mailgun', { rate: null, where: { source: 'mailgun', provider: 'yahoo' } }],
    [
      '2 providers fail to accept 80% of your mail through mailgun',
      { signal: 'receiver', rate: 0.8, where: { source: 'mailgun' }, slices: [slice(), slice({ provider: 'gmail' })] },
    ],
    [
      'Yahoo finds no mailbox for 12% of your shop.example mail',
      { signal: 'list', rate: 0.12, where: { provider: 'yahoo', senderDomain: 'shop.example' } },
    ],
    ['gmail-421: Yahoo defers 38% of your mail from 198.51.100.7', { kind: 'rule', rule: 'gmail-421' }],
  ])('%s', (title, given) => {
    expect(titleOf(incident(given))).toBe(title)
  })
})

describe('the card of an incident', () => {
  it('shows everything that a person needs to act', () => {
    const card = incidentCard(incident())
    expect(card).toMatchObject({
      tone: 'critical',
      fields: [
        { label: 'Since', value: '14:05 UTC (10 min)' },
        { label: 'Rate now', value: '38%, usually 0.40%' },
        { label: 'Affected', value: '1,240 of 3,260' },
        { label: 'Severity', value: 'high' },
      ],
      quotes: [
        '1,180 × 421 4.7.0 [TSS04] Messages from 198.51.100.7 temporarily deferred',
        '60 × 421 [TSS09] 198.51.100.7 deferred',
      ],
      links: evidence.links,
    })
    expect(card.text?.[0]).toBe('Yahoo only, from one IP.')
    expect(card.text?.[1]).toMatch(/^Why: too many messages/)
    expect(card.text?.[2]).toMatch(/^What to do now:\n1\. Send less/)
    expect(card.chart).toMatchObject({ unit: 'percent', baseline: 0.4 })
    expect(card.footer).toContain('reports its own summary')
  })

  it.each<[string, IncidentEvent[], string[] | undefined]>([
    ['open', [], ['acknowledge', 'snooze-1h', 'snooze-4h', 'snooze-24h']],
    ['acknowledged', [{ kind: 'acknowledge', at, actor: 'Ann' }], ['snooze-1h', 'snooze-4h', 'snooze-24h']],
    ['snoozed', [{ kind: 'snooze', at, actor: 'Ann', until: minute(80) }], ['acknowledge', 'unsnooze']],
    ['resolved', [{ kind: 'absorbed', at, into: 'abcdefgh' }], []],
  ])('offers what can be done while it is %s', (_, events, actions) => {
    expect(ids(incidentCard(incident({}, ...events)))).toEqual(actions)
  })

  it.each<[string, Partial<Finding>, string]>([
    ['of its place', { where: { ip: '192.0.2.9' } }, '192.0.2.9'],
    ['of all its slices', { where: { provider: 'yahoo' } }, '198.51.100.7'],
    ['where there are several', { where: {}, slices: [slice(), slice({ ip: '198.51.100.8' })] }, '{ip}'],
    ['where the source tells none', { where: {}, slices: [slice({ ip: '' })] }, '{ip}'],
  ])('quotes the IP %s', (_, given, ip) => {
    expect(incidentCard(incident(given)).quotes?.[1]).toBe(`60 × 421 [TSS09] ${ip} deferred`)
  })

  it.each<[string, Partial<Finding>, IncidentEvent[], string]>([
    ['High', {}, [], 'critical'],
    ['Critical', { rate: 0.9, failures: 2900 }, [], 'critical'],
    ['Low', { kind: 'drift' }, [], 'info'],
    ['Snoozed', {}, [{ kind: 'snooze', at, actor: 'Ann', until: minute(80) }], 'muted'],
    ['No data', {}, [{ kind: 'stale', at, why: 'No data' }], 'muted'],
    ['Silenced', {}, [{ kind: 'mute', at, mute: { reason: 'warm-up', endsAt: minute(90) } }], 'muted'],
    ['Resolved', {}, [{ kind: 'absorbed', at, into: 'abcdefgh' }], 'good'],
  ])('has the badge %s, which its severity field does not contradict', (badge, given, events, tone) => {
    const card = incidentCard(incident(given, ...events))
    expect(card).toMatchObject({ badge, tone })
    const severity = card.fields?.find(({ label }) => label === 'Severity')?.value
    if (events.length === 0) expect(severity).toBe(badge.toLowerCase())
  })

  it('keeps showing who has it while it is snoozed, and does not offer to take it again', () => {
    const card = incidentCard(
      incident(
        {},
        { kind: 'acknowledge', at, actor: 'Ann' },
        { kind: 'snooze', at: minute(21), actor: 'Ann', until: minute(1440) },
      ),
    )
    expect(card.text?.slice(0, 2)).toEqual(['Ann is on it.', 'Snoozed until 2026-03-04 14:05 UTC.'])
    expect(ids(card)).toEqual(['unsnooze'])
  })

  it('says who has it, and until when it is snoozed', () => {
    expect(incidentCard(incident({}, { kind: 'acknowledge', at, actor: 'Ann' })).text?.[0]).toBe('Ann is on it.')
    const snoozed = incidentCard(incident({}, { kind: 'snooze', at, actor: 'Ann', until: minute(1440) }))
    expect(snoozed).toMatchObject({
      tone: 'muted',
      text: expect.arrayContaining(['Snoozed until 2026-03-04 14:05 UTC.']),
    })
  })

  it('does not pretend to know while there is no data', () => {
    const stale = incidentCard(incident({}, { kind: 'stale', at, why: 'No data from mailgun' }))
    expect(stale.tone).toBe('muted')
    expect(stale.text?.[0]).toBe('No data since 14:15 UTC, so it may still be going on.')
  })

  it('says when it will be resolved, and once it is, how bad it was', () => {
    const over: IncidentEvent = { kind: 'finding', at, finding: finding(20, { status: 'recovered', rate: 0.003 }) }
    const recovering = incidentCard(incident({}, over))
    expect(recovering.text?.[0]).toBe('Quiet since 14:25 UTC; resolves at 14:55 UTC if it stays quiet.')
    const resolved = incidentCard(incident({}, over, { kind: 'time', at: minute(50) }))
    expect(resolved).toMatchObject({
      tone: 'good',
      title: 'Resolved: Yahoo no longer defers your mail from 198.51.100.7',
    })
    expect(resolved.fields).toContainEqual({ label: 'At worst', value: '38%, usually 0.40%' })
    expect(resolved.fields).toContainEqual({ label: 'Since', value: '14:05 UTC, for 20 min' })
    expect(resolved.fields).toContainEqual({ label: 'Severity at worst', value: 'high' })
    expect(toText(resolved)).not.toContain('What to do now')
  })

  it('has in the end the worst severity and all that was affected', () => {
    const step = (n: number, given: Partial<Finding>): IncidentEvent => ({
      kind: 'finding',
      at: minute(n),
      finding: finding(n, given),
    })
    const before = incident(
      {},
      step(30, { rate: 0.9, attempts: 6000, failures: 5000 }),
      step(60, { rate: 0.05, attempts: 90_000, failures: 5100 }),
      step(90, { status: 'recovered', rate: 0.003, attempts: 120_000, failures: 5200 }),
    )
    expect(before).toMatchObject({ severity: expect.not.stringMatching('critical'), worstSeverity: 'critical' })
    const { incident: over, audit } = reduce(before, { kind: 'time', at: minute(120) })
    const resolved = incidentCard(over)
    expect(resolved.fields).toContainEqual({ label: 'Severity at worst', value: 'critical' })
    expect(resolved.fields).toContainEqual({ label: 'Affected', value: '5,200 of 120,000' })
    expect(audit[0]?.says).toMatch(/At worst 90%, usually 0.40%; 5,200 of 120,000 in total\.$/)
    expect(toText(resolved)).not.toContain('so far')
  })

  it('claims no rate where the source gives none', () => {
    const text = toText(incidentCard(incident({ rate: null, attempts: null, baseline: null, failures: 412 })))
    expect(text).toContain('Affected: 412\n')
    expect(text).not.toContain('Rate now')
  })

  it('shows what servers say as their words, never as ours', () => {
    const hostile = {
      ...incident(),
      evidence: { ...evidence, replies: [{ ...evidence.replies[0]!, template: '<!channel> *x*' }] },
    }
    const { quotes, title, text } = incidentCard(hostile)
    expect(quotes).toEqual(['1,180 × 421 4.7.0 <!channel> *x*'])
    expect(JSON.stringify([title, text])).not.toContain('<!channel>')
  })
})

describe('the card of a blind source', () => {
  const blind = openBlind(
    { source: 'mailgun-eu', since: minute(0), problem: '401 from Mailgun', remedy: 'Check the key.' },
    minute(5),
  ).incident

  it('says since when, why, and what to do', () => {
    const card = incidentCard(blind)
    expect(card.title).toBe('No data from mailgun-eu')
    expect(card.text?.[0]).toBe('No data since 14:05 UTC: 401 from Mailgun. Check the key.')
    expect(card.text?.[1]).toContain('does not mean that everything is fine')
  })

  it('says that it sees again', () => {
    const card = incidentCard(reduce(blind, { kind: 'seeing', at: minute(65) }).incident)
    expect(card).toMatchObject({
      tone: 'good',
      title: 'Data from mailgun-eu is back',
      actions: [],
      fields: [{ label: 'Lasted', value: '1.1 h' }],
    })
  })
})

describe('a thread entry', () => {
  it('names the person, and leaves itself out', () => {
    const entry = { seq: 2, at, what: 'acknowledged', says: 'Ann is on it.' } as const
    expect(threadCard({ ...entry, actor: 'Ann' }, incident())).toMatchObject({
      title: 'Acknowledged',
      footer: '14:25 UTC, by Ann',
    })
    expect(threadCard({ ...entry, actor: 'bouncebell' }, incident()).footer).toBe('14:25 UTC')
  })

  it('says by itself what it is about where it is shown outside of the thread', () => {
    const entry = { seq: 2, at, what: 'worsened', says: 'Now critical.', actor: 'bouncebell' } as const
    expect(threadCard(entry, incident())).toMatchObject({
      title: 'Worse: Yahoo defers 38% of your mail from 198.51.100.7',
      badge: 'High',
    })
  })

  it('of a kind that only another version knows is told in its own words', () => {
    const entry = { seq: 2, at, what: 'escalated', says: 'Told to Bob.', actor: 'bouncebell' } as never
    expect(threadCard(entry, incident())).toMatchObject({ title: 'escalated', text: ['Told to Bob.'] })
  })
})
