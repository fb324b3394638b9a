import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bounceIn } from '../../src/smtp/reply/bounce.ts'

const DSN = `This is the mail system at host mail.sender.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

--5D3C1.1741/mail.sender.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.sender.example
Arrival-Date: Mon,  2 Mar 2026 08:11:52 +0000 (UTC)

Final-Recipient: rfc822; late@example.com
Action: delayed
Status: 4.2.2
Diagnostic-Code: smtp; 452 4.2.2 Mailbox full

Final-Recipient: rfc822; jane@example.com
Original-Recipient: rfc822;jane@example.com
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach
    does not exist. Please try double-checking the recipient's
    address 550 5.1.1 gsmtp

--5D3C1.1741/mail.sender.example
Content-Type: message/rfc822

Subject: 554 5.7.1 the subject is not a reply
`

test('of a delivery status notification the failure is taken, unfolded, and the rest counted', () => {
  const { said, others } = bounceIn(DSN)
  expect(said).toBe(
    "smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's address 550 5.1.1 gsmtp",
  )
  expect(others).toBe(1)
})

test('with CRLF it is read alike', () => {
  expect(bounceIn(DSN.replaceAll('\n', '\r\n'))).toEqual(bounceIn(DSN))
})

test('a status without a code in the diagnostic is put before it', () => {
  expect(bounceIn('Action: failed\nStatus: 5.2.2\nDiagnostic-Code: x-unix; quota exceeded').said).toBe(
    '5.2.2 x-unix; quota exceeded',
  )
})

test('a success report says nothing', () => {
  const report = 'Action: relayed\nStatus: 2.0.0\nDiagnostic-Code: smtp; 250 2.0.0 Ok'
  expect(bounceIn(report).said).toBe(report)
})

test('the copy of the message in an MTA report is cut off', () => {
  const report = `Hi. This is the qmail-send program at sender.example.

<jane@example.com>:
192.0.2.1 does not like recipient.
Remote host said: 550 user unknown

--- Below this line is a copy of the message.

554 lines of text`
  expect(bounceIn(report).said).toMatch(/550 user unknown$/)
})

test('of an Exchange report only what is for administrators', () => {
  const report = `Your message wasn't delivered. 550 reasons exist.

Diagnostic information for administrators:
Generating server: MAIL.example.com
jane@example.com
Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found'

Original message headers:
X-Reason: 421 4.7.0 nothing`
  expect(bounceIn(report).said).toMatch(/^Generating server[\s\S]*not found'$/)
})

test('any text is read without an error, and nothing is made up', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 400, unit: 'binary' }), (text) => {
      const { said } = bounceIn(text)
      expect(said.length).toBeLessThanOrEqual(text.length + 1)
    }),
  )
})
