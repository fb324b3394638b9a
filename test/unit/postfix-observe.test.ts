import fc from 'fast-check'
import { expect, test } from 'vitest'
import { logObserver, type ObserverOptions } from '../../adapters/esp/postfix/observe.ts'
import type { Observation } from '../../src/ports/esp.ts'
import { type AttemptLine, attemptLine, otherLines, senderLine } from '../support/postfix-log.ts'

const now = new Date('2026-10-05T12:00:00Z')
const clock = { now: () => now, sleep: () => Promise.reject(new Error('nothing waits')) }
const observer = (options: Partial<ObserverOptions> = {}) =>
  logObserver({ timeZone: 'UTC', ips: {}, ignoreRelays: ['127.0.0.1', '::1'], ...options }, clock)

const said =
  'host mta7.am0.yahoodns.net[98.136.96.76] said: 421 4.7.0 [TSS04] Messages from 198.51.100.7 deferred (in reply to MAIL FROM command)'
const deferral: AttemptLine = {
  queueId: '4FzX1Q2abc',
  to: 'ann@yahoo.com',
  status: 'deferred',
  dsn: '4.7.0',
  relay: 'mta7.am0.yahoodns.net[98.136.96.76]:25',
  text: said,
}
const observe = (lines: string[], options: Partial<ObserverOptions> = {}) => observer(options).observe(lines)
const one = (line: Partial<AttemptLine>, options: Partial<ObserverOptions> = {}): Observation | undefined =>
  observe([attemptLine({ ...deferral, ...line })], options).observations[0]

test('an attempt has its time, outcome, the whole text, and the recipient’s domain and mail server', () => {
  expect(one({})).toMatchObject({
    kind: 'event',
    at: new Date('2026-10-05T08:00:00Z'),
    outcome: 'deferred',
    reply: said,
    to: { domain: 'yahoo.com', mx: 'mta7.am0.yahoodns.net' },
    dims: {},
  })
})

test.each([
  ['sent', 'delivered'],
  ['deferred', 'deferred'],
  ['SOFTBOUNCE', 'deferred'],
  ['bounced', 'bounced'],
  ['expired', 'bounced'],
])('status=%s is %s', (status, outcome) => {
  expect(one({ status })).toMatchObject({ outcome })
})

test('the sender’s domain comes from the queue manager’s line about the same message', () => {
  const lines = [
    senderLine('4FzX1Q2abc', 'news@brand.example'),
    senderLine('4FzX1Q2xyz', ''),
    attemptLine(deferral),
    attemptLine({ ...deferral, queueId: '4FzX1Q2xyz' }),
    attemptLine({ ...deferral, queueId: '4FzX1Q2other' }),
  ]
  expect(observe(lines).observations.map(({ dims }) => dims.senderDomain)).toEqual([
    'brand.example',
    undefined,
    undefined,
  ])
})

test.each(['A1', '7', '3F', 'B5B1C', '4FzX1Q2abcdefghijk', 'a1b2-c3d4', '0x12/3'])('%s is a queue id', (queueId) => {
  const lines = [senderLine(queueId, 'news@brand.example'), attemptLine({ ...deferral, queueId })]
  expect(observe(lines)).toMatchObject({ observations: [{ dims: { senderDomain: 'brand.example' } }], malformed: [] })
})

test('a line read only to learn from it tells the sender, and is not counted', () => {
  const log = observer()
  log.learn([senderLine('4FzX1Q2abc', 'news@brand.example'), attemptLine({ ...deferral, to: 'bob@yahoo.com' })])
  expect(log.observe([attemptLine(deferral)]).observations).toMatchObject([{ dims: { senderDomain: 'brand.example' } }])
})

test.each([
  ['postfix/smtp[1]', undefined, '203.0.113.1'],
  ['postfix-out/smtp[1]', 'postfix-out', '203.0.113.2'],
  ['postfix/bulk/smtp[1]', 'bulk', '203.0.113.3'],
  ['postfix-out/bulk/smtp[1]', 'postfix-out/bulk', '203.0.113.3'],
])('the sending IP of %s comes from the configuration', (tag, stream, ip) => {
  const options = { ip: '203.0.113.1', ips: { 'postfix-out': '203.0.113.2', bulk: '203.0.113.3' } }
  const dims = one({ tag }, options)?.dims
  expect(dims?.stream).toBe(stream)
  expect(dims?.ip).toBe(ip)
})

