import type { Finding } from '../../src/detect/finding.ts'
import type { Slice } from '../../src/detect/state/slice.ts'

export const START = new Date('2026-03-03T14:05:00Z')
const MINUTE = 60_000

export const minute = (n: number) => new Date(START.getTime() + n * MINUTE)

export const slice = (given: Partial<Slice> = {}): Slice => ({
  source: 'mailgun',
  provider: 'yahoo',
  ip: '198.51.100.7',
  senderDomain: 'shop.example',
  campaign: '',
  ...given,
})

/** A firing finding at minute `n`: 38% of Yahoo's mail from one IP, since START. */
export function finding(n: number, given: Partial<Finding> = {}): Finding {
  return {
    kind: 'sudden',
    signal: 'throttling',
    status: 'firing',
    where: { source: 'mailgun', provider: 'yahoo', ip: '198.51.100.7' },
    slices: [slice()],
    says: 'Yahoo only, from one IP',
    since: START,
    at: minute(n),
    rate: 0.38,
    baseline: 0.004,
    attempts: 3260,
    failures: 1240,
    evidence: 3,
    ...given,
  }
}
