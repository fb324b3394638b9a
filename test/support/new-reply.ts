import type { NewReply } from '../../src/incident/new-reply-counts.ts'
import { minute } from './findings.ts'

const DAY = 1440

/** Yahoo's new words, first given at minute 0: 118 times so far, through a source that is known for a month. */
export const newReply = (given: Partial<NewReply> = {}): NewReply => ({
  source: 'mailgun',
  provider: 'yahoo',
  providerName: 'Yahoo',
  code: 421,
  enhanced: '4.7.0',
  template: '[TSS17] Messages from {ip} are held until you are known',
  cause: 'reputation',
  signal: 'blocking',
  rule: 'yahoo.yaml: tss',
  links: [{ label: 'Yahoo for senders', url: 'https://senders.yahooinc.com/' }],
  since: minute(0),
  lastAt: minute(19),
  n: 118,
  knownSince: minute(-30 * DAY),
  ...given,
})
