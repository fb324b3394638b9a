import type { Cause, Signal } from '../smtp/causes.ts'

/** A reply to failed attempts that a source reported for the first time recently. */
export interface NewReply {
  source: string
  provider: string
  /** What people call the provider: "Yahoo", "other providers". */
  providerName: string
  code: number | null
  enhanced: string | null
  template: string
  cause: Cause
  signal: Signal | null
  rule: string
  links: { label: string; url: string }[]
  /** When it was first given. */
  since: Date
  lastAt: Date
  n: number
  /** The oldest minute that is known of the source. */
  knownSince: Date
}

/** How often it was given by now. Late counts may also move its first time. */
export type Tally = Pick<NewReply, 'n' | 'since' | 'lastAt'>
