import type { Cause } from '../smtp/causes.ts'
import type { Verdict } from '../smtp/classify/classify.ts'
import type { Mailboxes } from '../smtp/mailbox.ts'
import { FAILED, FAILED_THERE } from '../smtp/outcomes.ts'
import type { Entry } from './catalogue.ts'
import type { Query } from './query.ts'

/** Which stored replies an answer is about; the store's own filter has these fields too. */
interface TrafficFilter {
  code?: number
  enhanced?: string
  cause?: Cause
  template?: string
  provider?: string
  /** A word of the reply: "TSS04". */
  word?: string
  /** What became of the message; any of these. */
  outcomes?: readonly (typeof FAILED)[number][]
}

/** Own traffic to show. Several are given from the narrowest on: the first with any results is meant. */
export interface Traffic {
  /** "replies with 421 from Gmail" */
  what: string
  filter: TrafficFilter
}

/** What to count for a pasted reply: the same wording, else the same cause at the provider, else the cause. */
export function trafficOf({ template, cause }: Verdict, provider: string | null, { nameOf }: Mailboxes): Traffic[] {
  const same = { what: 'replies like this one', filter: { template } }
  if (cause === 'unknown') return [same]
  const wider = provider
    ? [{ what: `${cause} replies from ${nameOf(provider)}`, filter: { cause, provider, outcomes: FAILED } }]
    : []
  return [same, ...wider, { what: `${cause} replies`, filter: { cause, outcomes: FAILED } }]
}

/** What to count for a question that `entry` answers. `code` is the one that was meant. */
export function trafficAbout(query: Query, entry: Entry, code: string | null, mailboxes: Mailboxes): Traffic[] {
  const { provider, enhanced, words } = query
  const from = provider ? ` from ${mailboxes.nameOf(provider)}` : ''
  const at = provider ? { provider } : {}
  // Deliveries are mostly counted without their text.
  if (entry.causes.length === 0 && entry.kind !== 'family') return []
  // A word of the field is in no reply.
  if (entry.kind === 'term' && code === null && enhanced === null) return []
  if (code !== null || enhanced !== null) {
    const status = enhanced !== null && /^\d(?:\.\d+){2}$/.test(enhanced) ? { enhanced } : {}
    const filter = { ...(code === null ? {} : { code: Number(code) }), ...status, ...at }
    const what = `replies with ${[code, enhanced].filter(Boolean).join(' ')}${from}`
    return Object.keys(filter).length === 0 ? [] : [{ what, filter }]
  }
  if (entry.kind === 'cause') {
    return [{ what: `${entry.id} replies${from}`, filter: { cause: entry.id as Cause, ...at, outcomes: FAILED } }]
  }
  if (entry.kind === 'code')
    return [{ what: `replies with ${entry.id}${from}`, filter: { code: Number(entry.id), ...at } }]
  const word = words.find((each) => entry.keys.includes(each)) ?? words.join(' ')
  if (word !== '') return [{ what: `replies that say "${word}"${from}`, filter: { word, ...at, outcomes: FAILED } }]
  return provider
    ? [{ what: `failures at ${mailboxes.nameOf(provider)}`, filter: { provider, outcomes: FAILED_THERE } }]
    : []
}
