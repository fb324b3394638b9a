import { CAUSES, type Cause, type Signal } from '../smtp/causes.ts'

/** What to do about a problem now, the most urgent first. */
const BY_SIGNAL: Record<Signal, readonly string[]> = {
  throttling: [
    'Send less to this provider: halve the rate and the number of connections, and let the retries drain.',
    'Pause campaigns that are not urgent until the deferrals stop; if you keep pushing, 421 turns into 554.',
    'Find out what changed: volume, a new IP, a new list, complaints.',
  ],
  blocking: [
    'Stop sending this mail to this provider: every further attempt costs reputation.',
    'Look up the IP and the domain on the lists that the replies name, and fix the reason they give.',
    'Only then request removal from the list.',
  ],
  authentication: [
    'Check SPF, DKIM and DMARC of the sending domain and the PTR record of the IP. Did DNS or the ESP change today?',
    'Send yourself a message and read its Authentication-Results header.',
    'Hold the mail instead of retrying: these replies do not go away by themselves.',
  ],
  content: [
    'Pause the campaign that gets these replies.',
    'Check its links and link domains against blocklists, and check its attachments.',
    'Send a plain version to a few addresses to find out which part is refused.',
  ],
  list: [
    'Stop sending to the list with these addresses: providers count unknown users against you.',
    'Remove the refused addresses and suppress them permanently.',
    'Find out where the list came from, and confirm its addresses before you use it again.',
  ],
  receiver: [
    'Let the queue retry: the problem is on the other side.',
    "Check the provider's status page, and your own DNS and network if several providers are affected.",
  ],
}

// Where the cause is more specific than the signal.
const BY_CAUSE: Partial<Record<Cause, readonly string[]>> = {
  greylisted: [
    'Retry after a few minutes from the same IP: that is all greylisting requires.',
    'If it continues for hours, check that retries use the same IP and envelope sender.',
  ],
  'relay-denied': [
    'Check the login, the IP allowlist and the verified domains at the ESP: mail is going to a server that does not know you.',
    'Did a password, an IP or an MX record change today?',
  ],
  'sender-dns': [
    'Check that the sending IP has a PTR record, that the name resolves back to the IP, and that HELO uses that name.',
    'Check the A and MX records of the sender domain: they must resolve from outside.',
  ],
  'message-too-large': [
    'Pause the mailing and make the message smaller: link to the attachment instead of sending it.',
  ],
  'mailbox-full': ['Retry for a few days, then suppress the address: a mailbox that stays full is abandoned.'],
  connection: [
    'Check your own network, DNS and outgoing port 25. Can you reach other providers?',
    'If only this provider is affected, let the queue retry and watch its status page.',
  ],
}

// Somebody has to read it first.
const OF_THE_UNKNOWN = [
  'Read the reply: no rule covers this wording yet. "Wrong?" gives you a rule to add.',
  'Send less to this provider until you know what the reply means.',
]

/** As a numbered list. */
export function whatToDo(signal: Signal | null, cause: Cause | undefined): string {
  const steps = (cause && BY_CAUSE[cause]) ?? (signal ? BY_SIGNAL[signal] : OF_THE_UNKNOWN)
  return ['What to do now:', ...steps.map((step, i) => `${i + 1}. ${step}`)].join('\n')
}

/** By who has to act (`move` of a cause): the words for the person who reads it. */
const FIXERS: Record<string, string> = {
  sender: 'you (the sender)',
  'sender IP or domain': 'you (your IP or domain)',
  'sender domain': 'you (your domain)',
  "sender's configuration": 'you (your configuration)',
  "sender's DNS": 'you (your DNS)',
  "sender's MTA": 'you (your mail server)',
  message: 'you (the message)',
  'recipient list': 'you (your recipient list)',
  recipient: 'the recipient',
  receiver: 'the receiver',
  'receiver or network': 'the receiver or the network',
  'nobody (retry)': 'nobody; retrying is enough',
  '-': 'not known',
}

export const whoCanFix = (move: string): string => FIXERS[move] ?? move

/** "Why: no such user. Who can fix it: you (your recipient list)." */
export const whyAndWho = (cause: Cause): string =>
  `Why: ${CAUSES[cause].means}. Who can fix it: ${whoCanFix(CAUSES[cause].move)}.`
