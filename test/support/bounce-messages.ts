/** Whole e-mails that report a bounce, as MTAs write them, and what each of them is about. */
export interface BounceMessage {
  name: string
  message: string
  code: number | null
  enhanced: string | null
  cause: string
  provider: string | null
}

const base64 = (text: string) => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n')

const HEADER = `Return-Path: <>
Received: from mail.sender.example (localhost [127.0.0.1]) by mail.sender.example; Mon, 2 Mar 2026 08:11:52 +0000
From: Mail Delivery System <MAILER-DAEMON@mail.sender.example>
To: newsletter@sender.example
Date: Mon, 2 Mar 2026 08:11:53 +0000
Message-ID: <1@mail.sender.example>`

const COPY = `Received: from a by b
Subject: 554 5.7.1 blocked using zen.spamhaus.org is only a subject
From: newsletter@sender.example
To: zoltan.kowalski@gmail.com
`

const report = (text: string, status: string, encoding = '8bit') => `${HEADER}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="5D3C1.1741/mail.sender.example"

This is a MIME-encapsulated message.

--5D3C1.1741/mail.sender.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: ${encoding}

${text}

--5D3C1.1741/mail.sender.example
Content-Description: Delivery report
Content-Type: message/delivery-status
Content-Transfer-Encoding: ${encoding === 'base64' ? 'base64' : '7bit'}

${status}

--5D3C1.1741/mail.sender.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

${COPY}
550 5.1.1 lines of the message are no replies

--5D3C1.1741/mail.sender.example--
`

const STATUS = `Reporting-MTA: dns; mail.sender.example
Arrival-Date: Mon, 2 Mar 2026 08:11:52 +0000

Final-Recipient: rfc822; zoltan.kowalski@shop.example
Original-Recipient: rfc822;zoltan.kowalski@shop.example
Action: failed
Status: 5.2.2
Remote-MTA: dns; gmail-smtp-in.l.google.com
Diagnostic-Code: smtp; 552-5.2.2 The email account that you tried to reach
    is over quota. https://support.google.com/mail/?p=OverQuotaPerm
    552 5.2.2 gsmtp`

const overQuota = { code: 552, enhanced: '5.2.2', cause: 'mailbox-full', provider: 'gmail' }

export const BOUNCE_MESSAGES: readonly BounceMessage[] = [
  {
    name: 'a delivery status notification of Postfix',
    message: report('Zoltan is unreachable.', STATUS),
    ...overQuota,
  },
  {
    name: 'the same in base64',
    message: report(base64('Zoltan ist unerreichbar. Grüße'), base64(STATUS), 'base64'),
    ...overQuota,
  },
  {
    name: 'the same with a megabyte of headers',
    message: `${`X-Trace: ${'x'.repeat(990)}\n`.repeat(1050)}${report('Sorry.', STATUS)}`,
    ...overQuota,
  },
  {
    name: 'the same out of an mbox',
    message: `From MAILER-DAEMON Mon Mar  2 08:11:53 2026\n${report('Sorry.', STATUS)}`,
    ...overQuota,
  },
  {
    name: 'qmail’s text',
    message: `${HEADER}
Subject: failure notice

Hi. This is the qmail-send program at mail.sender.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<zoltan.kowalski@gmx.de>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 Requested action not taken: mailbox unavailable
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

${COPY}`,
    code: 550,
    enhanced: '5.1.1',
    cause: 'recipient-unknown',
    provider: 'gmx',
  },
  {
    name: 'Exim’s text, quoted-printable',
    message: `${HEADER}
Subject: Mail delivery failed: returning message to sender
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its recipi=
ents. This is a permanent error. The following address(es) failed:

  zoltan.kowalski@shop.example
    host mx00.ionos.de [192.0.2.3]
    SMTP error from remote mail server after RCPT TO:<zoltan.kowalski@shop.e=
xample>: 554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked us=
ing zen.spamhaus.org

------ This is a copy of the message, including all the headers. ------

${COPY}`,
    code: 554,
    enhanced: '5.7.1',
    cause: 'blocklisted',
    provider: 'ionos',
  },
  {
    name: 'a bounce in HTML alone',
    message: `${HEADER}
Subject: Undeliverable
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><body><p>Your message to <b>zoltan</b> couldn&#39;t be delivered.</p><p>Diagnostic information for administrators:</p>
<p>Generating server: MAIL.example.com</p><p>zoltan.kowalski@example.com</p>
<p>Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found'</p></body></html>`,
    code: 550,
    enhanced: '5.1.10',
    cause: 'recipient-unknown',
    provider: null,
  },
]
