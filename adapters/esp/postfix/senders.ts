import { domainOf } from '../../../src/lib/address.ts'

/** Messages of which the sender is remembered; a large Postfix has 20 000 active at a time (qmgr_message_active_limit). */
const MOST = 100_000

// qmgr says it each time a message becomes active, so before each attempt: `QUEUEID: from=<a@b>, size=..., nrcpt=1 (queue active)`.
const ACTIVE = /qmgr(?:\[\d+\]:| \d+ - -) ([^\s:]{1,100}): from=<([^>]*)>, size=/

/** The domains of senders by queue id, since the lines about attempts do not tell them. */
export interface Senders {
  /** Takes note of a line, if it is about a sender. */
  learn(line: string): void
  domain(queueId: string): string | null
}

export function rememberSenders(): Senders {
  const domains = new Map<string, string>()
  return {
    learn(line) {
      if (!line.includes(': from=<')) return
      const [, queueId, sender] = ACTIVE.exec(line) ?? []
      const domain = domainOf(sender ?? '')
      if (!queueId || !domain) return
      domains.delete(queueId)
      domains.set(queueId, domain)
      const oldest = domains.keys().next().value
      if (domains.size > MOST && oldest !== undefined) domains.delete(oldest)
    },
    domain: (queueId) => domains.get(queueId) ?? null,
  }
}
