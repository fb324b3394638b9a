import type { ZodType } from 'zod'
import type { Outcome } from '../smtp/outcomes.ts'
import type { Clock } from './clock.ts'
import type { HttpClient } from './http.ts'
import type { Log } from './log.ts'

export type { Outcome } from '../smtp/outcomes.ts'

/** What an ESP tells about where a message went out. Leave out what it does not tell. */
export interface Dims {
  senderDomain?: string
  /** The sending IP. */
  ip?: string
  /** The ESP's own division of traffic: message stream, subaccount, pool. */
  stream?: string
  campaign?: string
  /** The mailbox provider, where the ESP names it in its own words. */
  provider?: string
}

/**
 * One delivery attempt, or a number of them. No address crosses this line: `to.domain` is the recipient's domain
 * and nothing else, and addresses quoted in `reply` are masked with `redact` before it leaves the adapter.
 */
export type Observation =
  | {
      kind: 'event'
      id: string
      at: Date
      outcome: Outcome
      reply: string | null
      to: { domain: string; mx?: string }
      dims: Dims
      /** A vendor's own code that is not an SMTP reply (Mailgun's 605: suppressed). Kept apart from `reply`. */
      vendorCode?: string
    }
  | { kind: 'count'; from: Date; to: Date; outcome: Outcome; n: number; reply: string | null; dims: Dims }

/** Half-open: `from` is inside, `to` is not. Both on whole minutes. */
export interface Window {
  from: Date
  to: Date
}

/** An API that is asked about a period. */
export interface WindowSource {
  kind: 'window'
  /** The whole truth about `[from, to)`, page by page: what it yields replaces what was stored for that window. */
  pull(window: Window, signal: AbortSignal): AsyncIterable<Observation[]>
  /**
   * How many items there are in `[from, to)`, in one request: what is due to be read again is read only where that
   * number is another one. Left out where the API does not count.
   */
  count?(window: Window, signal: AbortSignal): Promise<number | null>
  /** The cheapest authenticated call. Throws a Fault that says what is wrong. */
  ping(signal: AbortSignal): Promise<void>
}

/**
 * An item that could not be read. It is stored and reported, so that it neither blocks the queue nor is lost: `problem` says
 * what did not fit where (`misfitOf`), `body` is the item's shape (`shapeOf`), and neither holds a word of its text.
 */
export interface Malformed {
  id: string
  at: Date
  problem: string
  body: string
}

/** What came. An empty one says that the source can be read and that nothing came. */
export interface Batch {
  observations: Observation[]
  malformed?: Malformed[]
  /** Where to go on after a restart; committed in the same transaction as the counters. */
  position?: string
}

/** A queue, a webhook, a log: at least once, acknowledged after commit. */
export interface StreamSource {
  kind: 'stream'
  /**
   * True where several replicas may run it at the same time: the other side hands each of them something else, and what
   * has to be known to go on is there, not in `position`.
   */
  isShared?: boolean
  /**
   * Runs until aborted. `deliver` resolves when the batch is committed; only then may it be acknowledged.
   * `position` is the one committed last, or null at the very first start.
   */
  run(start: { position: string | null; deliver: (batch: Batch) => Promise<void> }, signal: AbortSignal): Promise<void>
  ping(signal: AbortSignal): Promise<void>
}

export type EspSource = WindowSource | StreamSource

/** What this kind of source can and cannot tell; cards, doctor and the README's table say it too. */
export interface EspFacts {
  /** The name as its vendor writes it. */
  name: string
  /** `verbatim`: the receiving server's own words; `summary`: the ESP's; `none`: no text at all. */
  text: 'verbatim' | 'summary' | 'none'
  deferrals: boolean
  /** Does it report deliveries too, so that rates have a denominator? */
  deliveries: boolean
  sendingIp: boolean
  /** Ages of a window at which it is read again, since events arrive late. Empty for streams. */
  rereadAfterMinutes: number[]
  /** The vendor's documentation of the endpoint that is read. */
  docs: string
}

export interface EspContext {
  http: HttpClient
  clock: Clock
  log: Log
}

/** How an API may be asked. Each source has them to itself: vendors count by account. */
interface EspLimits {
  /** Requests under way at a time. */
  concurrency: number
  perSecond: number
}

export interface EspDefinition<C> {
  /** The folder's name, and `type:` in the configuration. */
  id: string
  config: ZodType<C>
  facts: EspFacts
  /** Two at a time and five a second where it is left out. */
  limits?: EspLimits
  open(config: C, context: EspContext): EspSource
}
