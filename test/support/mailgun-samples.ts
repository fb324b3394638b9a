import type { LogEntry } from '../../src/demo/mailgun-log.ts'

const common = {
  account: { id: '100' },
  domain: { name: 'news.example.com' },
  recipient: 'jo@example.org',
  'recipient-domain': 'example.org',
  'recipient-provider': 'Other',
  envelope: {
    sender: 'us@news.example.com',
    transport: 'smtp',
    'sending-ip': '203.0.113.9',
    targets: 'jo@example.org',
  },
}

/** One entry of each kind that the Logs API tells apart, in its documented shape. */
export const mailgunSamples: readonly LogEntry[] = [
  {
    ...common,
    id: 'dLvR4kQ1TtGk0a1',
    event: 'delivered',
    '@timestamp': '2026-10-05T08:10:00.100Z',
    'log-level': 'info',
    'delivery-status': { code: 250, message: 'OK', 'mx-host': 'mx.example.org', 'attempt-no': 1, tls: true },
  },
  {
    ...common,
    id: 'tMpR4kQ1TtGk0a2',
    event: 'failed',
    '@timestamp': '2026-10-05T08:11:00.100Z',
    severity: 'temporary',
    reason: 'generic',
    'log-level': 'warn',
    'delivery-status': {
      code: 421,
      'enhanced-code': '4.7.0',
      message: '4.7.0 [TSS04] Messages from 203.0.113.9 temporarily deferred',
      'mx-host': 'mx.example.org',
      'attempt-no': 2,
      'retry-seconds': 600,
      'session-seconds': 0.75,
    },
    campaigns: [{ id: 'autumn', name: 'Autumn' }],
    tags: ['sale'],
  },
  {
    ...common,
    id: 'pRmR4kQ1TtGk0a3',
    event: 'failed',
    '@timestamp': '2026-10-05T08:12:00.100Z',
    severity: 'permanent',
    reason: 'bounce',
    'log-level': 'error',
    'delivery-status': { code: 550, 'enhanced-code': '5.1.1', message: '5.1.1 <jo@example.org> no such user' },
  },
  {
    ...common,
    id: 'sPpR4kQ1TtGk0a4',
    event: 'failed',
    '@timestamp': '2026-10-05T08:13:00.100Z',
    severity: 'permanent',
    reason: 'suppress-bounce',
    'log-level': 'error',
    'delivery-status': { code: 605, message: '', description: 'Not delivering to previously bounced address' },
  },
  {
    id: 'rJcR4kQ1TtGk0a5',
    event: 'rejected',
    '@timestamp': '2026-10-05T08:14:00.100Z',
    account: { id: '200', 'parent-id': '100' },
    domain: { name: 'news.example.com' },
    'log-level': 'warn',
    reason: 'Sandbox subdomains are for test purposes only',
  },
]
