import type { CounterRow, StoredReply } from '../../src/ports/store/index.ts'

const START = new Date('2026-11-24T10:00:00Z')

/** The i-th minute of test time. */
export const minute = (i: number): Date => new Date(START.getTime() + i * 60_000)

export const reply = (change: Partial<StoredReply> = {}): StoredReply => ({
  template: 'our system has detected an unusual rate of mail',
  provider: 'gmail',
  code: 421,
  enhanced: '4.7.28',
  cause: 'rate-limited',
  signal: 'throttling',
  retry: 'slower',
  rule: 'test',
  named: false,
  ...change,
})

export const row = (
  at: number,
  n: number,
  change: Partial<Omit<CounterRow, 'slice'>> & { slice?: Partial<CounterRow['slice']> } = {},
): CounterRow => ({
  minute: minute(at),
  outcome: 'delivered',
  reply: null,
  n,
  ...change,
  slice: {
    provider: 'gmail',
    ip: '192.0.2.1',
    senderDomain: 'shop.example',
    stream: '',
    campaign: '',
    ...change.slice,
  },
})
