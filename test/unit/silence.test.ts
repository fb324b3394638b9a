import { describe, expect, it } from 'vitest'
import { openBlind } from '../../src/incident/blind.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import { openNewReply } from '../../src/incident/new-reply.ts'
import { muteOf, type Silence, silenceSchema } from '../../src/incident/silence.ts'
import { finding, minute, slice } from '../support/findings.ts'
import { newReply } from '../support/new-reply.ts'

const silence = (where: Silence['where'], given: Partial<Silence> = {}): Silence => ({
  where,
  until: minute(60),
  reason: 'warm-up',
  ...given,
})
const delivery = openDelivery(finding(1)).incident
const wide = openDelivery(
  finding(1, { where: { provider: 'yahoo' }, slices: [slice(), slice({ ip: '198.51.100.8' })] }),
).incident

describe('a silence', () => {
  it.each<[string, Silence, boolean]>([
    ['covers its provider', silence({ provider: 'yahoo' }), true],
    ['covers its IP at its provider', silence({ provider: 'yahoo', ip: '198.51.100.7' }), true],
    ['covers its signal', silence({ signal: 'throttling' }), true],
    ['covers what all its slices agree in', silence({ senderDomain: 'shop.example' }), true],
    ['leaves another signal alone', silence({ provider: 'yahoo', signal: 'blocking' }), false],
    ['leaves another provider alone', silence({ provider: 'gmail' }), false],
    ['is over at its end', silence({ provider: 'yahoo' }, { until: minute(10) }), false],
    ['has not begun before its start', silence({ provider: 'yahoo' }, { from: minute(11) }), false],
  ])('%s', (_, given, covered) => {
    expect(muteOf(delivery, [given], minute(10)) !== null).toBe(covered)
  })

  it('does not cover what is only partly in it', () => {
    expect(muteOf(wide, [silence({ ip: '198.51.100.7' })], minute(10))).toBeNull()
  })

  it('covers a blind source only where it is named, and nothing else is', () => {
    const blind = openBlind({ source: 'mailgun', since: minute(0), problem: '401', remedy: '' }, minute(5)).incident
    expect(muteOf(blind, [silence({ source: 'mailgun' })], minute(10))).not.toBeNull()
    expect(muteOf(blind, [silence({ source: 'mailgun', provider: 'yahoo' })], minute(10))).toBeNull()
    expect(muteOf(blind, [silence({ source: 'mailgun', signal: 'blocking' })], minute(10))).toBeNull()
  })

  it('lasts as long as the longest of those that cover', () => {
    const silences = [
      silence({ provider: 'yahoo' }),
      silence({ provider: 'yahoo' }, { until: minute(90), reason: 'longer' }),
    ]
    expect(muteOf(delivery, silences, minute(10))).toEqual({ reason: 'longer', endsAt: minute(90) })
  })

  it('must name something, and say until when and why', () => {
    const problems = (given: object) => silenceSchema.safeParse(given).error?.issues.map(({ path }) => path.join('.'))
    expect(problems({ where: { provider: 'yahoo' }, until: '2026-03-04T06:00Z', reason: 'x' })).toBeUndefined()
    expect(problems({ where: {}, until: '2026-03-04T06:00Z', reason: 'x' })).toEqual(['where'])
    expect(problems({ where: { provider: 'yahoo' }, until: 'tomorrow' })).toEqual(['until', 'reason'])
    expect(problems({ where: { isp: 'yahoo' }, until: '2026-03-04T06:00Z', reason: 'x' })).toEqual(['where', 'where'])
  })

  it('begins with its first minute and ends before its last', () => {
    const given = silence({ provider: 'yahoo' }, { from: minute(10), until: minute(60) })
    const covered = [9, 10, 59, 60].map((n) => muteOf(delivery, [given], minute(n)) !== null)
    expect(covered).toEqual([false, true, true, false])
  })

  it.each([
    ['2026-03-04T06:00Z', true],
    ['2026-03-04T06:00:30Z', true],
    ['2026-03-04T06:00:30.25Z', true],
    ['2026-03-04T06:00+01:00', true],
    ['2026-03-04T06:00', false],
    ['2026-03-04', false],
    ['2026-13-04T06:00Z', false],
    ['2026-03-04T06:00Z or later', false],
    ['until 2026-03-04T06:00Z', false],
    ['02026-03-04T06:00Z', false],
    ['+002026-03-04T06:00Z', false],
    ['2026-03-04T06:00Z (or so)', false],
    ['(from) 2026-03-04T06:00Z', false],
  ])('ends at "%s": %s', (until, isTime) => {
    const read = silenceSchema.safeParse({ where: { provider: 'yahoo' }, until, reason: 'x' })
    expect(read.success).toBe(isTime)
    if (!isTime) expect(read.error?.issues[0]?.message).toBe('must be a time such as 2026-11-25T06:00Z')
    expect(
      silenceSchema.safeParse({ where: { provider: 'yahoo' }, from: until, until: '2030-01-01T00:00Z', reason: 'x' })
        .success,
    ).toBe(isTime)
  })

  it('says what is wrong where it names nothing, names it blankly, or gives no reason or a novel', () => {
    const valid = { where: { provider: 'yahoo' }, until: '2026-03-04T06:00Z', reason: 'x' }
    const isRead = (given: object) => silenceSchema.safeParse({ ...valid, ...given }).success
    expect(isRead({})).toBe(true)
    expect(isRead({ where: { provider: '' } })).toBe(false)
    expect(isRead({ where: { campaign: 'A' } })).toBe(true)
    expect(isRead({ reason: '' })).toBe(false)
    expect(isRead({ reason: 'x'.repeat(200) })).toBe(true)
    expect(isRead({ reason: 'x'.repeat(201) })).toBe(false)
    expect(silenceSchema.safeParse({ ...valid, where: {} }).error?.issues[0]?.message).toBe(
      'must name at least one of source, provider, ip, senderDomain, campaign and signal',
    )
  })

  it('covers a new reply by its source and provider', () => {
    const incident = openNewReply(newReply(), minute(20)).incident
    const covers = (where: Silence['where']) => muteOf(incident, [silence(where)], minute(20)) !== null
    expect(covers({ source: 'mailgun', provider: 'yahoo' })).toBe(true)
    expect(covers({ source: 'ses' })).toBe(false)
    expect(covers({ provider: 'gmail' })).toBe(false)
  })

  it('covers no place that has no slices for what it does not name itself', () => {
    const incident = { ...wide, slices: [] }
    expect(muteOf(incident, [silence({ ip: '198.51.100.7' })], minute(10))).toBeNull()
    expect(muteOf(incident, [silence({ provider: 'yahoo' })], minute(10))).not.toBeNull()
  })
})
