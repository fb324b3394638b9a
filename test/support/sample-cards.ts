import type { Card } from '../../src/cards/card.ts'

/** Everything that a chat platform could take for a mention, a link, formatting or code. */
export const HOSTILE =
  '<!channel> <@U1> *bold* _it_ `code` <https://evil.example|click> @everyone <b>x</b> &amp; http://evil.example'

export function alertCard(at: Date): Card {
  const minute = (i: number) => new Date(at.getTime() - (59 - i) * 60_000)
  return {
    title: 'Yahoo slows your mail down: 38% deferred',
    tone: 'critical',
    text: [
      'Yahoo answers 421 to mail from one IP, 203.0.113.25, on mailgun-eu. All other providers take your mail as usual.',
      'Send less to Yahoo from this IP for the next hours, and stop what drew complaints. It lifts by itself once the rate is down.',
    ],
    fields: [
      { label: 'Signal', value: 'Throttling' },
      { label: 'Where', value: 'Yahoo × 203.0.113.25' },
      { label: 'Since', value: '14:02 UTC, 23 min' },
      { label: 'Rate', value: '38.2%, usually 0.4%' },
      { label: 'Affected', value: '1,204 of 3,151 tries' },
      { label: 'Who can fix it', value: 'you (your IP)' },
    ],
    chart: {
      label: 'Deferred at Yahoo, last hour',
      unit: 'percent',
      baseline: 0.4,
      points: Array.from({ length: 60 }, (_, i) => ({
        at: minute(i),
        value: i < 36 ? 0.3 + ((i * 7) % 5) / 8 : Math.min(41, (i - 35) * 6 + ((i * 13) % 7)),
      })),
    },
    quotes: ['421 4.7.0 [TSS04] Messages from 203.0.113.25 temporarily deferred due to user complaints - 4.16.55.1'],
    links: [{ label: 'Yahoo Sender Hub: [TSS04]', url: 'https://senders.yahooinc.com/smtp-error-codes/' }],
    actions: [
      { id: 'acknowledge', label: 'Acknowledge', value: 'inc-1', style: 'primary' },
      { id: 'snooze-1h', label: 'Snooze 1 h', value: 'inc-1' },
      { id: 'snooze-4h', label: '4 h', value: 'inc-1' },
      { id: 'snooze-24h', label: '24 h', value: 'inc-1' },
    ],
    footer: 'Source: mailgun-eu · rule yahoo.yaml: rate-limited/tss04',
  }
}

/** A lookup's answer, with a table of own traffic. */
export const lookupCard: Card = {
  title: '550: the mailbox is unavailable, or the server refuses your mail',
  tone: 'info',
  text: [
    'A permanent refusal. Mostly the address does not exist; the text tells whether it is a block instead.',
    'Do not send to the address again. If many addresses at one provider answer so at once, look for a block first.',
  ],
  fields: [
    { label: 'Cause', value: 'recipient-unknown' },
    { label: 'Retry', value: 'Never' },
    { label: 'Your last 24 h', value: '118 of 41,203 tries' },
  ],
  table: {
    columns: ['Provider', 'IP', 'Sending domain', 'Last 24 h'],
    rows: [
      ['Gmail', '203.0.113.25', 'news.example.com', '64'],
      ['Microsoft', '203.0.113.26', 'news.example.com', '31'],
      ['Yahoo', '203.0.113.25', 'shop.example.com', '23'],
    ],
  },
  actions: [{ id: 'share', label: 'Share to channel', value: '550' }],
  links: [{ label: 'RFC 5321, section 4.2', url: 'https://www.rfc-editor.org/rfc/rfc5321#section-4.2' }],
}

export const resolvedNote: Card = { title: 'Resolved after 48 min: 0.5% of 812 tries', tone: 'good' }

export const hostileCard: Card = {
  title: HOSTILE,
  tone: 'warning',
  text: [HOSTILE],
  fields: [{ label: HOSTILE, value: HOSTILE }],
  quotes: [HOSTILE],
  table: { columns: [HOSTILE, 'n'], rows: [[HOSTILE, '1']] },
  chart: { label: HOSTILE, unit: 'count', points: [{ at: new Date(0), value: 1 }] },
  links: [{ label: HOSTILE, url: 'javascript:alert(1)' }],
  actions: [{ id: 'acknowledge', label: HOSTILE, value: HOSTILE }],
  footer: HOSTILE,
}

/** Beyond every limit that a platform may have. */
export const hugeCard: Card = {
  title: 'x'.repeat(1000),
  tone: 'critical',
  text: Array.from({ length: 80 }, (_, i) => `paragraph ${i} ${'lorem ipsum '.repeat(400)}`),
  fields: Array.from({ length: 40 }, (_, i) => ({ label: `field ${i}`, value: 'v'.repeat(3000) })),
  quotes: Array.from({ length: 30 }, () => '550 '.repeat(2000)),
  table: {
    columns: Array.from({ length: 30 }, (_, i) => `column ${i}`),
    rows: Array.from({ length: 300 }, () => Array.from({ length: 30 }, () => 'c'.repeat(50))),
  },
  chart: {
    label: 'l'.repeat(500),
    unit: 'count',
    points: Array.from({ length: 2000 }, (_, i) => ({ at: new Date(i * 60_000), value: i })),
  },
  actions: Array.from({ length: 40 }, (_, i) => ({
    id: 'acknowledge' as const,
    label: `a label that is longer than any button takes ${'y'.repeat(100)}`,
    value: `${i}${'z'.repeat(3000)}`,
  })),
  links: Array.from({ length: 60 }, (_, i) => ({
    label: `link ${i}`,
    url: `https://example.com/${'p'.repeat(4000)}`,
  })),
  footer: 'f'.repeat(5000),
}
