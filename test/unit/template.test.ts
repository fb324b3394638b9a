import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mask } from '../../src/smtp/template/template.ts'

describe('what differs from reply to reply is masked', () => {
  test.each([
    ['<user@example.com>: user unknown', '<{address}>: user unknown'],
    ['to=<foo@bar.com>, relay=mx.bar.com[192.0.2.1]:25', 'to=<{address}>, relay={host}[{ip}]:{n}'],
    ['VERP bounce-1-user=example.com@esp.example here', 'VERP {address} here'],
    ['[2001:db8::1] and 192.0.2.1.', '[{ip}] and {ip}.'],
    ['a12-20020a05600c0000b00200a0si123456plb.12 - gsmtp', '{id} - gsmtp'],
    [
      '[BN8NAM11FT012.eop-nam11.prod.protection.outlook.com 2024-01-01T00:00:00.000Z 08DC1234567890AB]',
      '[{host}.outlook.com {time} {id}]',
    ],
    ['in 300 seconds (at 12:33:11), 50% of 10.5MB', 'in {n} seconds (at {time}), {n}% of {n}MB'],
    [
      'blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1',
      'blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/{ip}',
    ],
    [
      'see http://www.openspf.org/Why?id=user%40example.com&ip=192.0.2.1',
      'see http://www.openspf.org/Why?id={id}&ip={ip}',
    ],
    ['ID 550E8400-E29B-41D4-A716-446655440000', 'ID {id}'],
  ])('%j', (text, template) => {
    expect(mask(text)).toBe(template)
  })
})

test.each([
  'TSS04',
  'S3140',
  '[HM08]',
  'PH01',
  'RP-001',
  'OFR_417 [417]',
  'AUP#I-1000',
  '(AS77712344)',
  '(554.30)',
  '5.7.26',
  'https://support.google.com/mail/?p=UnsolicitedRateLimitError',
  'zen.spamhaus.org',
  'DNSBL',
])('the keyword %s stays', (keyword) => {
  expect(mask(`x ${keyword} y`)).toBe(`x ${keyword} y`)
})

const octet = fc.nat(255)
const particular = fc.oneof(
  fc.emailAddress(),
  fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.')),
  fc.ipV6(),
  fc.uuid(),
  fc.stringMatching(/^[0-9a-f]{16,32}$/).filter((id) => /\d/.test(id) && /[a-f]/.test(id)),
  fc.integer({ min: 10_000_000, max: 999_999_999 }).map(String),
)
const frame = fc.constantFrom(
  '<',
  '>',
  '[',
  ']',
  ' ',
  ': ',
  'host ',
  'from ',
  '(',
  ')',
  '; ',
  '=',
  'http://x.example/',
  '?id=',
  'é',
  '{',
  '}',
  '{n}',
  '@',
)

test('masking twice is masking once, and leaves no address, IP or long id', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(particular, frame), { maxLength: 12 }), (parts) => {
      const once = mask(parts.join(' '))
      expect(mask(once)).toBe(once)
      expect(once).not.toContain('@')
      expect(once).not.toMatch(/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/)
      expect(once).not.toMatch(/[0-9a-f]{16}/)
      expect(once).not.toMatch(/\d{9}/)
    }),
    { numRuns: 3000 },
  )
})

test('masking twice is masking once, whatever the text', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(particular, frame, fc.string()), { maxLength: 12 }), (parts) => {
      const once = mask(parts.join(''))
      expect(mask(once)).toBe(once)
      expect(once).not.toContain('@')
    }),
    // A number between foreign letters parts what stood together, and leaves an IP.
    { numRuns: 3000, examples: [[['0:a0::a:0:0:0', 'é', '0']]] },
  )
})
