/** Signals: what kind of trouble a failure speaks of. Each has its own statistic. */
export const SIGNALS = ['throttling', 'blocking', 'authentication', 'content', 'list', 'receiver'] as const
export type Signal = (typeof SIGNALS)[number]

/** `later`: send it again as it is; `slower`: again, but less; `after-fix`: only once something changed; `never`: give up. */
export type Retry = 'later' | 'slower' | 'after-fix' | 'never'

export interface CauseFacts {
  means: string
  signal: Signal | null
  /** Whose move it is. */
  move: string
  retry: Retry
}

/** The closed set of causes: why a server answered as it did. */
export const CAUSES = {
  'rate-limited': {
    means: 'too many messages, connections or recipients per period',
    signal: 'throttling',
    move: 'sender',
    retry: 'slower',
  },
  greylisted: {
    means: 'come back later: this pair of sender and recipient was never seen before',
    signal: 'throttling',
    move: 'nobody (retry)',
    retry: 'later',
  },
  blocklisted: {
    means: 'the IP or domain is on a public or private block list',
    signal: 'blocking',
    move: 'sender IP or domain',
    retry: 'after-fix',
  },
  reputation: {
    means: 'refused or slowed for poor reputation, no list named',
    signal: 'blocking',
    move: 'sender IP or domain',
    retry: 'after-fix',
  },
  policy: {
    means: 'refused by a local policy that names no other cause',
    signal: 'blocking',
    move: 'sender',
    retry: 'after-fix',
  },
  'relay-denied': {
    means: 'relaying or access denied for this client or domain',
    signal: 'blocking',
    move: "sender's configuration",
    retry: 'after-fix',
  },
  authentication: {
    means: 'SPF, DKIM, DMARC, TLS or SMTP AUTH is missing or fails',
    signal: 'authentication',
    move: 'sender domain',
    retry: 'after-fix',
  },
  'sender-dns': {
    means: 'PTR, HELO, A or MX of the sender is missing or wrong',
    signal: 'authentication',
    move: "sender's DNS",
    retry: 'after-fix',
  },
  'spam-content': {
    means: 'this message was judged to be spam',
    signal: 'content',
    move: 'message',
    retry: 'after-fix',
  },
  'content-rejected': {
    means: 'a virus, an attachment, a link, or a malformed message',
    signal: 'content',
    move: 'message',
    retry: 'after-fix',
  },
  'message-too-large': {
    means: 'the message is over the size limit',
    signal: 'content',
    move: 'message',
    retry: 'after-fix',
  },
  'recipient-unknown': { means: 'no such user', signal: 'list', move: 'recipient list', retry: 'never' },
  'recipient-inactive': {
    means: 'the mailbox is disabled, suspended or moved',
    signal: 'list',
    move: 'recipient list',
    retry: 'never',
  },
  'domain-invalid': {
    means: "the recipient's domain does not exist or takes no mail",
    signal: 'list',
    move: 'recipient list',
    retry: 'never',
  },
  'mailbox-full': { means: 'the mailbox is over quota', signal: 'list', move: 'recipient', retry: 'later' },
  connection: {
    means: 'a timeout, a refused connection, DNS trouble on the way, or expired in the queue',
    signal: 'receiver',
    move: 'receiver or network',
    retry: 'later',
  },
  'receiver-fault': {
    means: "the other server's own trouble: storage, configuration, internal error",
    signal: 'receiver',
    move: 'receiver',
    retry: 'later',
  },
  protocol: { means: 'syntax or sequence of commands', signal: 'receiver', move: "sender's MTA", retry: 'after-fix' },
  unknown: { means: 'nothing more can be said', signal: null, move: '-', retry: 'later' },
} as const satisfies Record<string, CauseFacts>

export type Cause = keyof typeof CAUSES
export const CAUSE_NAMES = Object.keys(CAUSES) as Cause[]
