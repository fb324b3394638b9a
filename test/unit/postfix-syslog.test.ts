import { expect, test } from 'vitest'
import { syslogReader } from '../../adapters/esp/postfix/syslog.ts'

const reader = (now: string, timeZone = 'UTC') => syslogReader(timeZone, () => new Date(now))
const line = (time: string) => `${time} mta1 postfix/smtp[4711]: text: with colons`

test.each([
  ['Oct  5 08:00:00', '2026-10-05T08:00:00.000Z'],
  ['<22>Oct  5 08:00:00', '2026-10-05T08:00:00.000Z'],
  ['2026-10-05T08:00:00.123456+02:00', '2026-10-05T06:00:00.123Z'],
  ['2026-10-05T08:00:00+0200', '2026-10-05T06:00:00.000Z'],
  ['2026-10-05T08:00:00Z', '2026-10-05T08:00:00.000Z'],
])('%s', (time, at) => {
  expect(reader('2026-10-05T12:00:00Z')(line(time))).toEqual({
    at: new Date(at),
    host: 'mta1',
    tag: 'postfix/smtp',
    text: 'text: with colons',
  })
})

test.each(['-', '[meta sequenceId="1"]'])('RFC 5424 with structured data %s', (data) => {
  const text = `<22>1 2026-10-05T08:00:00.5Z mta1 postfix/smtp 4711 - ${data} text`
  expect(reader('2026-10-05T12:00:00Z')(text)).toEqual({
    at: new Date('2026-10-05T08:00:00.500Z'),
    host: 'mta1',
    tag: 'postfix/smtp',
    text: 'text',
  })
})

test.each([
  ['2026-10-05T12:00:00Z', 'Oct  5 08:00:00', '2026-10-05T08:00:00.000Z'],
  ['2027-01-01T00:10:00Z', 'Dec 31 23:59:59', '2026-12-31T23:59:59.000Z'],
  ['2026-12-31T23:59:59Z', 'Jan  1 00:00:10', '2027-01-01T00:00:10.000Z'],
  ['2026-10-05T12:00:00Z', 'Oct  7 08:00:00', '2025-10-07T08:00:00.000Z'],
  ['2026-10-05T12:00:00Z', 'Feb 29 08:00:00', '2024-02-29T08:00:00.000Z'],
])('at %s, %s is %s', (now, time, at) => {
  expect(reader(now)(line(time))?.at.toISOString()).toBe(at)
})

test.each([
  ['Europe/Berlin', 'Jul  1 08:00:00', '2026-07-01T06:00:00.000Z'],
  ['Europe/Berlin', 'Jan  1 08:00:00', '2026-01-01T07:00:00.000Z'],
  ['America/New_York', 'Jul  1 22:00:00', '2026-07-02T02:00:00.000Z'],
  ['Asia/Kolkata', 'Jul  1 08:00:00', '2026-07-01T02:30:00.000Z'],
  // The hour that does not exist is read as if the clock had not been put forward.
  ['Europe/Berlin', 'Mar 29 02:30:00', '2026-03-29T01:30:00.000Z'],
  ['Europe/Berlin', 'Mar 29 03:30:00', '2026-03-29T01:30:00.000Z'],
])('in %s, %s is %s', (timeZone, time, at) => {
  expect(reader('2026-10-05T12:00:00Z', timeZone)(line(time))?.at.toISOString()).toBe(at)
})

test('of the hour that comes twice, the first is taken', () => {
  const read = reader('2026-10-26T12:00:00Z', 'Europe/Berlin')
  expect(read(line('Oct 25 02:30:00'))?.at.toISOString()).toBe('2026-10-25T00:30:00.000Z')
  expect(read(line('Oct 25 01:59:59'))?.at.toISOString()).toBe('2026-10-24T23:59:59.000Z')
  expect(read(line('Oct 25 03:00:00'))?.at.toISOString()).toBe('2026-10-25T02:00:00.000Z')
})

test.each([
  '',
  'text',
  'Foo  5 08:00:00 mta1 postfix/smtp[1]: x',
  'Feb 31 08:00:00 mta1 postfix/smtp[1]: x',
  '2026-99-05T08:00:00Z mta1 postfix/smtp[1]: x',
])('is no line of syslog: %s', (text) => {
  expect(reader('2026-10-05T12:00:00Z')(text)).toBeNull()
})
