import { describe, expect, it } from 'vitest'
import { NO_DETECTION } from '../../src/cards/detection.ts'
import { historyCard, incidentsCard } from '../../src/cards/incidents.ts'
import { silencesCard } from '../../src/cards/silences.ts'
import { type SourceStatus, statusCard } from '../../src/cards/status.ts'
import { toText } from '../../src/cards/text.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import { reduce } from '../../src/incident/reducer.ts'
import { finding, minute } from '../support/findings.ts'

const source = (given: Partial<SourceStatus> = {}): SourceStatus => ({
  source: 'mailgun-eu',
  name: 'Mailgun',
  lastOkAt: minute(29),
  lastEventAt: minute(28),
  failingSince: null,
  problem: null,
  remedy: null,
  malformed: 0,
  ...given,
})
const now = minute(30)
const { incident, audit } = openDelivery(finding(10))
const well = { unreadable: [], missing: [], unreachable: [], unread: [], isDetailed: false }
const budget = { label: 'False alarms', value: 'expect about 2 a month with your traffic' }
const threshold = { label: 'Threshold for throttling', value: '5.1 / 6.0 nats' }
const detection = { summary: [budget], detail: [threshold] }

describe('/smtp status', () => {
  it('is calm when all is well, and says how many false alarms to expect', () => {
    const card = statusCard({ now, sources: [source()], open: [], detection, ...well })
    expect(card).toMatchObject({
      title: 'No open incidents, all sources are up to date',
      tone: 'good',
      fields: [budget],
      table: { rows: [['mailgun-eu', 'Mailgun', 'ok', '1 min ago', '2 min ago']] },
    })
  })

  it("leaves the detector's numbers to those who ask for them", () => {
    const status = { now, sources: [source()], open: [], detection, ...well }
    expect(toText(statusCard(status))).not.toContain('nats')
    expect(statusCard(status).footer).toContain('/smtp status detail')
    expect(statusCard({ ...status, isDetailed: true })).toMatchObject({ fields: [budget, threshold] })
  })

  it('says what is wrong with a source, and what to do', () => {
    const failing = source({ failingSince: minute(5), problem: '401 from Mailgun', remedy: 'Check the key.' })
    const card = statusCard({ now, sources: [failing], open: [incident], detection: NO_DETECTION, ...well })
    expect(card.title).toBe('One open incident, no data from one source')
    expect(card.text).toContain('mailgun-eu: 401 from Mailgun. Check the key.')
    expect(card.table?.rows[0]?.[2]).toBe('failing for 25 min')
  })

  it('does not say that a source is read which was not read lately, though nothing failed', () => {
    const card = statusCard({
      now,
      sources: [source()],
      open: [],
      detection: NO_DETECTION,
      ...well,
      unread: ['mailgun-eu'],
    })
    expect(card).toMatchObject({ title: 'No open incidents, no data from one source', tone: 'warning' })
    expect(card.table?.rows[0]?.[2]).toBe('not read recently')
  })

  it('says where alerts would not arrive', () => {
    const reason = 'Alerts will NOT reach slack C0: not_in_channel. Invite the bot.'
    const card = statusCard({
      now,
      sources: [source()],
      open: [],
      detection: NO_DETECTION,
      ...well,
      unreachable: [reason],
    })
    expect(card).toMatchObject({ tone: 'warning', text: [reason] })
  })

  it('says first when nothing is watched', () => {
    const missing = ['nothing has been watched since 2026-11-24 10:00 UTC']
    const card = statusCard({ now, sources: [source()], open: [], detection: NO_DETECTION, ...well, missing })
    expect(card).toMatchObject({
      title: 'Bouncebell is not watching, no open incidents, all sources are up to date',
      tone: 'warning',
      text: ['Nothing has been watched since 2026-11-24 10:00 UTC.'],
    })
  })

  it('tells a source that was never read from one that is well', () => {
    const card = statusCard({
      now,
      sources: [source({ lastOkAt: null, lastEventAt: null })],
      open: [],
      detection: NO_DETECTION,
      ...well,
    })
    expect(card.table?.rows[0]).toEqual(['mailgun-eu', 'Mailgun', 'not read yet', 'never', 'never'])
  })
})

describe('/smtp incidents', () => {
  it('lists what is open before what is over', () => {
    const resolved = { ...reduce(incident, { kind: 'absorbed', at: now, into: 'other' }).incident, id: 'resolved' }
    const card = incidentsCard([resolved, incident], now, 7 * 86_400_000)
    expect(card.title).toBe('One open')
    expect(card.table?.rows.map(([id, state]) => [id, state])).toEqual([
      [incident.id, 'open'],
      ['resolved', 'resolved'],
    ])
  })

  it('says so when there are none', () => {
    expect(incidentsCard([], now, 7 * 86_400_000)).toMatchObject({ title: 'No incidents', tone: 'good' })
  })

  it('shows one with its history', () => {
    const rows = audit.map((row, i) => ({ ...row, seq: i + 1 }))
    expect(historyCard(incident, rows, now).table?.rows).toEqual([
      ['14:15 UTC (10 min in)', 'bouncebell', audit[0]?.says],
    ])
  })
})

describe('/smtp silences', () => {
  it('numbers them, so that one can be ended', () => {
    const silence = { where: { provider: 'yahoo', ip: '198.51.100.7' }, until: minute(90), reason: 'warm-up (Ann)' }
    expect(silencesCard([silence], now).table?.rows).toEqual([
      ['1', 'provider=yahoo ip=198.51.100.7', '15:35 UTC', 'warm-up (Ann)'],
    ])
  })
})
