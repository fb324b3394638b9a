import { createHash } from 'node:crypto'
import type { Observation } from '../ports/esp.ts'
import type { CounterRow, StoredEvent, StoredReply } from '../ports/store/index.ts'
import type { Mailboxes } from '../smtp/mailbox.ts'
import { parseReply, type Reply } from '../smtp/reply/reply.ts'
import { mask } from '../smtp/template/template.ts'

const MINUTE_MS = 60_000
/** Longer templates say nothing more; RFC 5321 4.5.3.1.5 allows 512 octets a line. */
const LONGEST_TEMPLATE = 1000
/** Templates whose verdict is remembered. Busy senders see a few hundred. */
const REMEMBERED = 20_000

export interface TallyOptions {
  mailboxes: Pick<Mailboxes, 'providerOf' | 'providerFromName'>
  classifier: {
    classify(reply: Reply, provider?: string): Pick<StoredReply, 'cause' | 'signal' | 'retry' | 'rule' | 'named'>
  }
}

/** Called for what our own reading of it stumbles over: one reply must not stand in the way of all others. */
export type OnUnreadable = (observation: Observation, error: unknown) => void

/** Sums observations up to counters, page by page, so that a long window needs memory for its counters only. */
export interface Tally {
  add(observations: readonly Observation[]): void
  rows(): CounterRow[]
}

export function createTally(options: TallyOptions, onUnreadable?: OnUnreadable): Tally {
  const toRows = createReader(options, onUnreadable)
  const sums = new Map<string, CounterRow>()
  return {
    add: (observations) => {
      for (const observation of observations) {
        for (const row of toRows(observation)) {
          const key = keyOf(row)
          const sum = sums.get(key)
          if (sum) sum.n += row.n
          else sums.set(key, row)
        }
      }
    },
    rows: () => [...sums.values()],
  }
}

/** The same for streams, whose events are stored one by one so that each counts once. */
export function toEvents(
  observations: readonly Observation[],
  options: TallyOptions,
  onUnreadable?: OnUnreadable,
): StoredEvent[] {
  const toRows = createReader(options, onUnreadable)
  return observations.flatMap((observation) =>
    toRows(observation).map((row) => ({
      id: observation.kind === 'event' ? observation.id : digest(row, observation),
      row,
    })),
  )
}

/** A count has no id: what it says is its identity. */
function digest(row: CounterRow, observation: Observation): string {
  return createHash('sha256')
    .update(JSON.stringify([row.minute, observation]))
    .digest('hex')
}

function keyOf({ minute, slice, outcome, reply }: CounterRow): string {
  const { provider, ip, senderDomain, stream, campaign } = slice
  const said = reply ? `${reply.provider}\n${reply.code}\n${reply.enhanced}\n${reply.template}` : ''
  return [minute.getTime(), outcome, provider, ip, senderDomain, stream, campaign, said].join('\n')
}

type Reader = (observation: Observation) => CounterRow[]

function createReader({ mailboxes, classifier }: TallyOptions, onUnreadable?: OnUnreadable): Reader {
  const verdicts = new Map<string, StoredReply>()

  function store(raw: string, provider: string): StoredReply {
    const { code, enhanced, text } = parseReply(raw)
    // What is classified is what is kept, so that classifying history again cannot tell another story.
    const template = mask(text).slice(0, LONGEST_TEMPLATE).toWellFormed()
    const key = `${provider}\n${code}\n${enhanced}\n${template}`
    const known = verdicts.get(key)
    if (known) return known
    const { cause, signal, retry, rule, named } = classifier.classify({ code, enhanced, text: template }, provider)
    const reply = { template, provider, code, enhanced, cause, signal, retry, rule, named }
    if (verdicts.size >= REMEMBERED) verdicts.clear()
    verdicts.set(key, reply)
    return reply
  }

  function providerOf(observation: Observation): string {
    const { provider } = observation.dims
    if (provider !== undefined && provider !== '') return mailboxes.providerFromName(provider)
    return observation.kind === 'event' ? mailboxes.providerOf(observation.to.domain, observation.to.mx) : ''
  }

  function read(observation: Observation): CounterRow[] {
    const { dims, outcome, reply } = observation
    const provider = providerOf(observation)
    const slice = {
      provider,
      ip: dims.ip ?? '',
      senderDomain: dims.senderDomain?.toLowerCase() ?? '',
      stream: dims.stream ?? '',
      campaign: dims.campaign ?? '',
    }
    const stored = reply === null || reply.trim() === '' ? null : store(reply, provider || 'other')
    return minutesOf(observation).map(({ minute, n }) => ({ minute, slice, outcome, reply: stored, n }))
  }

  return (observation) => {
    try {
      return read(observation)
    } catch (error) {
      if (!onUnreadable) throw error
      onUnreadable(observation, error)
      return []
    }
  }
}

/** The minutes of an observation. A longer period is spread evenly, in whole messages that add up to exactly `n`. */
function minutesOf(observation: Observation): { minute: Date; n: number }[] {
  if (observation.kind === 'event') return [{ minute: minuteOf(observation.at), n: 1 }]
  const from = minuteOf(observation.from).getTime()
  const minutes = Math.max(1, Math.ceil((observation.to.getTime() - from) / MINUTE_MS))
  const upTo = (i: number) => Math.floor((observation.n * i) / minutes)
  return Array.from({ length: minutes }, (_, i) => ({
    minute: new Date(from + i * MINUTE_MS),
    n: upTo(i + 1) - upTo(i),
  })).filter(({ n }) => n > 0)
}

const minuteOf = (at: Date) => new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS)
