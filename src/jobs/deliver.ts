import type { Card } from '../cards/card.ts'
import { mustBeHeard } from '../incident/heard.ts'
import type { AuditEntry, Incident } from '../incident/incident.ts'
import type { ChannelRef, ChatPlatform, MessageRef, ReplyOptions } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import { AuthFailed, Gone, RateLimited, Refused } from '../ports/errors.ts'
import type { Log } from '../ports/log.ts'
import type { MessageRecord, Store } from '../ports/store/index.ts'

/** How long to wait when a person has to mend something first (a token, a permission, a channel). */
const AFTER_FIX_MS = 5 * 60_000
/** Figures alone do not edit a message more often than this. */
const EDIT_INTERVAL_MS = 60_000
/** Of more entries than this, all but the last are one line of the thread. */
const MOST_AT_ONCE = 10
const LAST_IN_FULL = 3

export interface DeliverOptions {
  store: {
    incidents: Pick<Store['incidents'], 'get' | 'audit'>
    messages: Pick<Store['messages'], 'get' | 'save'>
  }
  chats: ReadonlyMap<string, ChatPlatform>
  clock: Clock
  log: Log
  cardOf(incident: Incident, audit: readonly AuditEntry[]): Card
  /** A line of the history, for the thread. */
  entryCard(entry: AuditEntry, incident: Incident): Card
  /** Several lines of the history in one. */
  summaryCard(entries: readonly AuditEntry[], incident: Incident): Card
}

/** A message to be brought up to date. */
export interface Delivery {
  incidentId: string
  to: ChannelRef
}

/**
 * Brings the message from what it shows to what is true now: posts it or edits it, then adds to its thread what is
 * missing there. Returns when to come back, or null when it is done. Throws what is worth trying again soon.
 *
 * Must run one at a time per message.
 */
export async function deliver(delivery: Delivery, options: DeliverOptions, signal: AbortSignal): Promise<Date | null> {
  const { store, chats, clock, log } = options
  const { incidentId, to } = delivery
  const incident = await store.incidents.get(incidentId)
  const chat = chats.get(to.platform)
  if (!incident || !chat) {
    log.warn({ incidentId, to }, incident ? `${to.platform} is no longer configured` : 'the incident is gone')
    return null
  }
  const record = (await store.messages.get(incidentId, to)) ?? emptyRecord(delivery)
  try {
    return await reconcile({ chat, incident, record, signal }, options)
  } catch (error) {
    if (isRefusal(error)) {
      if (!(error instanceof RateLimited)) log.error({ incidentId, to, err: error }, `${to.platform}: ${error.message}`)
      const wait = error instanceof RateLimited ? error.retryAfterMs : AFTER_FIX_MS
      return new Date(clock.now().getTime() + wait)
    }
    throw error
  }
}

interface Work {
  chat: ChatPlatform
  incident: Incident
  /** Kept equal to what is stored. */
  record: MessageRecord
  signal: AbortSignal
}

async function reconcile(work: Work, options: DeliverOptions): Promise<Date | null> {
  const { incident, record } = work
  const audit = await options.store.incidents.audit(incident.id)
  if (record.shownVersion < incident.version) {
    const told = audit.some((entry) => entry.seq > record.threadSeq)
    const next = (record.shownAt?.getTime() ?? 0) + EDIT_INTERVAL_MS
    if (!told && record.ref && next > options.clock.now().getTime()) return new Date(next)
    await show(work, audit, options)
  }
  const untold = audit.filter(({ seq }) => seq > record.threadSeq)
  // With its opening, the thread only repeats what the new message has just told. Of several, the last says it all.
  const isNew = untold[0]?.seq === 1
  const loud = isNew ? undefined : untold.findLast((entry) => mustBeHeard(entry, incident))
  for (const entries of untoldParts(untold))
    await tell(work, entries, { ...options, isHeard: entries.some((entry) => entry === loud) })
  return null
}

