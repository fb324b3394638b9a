import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseReply } from '../../src/smtp/reply/reply.ts'

describe('a reply is read', () => {
  test.each([
    ['550 5.1.1 no such user', 550, '5.1.1', 'no such user'],
    ['421 4.7.0: Sender IP rejected', 421, '4.7.0', 'Sender IP rejected'],
    ['550-5.1.1 The account\r\n550 5.1.1 does not exist', 550, '5.1.1', 'The account does not exist'],
    [
      '550-5.7.26 blocked 550-5.7.26 because 550 5.7.26 of SPF - gsmtp',
      550,
      '5.7.26',
      'blocked because of SPF - gsmtp',
    ],
    [
      '550-SPF-check failed: 550 example.com does not allow it',
      550,
      null,
      'SPF-check failed: example.com does not allow it',
    ],
    ['smtp; 550 5.1.1 gone', 550, '5.1.1', 'gone'],
    ['host mx[192.0.2.1] said: 421 4.7.0 Try again (in reply to end of DATA command)', 421, '4.7.0', 'Try again'],
    ['SMTP error from remote mail server after RCPT TO:<a@b.example>: host mx: 550 No', 550, null, 'No'],
    ['550 RecipientError: 550 5.1.1 nope', 550, '5.1.1', 'nope'],
    ["5.1.0 - Unknown address error '552-5.2.2 over quota'", 552, '5.2.2', 'over quota'],
    ["5.1.0 - Unknown address error 550-'5.1.1 no such user'", 550, '5.1.1', 'no such user'],
    ['550 User unknown (ID:440:1:2 (mx))', 550, null, 'User unknown (ID:440:1:2 (mx))'],
    ['554 delivery error: dd Sorry your message', 554, null, 'delivery error: dd Sorry your message'],
    ['Connected to 192.0.2.1 but sender was rejected.\nRemote host said: 553 sorry, no', 553, null, 'sorry, no'],
    ['deferral: Connected_but_greeting_failed./Remote_host_said:_421_too_many', 421, null, 'too many'],
    ['#5.1.1 smtp;550 5.1.1 user unknown', 550, '5.1.1', 'user unknown'],
    ["Remote Server returned '550 5.7.1 blocked'", 550, '5.7.1', 'blocked'],
    [
      '550 5.1.351 Remote server returned unknown recipient -> 550 5.1.1 gone',
      550,
      '5.1.351',
      'Remote server returned unknown recipient -> gone',
    ],
    ['550 user unknown (#5.1.1)', 550, '5.1.1', 'user unknown (#5.1.1)'],
    ['550 [5.7.1] no', 550, '5.7.1', 'no'],
    ['553 Mail not allowed - 5.7.1 [BL23] [550]', 553, '5.7.1', 'Mail not allowed - 5.7.1 [BL23] [550]'],
    ['failed,5.1.1 (bad destination),553 Relaying disallowed', 553, null, 'Relaying disallowed'],
    ['451 4.1.1 unverified: host mx[192.0.2.1] said: 550 5.1.1 user unknown', 550, '5.1.1', 'user unknown'],
    ['4.7.26 This mail', null, '4.7.26', 'This mail'],
    ['Empfänger unbekannt', null, null, 'Empfänger unbekannt'],
    ['550 5.1.1 Empf=C3=A4nger unbekannt=\r\n, leider', 550, '5.1.1', 'Empfänger unbekannt, leider'],
    ['550', 550, null, ''],
    ['', null, null, ''],
  ])('%j', (raw, code, enhanced, text) => {
    expect(parseReply(raw)).toEqual({ code, enhanced, text })
  })

  test('numbers in a sentence are not taken for codes', () => {
    expect(parseReply('452 limit of 500 messages').text).toBe('limit of 500 messages')
    expect(parseReply('552 too big, limit: 500 MB').code).toBe(552)
    expect(parseReply('421 1,500 messages').code).toBe(421)
  })

  test.each([
    [
      'its first refusal, not what follows from it',
      '>>> DATA\n<<< 550 5.1.1 <a@b.example>... User unknown\n550 5.1.1 <a@b.example>... User unknown\n<<< 503 5.0.0 Need RCPT',
      { code: 550, enhanced: '5.1.1', text: '<a@b.example>... User unknown' },
    ],
    [
      'not the summary of the sending side',
      '<<< 552 5.2.3 Message exceeds maximum fixed size\n554 5.0.0 Service unavailable',
      { code: 552, enhanced: '5.2.3', text: 'Message exceeds maximum fixed size' },
    ],
    [
      'all its lines',
      '>>> MAIL From:<a@b.example>\n<<< 550-5.7.1 listed\n<<< 550 5.7.1 on a list\n501 5.6.0 Data format error',
      { code: 550, enhanced: '5.7.1', text: 'listed on a list' },
    ],
  ])('of a session that sendmail shows, %s', (_what, session, reply) => {
    expect(parseReply(session)).toEqual(reply)
  })

  test('of a delivery report the diagnostic field is read, over folded lines', () => {
    const report = 'Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n such user\nLast-Attempt: today'
    expect(parseReply(report)).toEqual({ code: 550, enhanced: '5.1.1', text: 'no such user' })
  })
})

const pieces = fc.constantFrom(
  '550',
  '421',
  ' ',
  '-',
  ':',
  '5.1.1',
  "'",
  '\r\n',
  'said',
  'smtp;',
  '(',
  '[',
  '=C3',
  '=\n',
  '_said:_',
  'é',
  '\u0000',
)
const garbage = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 40 }).map((parts) => parts.join(''))

test('whatever comes, it is read without an error, and its text holds nothing that was not there', () => {
  fc.assert(
    fc.property(garbage, (raw) => {
      const { code, enhanced, text } = parseReply(raw)
      expect(code === null || (code >= 200 && code <= 599)).toBe(true)
      expect(enhanced === null || /^[245]\.\d\.\d{1,3}$/.test(enhanced)).toBe(true)
      expect(text.length).toBeLessThanOrEqual(raw.length)
    }),
    { numRuns: 2000 },
  )
})

test('reading is stable: the text of a reply holds no second one', () => {
  fc.assert(
    fc.property(fc.constantFrom(550, 421, 552), fc.stringMatching(/^[a-z]{2,9}( [a-z]{1,9}){0,5}$/), (code, text) => {
      expect(parseReply(`host mx said: ${code} ${text}`)).toEqual({ code, enhanced: null, text })
    }),
  )
})