test('where several machines write one log, the IP is that of the host', () => {
  expect(one({}, { ips: { mta1: '203.0.113.9' } })?.dims.ip).toBe('203.0.113.9')
})

test('what goes to a content filter is no attempt, unless its relay is not to be ignored', () => {
  const filter = { relay: '127.0.0.1[127.0.0.1]:10024', status: 'sent', text: '250 2.0.0 from MTA: 250 2.0.0 Ok' }
  expect(one(filter)).toBeUndefined()
  expect(one(filter, { ignoreRelays: [] })).toMatchObject({ outcome: 'delivered', to: { domain: 'yahoo.com' } })
  expect(one(filter, { ignoreRelays: [] })).not.toHaveProperty('to.mx')
})

test.each([
  ['none', { domain: 'yahoo.com' }],
  ['2001:db8::25[2001:db8::25]:25', { domain: 'yahoo.com' }],
  ['MX1.Receiver.example[2001:db8::25]:25', { domain: 'yahoo.com', mx: 'mx1.receiver.example' }],
])('relay=%s', (relay, to) => {
  expect(one({ relay })?.to).toEqual(to)
})

test('lines that are not about an attempt at another server are passed over', () => {
  const probe = attemptLine({ ...deferral, status: 'undeliverable' })
  expect(observe([...otherLines(), probe])).toEqual({ observations: [], malformed: [] })
})

test.each([
  ['its status is cut off', attemptLine(deferral).replace(/status=.*/, 'status=')],
  ['its status is not known', attemptLine({ ...deferral, status: 'teleported' })],
  ['its recipient has no domain', attemptLine({ ...deferral, to: 'ann' })],
  ['its time cannot be read', attemptLine({ ...deferral, time: 'yesterday' })],
  ['it has no text', attemptLine(deferral).replace(/ \(.*/, '')],
])('a line is set aside when %s, without the address', (_, line) => {
  const { observations, malformed } = observe([line])
  expect(observations).toEqual([])
  expect(malformed).toMatchObject([{ problem: expect.stringMatching(/\w+ \w+/) }])
  expect(malformed?.[0]?.body).not.toContain('@')
})

test('a long line that syslog cut off is read as far as it goes', () => {
  const line = attemptLine(deferral).replace(/ deferred \(in reply.*/, ' deferr')
  expect(observe([line]).observations).toMatchObject([{ reply: expect.stringMatching(/^host .* deferr$/) }])
})

test('addresses in the reply are masked', () => {
  const reply = one({ text: 'host mx said: 550 5.1.1 <ann@yahoo.com>: no (in reply to RCPT TO command)' })?.reply
  expect(reply).toContain('<{address}>')
})

test('the same line has the same id, another one has another', () => {
  expect(one({})).toEqual(one({}))
  expect(
    new Set(
      [one({}), one({ to: 'bob@yahoo.com' }), one({ queueId: '4FzX1Q2abd' })].map((it) => it && 'id' in it && it.id),
    ).size,
  ).toBe(3)
})

test('reads orig_to, conn_use and tls, and recipients with odd local parts', () => {
  const line = `2026-10-05T08:00:00Z mta1 postfix/smtp[1]: 4FzX1Q2abc: to=<"a, status=x"@yahoo.com>, orig_to=<root>, relay=mx.example[192.0.2.25]:25, conn_use=2, delay=1, delays=0/0/1/0, tls=TLSv1.3, dsn=2.0.0, status=sent (250 ok)`
  expect(observe([line]).observations).toMatchObject([
    { outcome: 'delivered', reply: '250 ok', to: { domain: 'yahoo.com', mx: 'mx.example' } },
  ])
})

test('whatever a line holds, it is counted, passed over or set aside, and no address gets out', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'postfix/smtp[1]: ',
      ': to=<',
      'a@b.example',
      '>, ',
      'relay=',
      ', status=',
      'sent',
      ' (',
      ')',
      '[',
      ']',
      '4FzX1Q2abc',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, isPrefixed) => {
      const line =
        (isPrefixed ? '2026-10-05T08:00:00Z mta1 postfix/smtp[1]: ' : '') + pieces.join('').replaceAll('\n', ' ')
      const batch = observe([line])
      expect(batch.observations.length + (batch.malformed?.length ?? 0)).toBeLessThanOrEqual(1)
      expect(JSON.stringify(batch)).not.toContain('@')
    }),
    { numRuns: 2000 },
  )
})
