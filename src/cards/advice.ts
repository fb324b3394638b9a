import type { Cause, Signal } from '../smtp/causes.ts'

/** What to do about a trouble now, the most urgent first. */
const BY_SIGNAL: Record<Signal, readonly string[]> = {
  throttling: [
    'Send less to this provider now: halve the rate and the number of connections, and let the retries drain.',
    'Hold back campaigns that are not urgent until the deferrals stop; pushing on turns 421 into 554.',
    'Look for what changed: volume, a new IP, a new list, complaints.',
  ],
  blocking: [
    'Stop sending from here to there: every further attempt costs reputation.',
    'Look the IP and the domain up on the lists that the replies name, and mend what they give as the reason.',
    'Ask for delisting only after that.',
  ],
  authentication: [
    'Check SPF, DKIM and DMARC of the sending domain, and the PTR of the IP: did DNS or the ESP change today?',
    'Send one message to yourself and read its Authentication-Results header.',
    'Hold the mail back rather than retry: these replies do not go away by themselves.',
  ],
  content: [
    'Hold back the campaign that these replies belong to.',
    'Check its links and link domains against block lists, and its attachments.',
    'Send a plain version to a few addresses to see which part is refused.',
  ],
  list: [
    'Stop the send to the list that brought these addresses: providers count unknown users against you.',
    'Remove the refused addresses and suppress them for good.',
    'Ask where the list came from; confirm the addresses before using it again.',
  ],
  receiver: [
    'Let the retries do their work: the other side has trouble of its own.',
    'Check its status page, and your own DNS and network if several providers are affected.',
  ],
}

// Where the cause says more than the signal.
const BY_CAUSE: Partial<Record<Cause, readonly string[]>> = {
  greylisted: [
    'Retry after a few minutes from the same IP: that is all that greylisting asks for.',
    'If it goes on for hours, check that retries leave from the same IP and envelope sender.',
  ],
  'relay-denied': [
    'Check the login, the IP allow-list and the verified domains of the ESP: mail is handed to a server that does not know you.',
    'Did a password, an IP or an MX record change today?',
  ],
  'sender-dns': [
    'Check that the sending IP has a PTR record, that it resolves back to the IP, and that HELO gives that name.',
    'Check A and MX of the sender domain: they must resolve from outside.',
  ],
  'message-too-large': ['Hold the mailing back and make it smaller: link to the attachment instead of sending it.'],
  'mailbox-full': ['Retry for a few days, then suppress: a mailbox that stays full is abandoned.'],
  connection: [
    'Check whether your own network, DNS and outgoing port 25 are well: can you reach other providers?',
    'If only this provider is affected, let the retries do their work and watch its status page.',
  ],
}

// What nobody knows has to be read first.
const OF_THE_UNKNOWN = [
  'Read it: no rule knows these words yet. "Wrong?" gives the line that teaches them to Bouncebell.',
  'Send less to this provider until you know what it wants.',
]

/** As a numbered list. */
export function whatToDo(signal: Signal | null, cause: Cause | undefined): string {
  const steps = (cause && BY_CAUSE[cause]) ?? (signal ? BY_SIGNAL[signal] : OF_THE_UNKNOWN)
  return ['What to do now:', ...steps.map((step, i) => `${i + 1}. ${step}`)].join('\n')
}