/** What goes into the thread as one: each entry by itself, unless they are many, as after a long outage of the chat. */
function untoldParts(untold: readonly AuditEntry[]): AuditEntry[][] {
  const summed = untold.length > MOST_AT_ONCE ? untold.slice(0, -LAST_IN_FULL) : []
  return [...(summed.length > 0 ? [summed] : []), ...untold.slice(summed.length).map((entry) => [entry])]
}

/** Who is called when it must be heard: a mention works on the person's own platform only. */
function heardBy({ incident: { owner, acknowledgedBy }, record }: Work): NonNullable<ReplyOptions['heard']> {
  const name = owner?.name ?? acknowledgedBy
  if (name === null) return { owner: null }
  return { owner: { id: owner?.platform === record.to.platform ? owner.id : null, name } }
}

/** Edits the message, or posts it where there is none (any more). */
async function show(work: Work, audit: AuditEntry[], options: DeliverOptions): Promise<void> {
  const { chat, incident, record } = work
  const card = options.cardOf(incident, audit)
  if (record.ref && (await edit(chat, record.ref, card))) {
    await save(work, { shownVersion: incident.version, shownAt: options.clock.now() }, options)
    return
  }
  const isFirst = record.ref === null
  const ref = await once(work, options, (posting) => chat.post(record.to, card, incident.id, posting))
  await save(
    work,
    {
      ref,
      shownVersion: incident.version,
      shownAt: options.clock.now(),
      // Its thread gets the whole history; where a person deleted the message, the new card says what happened until now.
      threadSeq: isFirst ? 0 : (audit.at(-1)?.seq ?? 0),
      posting: false,
    },
    options,
  )
}

/** False when a person deleted the message. */
async function edit(chat: ChatPlatform, ref: MessageRef, card: Card): Promise<boolean> {
  try {
    await chat.update(ref, card)
    return true
  } catch (error) {
    if (error instanceof Gone) return false
    throw error
  }
}

async function tell(
  work: Work,
  entries: readonly AuditEntry[],
  options: DeliverOptions & { isHeard: boolean },
): Promise<void> {
  const { chat, incident, record } = work
  const { ref } = record
  const [first, last] = [entries[0], entries.at(-1)]
  if (!ref || !first || !last) return
  const card = first === last ? options.entryCard(first, incident) : options.summaryCard(entries, incident)
  // By the first: there may be more of them when this is tried again.
  const key = `${incident.id}/${first.seq}`
  try {
    const heard = options.isHeard ? { heard: heardBy(work) } : {}
    await once(work, options, (posting) => chat.reply(ref, card, key, { ...posting, ...heard }))
  } catch (error) {
    // The thread went with its message; the next edit posts anew.
    if (!(error instanceof Gone)) throw error
  }
  await save(work, { threadSeq: last.seq, posting: false }, options)
}

/** Notes that a post is under way before it is, so that whoever comes after a crash looks first. */
async function once<T>(
  work: Work,
  options: DeliverOptions,
  post: (posting: { mayExist: boolean; signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const mayExist = work.record.posting
  await save(work, { posting: true }, options)
  try {
    return await post({ mayExist, signal: work.signal })
  } catch (error) {
    // This try was turned away for certain; only an earlier one may have got through.
    if (isRefusal(error)) await save(work, { posting: mayExist }, options)
    throw error
  }
}

const isRefusal = (error: unknown) =>
  error instanceof RateLimited || error instanceof AuthFailed || error instanceof Refused

async function save(work: Work, change: Partial<MessageRecord>, { store }: DeliverOptions): Promise<void> {
  Object.assign(work.record, change)
  await store.messages.save(work.record)
}

const emptyRecord = ({ incidentId, to }: Delivery): MessageRecord => ({
  incidentId,
  to,
  ref: null,
  shownVersion: 0,
  threadSeq: 0,
  posting: false,
  shownAt: null,
})
