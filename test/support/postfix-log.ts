/** Lines as Postfix's SMTP client and queue manager write them. Names and addresses are made up. */
export interface AttemptLine {
  queueId: string
  to: string
  status: string
  text: string
  dsn?: string
  relay?: string
  tag?: string
  /** Whole, in any form of syslog. */
  time?: string
}

export const isoTime = (at: Date) => at.toISOString().replace('Z', '+00:00')

const HOST = 'mta1'

export function attemptLine(line: AttemptLine): string {
  const { time = '2026-10-05T08:00:00.000000+00:00', tag = 'postfix/smtp[4711]' } = line
  const { relay = 'mx.receiver.example[192.0.2.25]:25', dsn = '2.0.0' } = line
  const facts = `relay=${relay}, delay=0.41, delays=0.02/0.01/0.2/0.18, dsn=${dsn}, status=${line.status}`
  return `${time} ${HOST} ${tag}: ${line.queueId}: to=<${line.to}>, ${facts} (${line.text})`
}

export function senderLine(queueId: string, from: string, time = '2026-10-05T08:00:00.000000+00:00'): string {
  return `${time} ${HOST} postfix/qmgr[81]: ${queueId}: from=<${from}>, size=3121, nrcpt=1 (queue active)`
}

export function otherLines(time = '2026-10-05T08:00:00.000000+00:00'): string[] {
  return [
    `${time} ${HOST} postfix/smtpd[90]: connect from localhost[127.0.0.1]`,
    `${time} ${HOST} postfix/cleanup[91]: 4FzX1Q2abc: message-id=<a.b@brand.example>`,
    `${time} ${HOST} postfix/qmgr[81]: 4FzX1Q2abc: removed`,
    `${time} ${HOST} dovecot: imap(ann@brand.example): Logged out in=10 out=20`,
    `${time} ${HOST} postfix/local[92]: 4FzX1Q2abd: to=<root@mta1>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)`,
    `${time} ${HOST} postfix/error[93]: 4FzX1Q2abe: to=<ann@yahoo.com>, relay=none, delay=9, delays=9/0/0/0, dsn=4.7.0, status=deferred (delivery temporarily suspended: host mx[192.0.2.25] refused to talk to me: 421 no)`,
    '',
  ]
}
