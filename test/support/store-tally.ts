import type { TallyOptions } from '../../src/jobs/ingest.ts'

/** Classifies everything alike: for what does not depend on the rules. */
export const PLAIN_TALLY: TallyOptions = {
  mailboxes: { providerOf: (domain) => domain, providerFromName: (name) => name },
  classifier: {
    classify: () => ({ cause: 'rate-limited', signal: 'throttling', retry: 'slower', rule: 'plain', named: false }),
  },
}
