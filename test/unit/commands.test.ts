import { describe, expect, it } from 'vitest'
import { type Command, parseCommand, parseDuration } from '../../src/commands/command-text.ts'

const HOUR = 3_600_000

describe('what is typed after /smtp', () => {
  it.each<[string, Command]>([
    ['', { kind: 'help' }],
    ['help', { kind: 'help' }],
    ['Status', { kind: 'status', isDetailed: false }],
    ['status detail', { kind: 'status', isDetailed: true }],
    ['status Details', { kind: 'status', isDetailed: true }],
    ['incidents', { kind: 'incidents' }],
    ['incidents last 30d', { kind: 'incidents', ms: 30 * 86_400_000 }],
    ['incidents 12h', { kind: 'incidents', ms: 12 * 3_600_000 }],
    ['new', { kind: 'new' }],
    ['new ip warm-up', { kind: 'lookup', query: 'new ip warm-up' }],
    ['incident k3f92d8a', { kind: 'incident', id: 'k3f92d8a' }],
    ['ack k3f92d8a', { kind: 'acknowledge', id: 'k3f92d8a' }],
    ['acknowledge k3f9', { kind: 'acknowledge', id: 'k3f9' }],
    ['snooze k3f9 4h', { kind: 'snooze', id: 'k3f9', ms: 4 * HOUR }],
    ['snooze k3f9', { kind: 'snooze', id: 'k3f9', ms: HOUR }],
    ['unsnooze k3f9', { kind: 'unsnooze', id: 'k3f9' }],
    ['replay last 7d', { kind: 'replay', ms: 7 * 24 * HOUR }],
    ['replay 30 days', { kind: 'replay', ms: 30 * 24 * HOUR }],
    ['replay', { kind: 'replay', ms: 7 * 24 * HOUR }],
    ['silences', { kind: 'silences' }],
    ['unsilence 2', { kind: 'unsilence', id: '2' }],
    [
      'silence provider=yahoo ip=198.51.100.7 signal=throttling 4h new IP, warming up',
      {
        kind: 'silence',
        where: { provider: 'yahoo', ip: '198.51.100.7', signal: 'throttling' },
        ms: 4 * HOUR,
        reason: 'new IP, warming up',
      },
    ],
    ['550', { kind: 'lookup', query: '550' }],
    ['status 5.0.0 mailbox full', { kind: 'lookup', query: 'status 5.0.0 mailbox full' }],
    ['  421 4.7.0 [TSS04] deferred ', { kind: 'lookup', query: '421 4.7.0 [TSS04] deferred' }],
  ])('%s', (text, command) => {
    expect(parseCommand(text)).toEqual(command)
  })

  it.each([
    ['snooze', 'Say which one'],
    ['snooze k3f9 soon', '"soon" is not a duration'],
    ['snooze k3f9 400d', '"400d" is not a duration'],
    ['ack', 'Say which one'],
    ['incidents today', '"today" is not a duration'],
    ['replay yesterday', '"yesterday" is not a duration'],
    ['silence', 'Say what to silence'],
    ['silence colour=red 4h x', '"colour=red" is not one of source, provider'],
    ['silence signal=noise 4h x', '"noise" is not one of the signals'],
    ['silence provider=yahoo warming up', 'Say for how long'],
    ['silence provider=yahoo 4h', 'Give a reason'],
    [`silence provider=yahoo 4h ${'x'.repeat(201)}`, 'The reason has 201 characters'],
  ])('%s: says what is missing and how it goes', (text, problem) => {
    expect(parseCommand(text)).toMatchObject({
      kind: 'misuse',
      problem: expect.stringContaining(problem),
      usage: expect.stringContaining('/smtp '),
    })
  })

  it.each([
    ['30m', HOUR / 2],
    ['1h', HOUR],
    ['2 hours', 2 * HOUR],
    ['1w', 168 * HOUR],
    ['0h', null],
    ['h', null],
    ['-1h', null],
    ['1 fortnight', null],
  ])('takes %s for a time', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })
})
