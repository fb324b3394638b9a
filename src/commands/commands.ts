import { titleOf } from '../cards/alert.ts'
import type { Action, ActionId, Card } from '../cards/card.ts'
import type { DetectionStatus } from '../cards/detection.ts'
import { helpCard } from '../cards/help.ts'
import { historyCard, incidentsCard } from '../cards/incidents.ts'
import { newRepliesCard } from '../cards/new-replies.ts'
import { doneCard, refusalCard } from '../cards/notice.ts'
import { silencesCard } from '../cards/silences.ts'
import { type SourceStatus, statusCard } from '../cards/status.ts'
import type { PersonEvent } from '../incident/event.ts'
import type { Incident } from '../incident/incident.ts'
import { placeOf } from '../incident/new-reply.ts'
import { POLICY } from '../incident/policy.ts'
import { act } from '../incident/track.ts'
import { when } from '../incident/wording.ts'
import type { KeptAnswers } from '../jobs/kept-answers.ts'
import type { Silences } from '../jobs/silences.ts'
import type { Vitals } from '../jobs/vitals.ts'
import type { Actor, Answer, ChannelRef, Inbound } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import { isFault, Refused } from '../ports/errors.ts'
import type { Log } from '../ports/log.ts'
import { Conflict, type FirstSeen, type Store } from '../ports/store/index.ts'
import { redactAddresses } from '../smtp/addresses.ts'
import { type KnownNames, type UnknownName, unknownNames } from '../smtp/known-names.ts'
import { redact } from '../smtp/redact.ts'
import { DAY_MS, HOUR_MS } from '../time/units.ts'
import { type Command, parseCommand } from './command-text.ts'

const WEEK = 7 * DAY_MS
const TRIES = 5
/** Of what was asked, so much is shown with a shared answer. */
const LONGEST_QUESTION = 200

export interface CommandOptions {
  store: Store
  clock: Clock
  log: Log
  silences: Silences
  answers: KeptAnswers
  /** The channels in which an incident is told. */
  route(incident: Incident): readonly ChannelRef[]
  /** What is known of a code, words or a pasted reply. */
  lookup(query: string): Promise<Card>
  /** The line of configuration that would classify a reply otherwise. */
  wrong(reply: string): Card
  replay(period: { from: Date; to: Date }): Promise<Card>
  /** The sources that are configured: their names here and the ESP's. */
  sources: readonly { id: string; name: string }[]
  /** The mailbox providers that a silence may name. */
  providers: KnownNames['providers']
  /** What people call a mailbox provider. */
  nameOf(provider: string): string
  /** How the detector is set. */
  detection(): Promise<DetectionStatus>
  /** What was done lately, and what was not. */
  vitals(): Promise<Vitals>
  /** Sentences about the chats that alerts would not arrive in now. */
  unreachable(): Promise<string[]>
}

/** Everything that people type and press, as questions to the domain and events to the incidents. */
export function createCommands(options: CommandOptions): Inbound {
  const { log } = options
  const safely = async <T>(what: string, run: () => Promise<T>, otherwise: (card: Card) => T): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      log.error({ what, err: error }, 'an answer failed')
      return otherwise(failureCard(error))
    }
  }
  const onlyYou = (card: Card): Answer => ({ card, show: 'actor' })
  return {
    command: (text, actor) =>
      safely(
        'command',
        async () => onlyYou(await shareable(await answer(parseCommand(text), named(actor), options), text, options)),
        onlyYou,
      ),
    action: (id, value, message, actor) =>
      safely<Answer | null>(
        id,
        async () => {
          if (id === 'share') return share(value, named(actor), options)
          if (id === 'wrong') return onlyYou(options.wrong(value))
          const card = await actOn(value, eventOf(id, named(actor), options.clock.now()), options)
          // The message itself shows what became of it.
          return message !== null && card.tone === 'good' ? null : onlyYou(card)
        },
        onlyYou,
      ),
  }
}

/** Some platforms name people by their addresses, and names are stored and shown. */
const named = (actor: Actor): Actor => ({ ...actor, name: redactAddresses(actor.name) })

async function answer(command: Command, actor: Actor, options: CommandOptions): Promise<Card> {
  const { store, clock } = options
  const now = clock.now()
  const ago = (ms: number) => new Date(now.getTime() - ms)
  switch (command.kind) {
    case 'help':
      return helpCard
    case 'status':
      return status(options, now, command.isDetailed)
    case 'incidents':
      return incidentsCard(await store.incidents.current(ago(command.ms ?? WEEK)), now, command.ms ?? WEEK)
    case 'new':
      return newReplies(options, now)
    case 'incident':
      return withIncident(command.id, options, async (incident) =>
        historyCard(incident, await store.incidents.audit(incident.id), now),
      )
    case 'acknowledge':
      return withIncident(command.id, options, ({ id }) => actOn(id, acknowledgement(actor, now), options))
    case 'unsnooze':
      return withIncident(command.id, options, ({ id }) =>
        actOn(id, { kind: 'unsnooze', at: now, actor: actor.name }, options),
      )
    case 'snooze': {
      const until = new Date(now.getTime() + command.ms)
      return withIncident(command.id, options, ({ id }) =>
        actOn(id, { kind: 'snooze', at: now, actor: actor.name, until }, options),
      )
    }
    case 'silences':
      return silencesCard(await options.silences.active(now), now)
    case 'silence': {
      const { where, reason } = command
      const [unknown] = unknownNames(where, {
        sources: options.sources.map(({ id }) => id),
        providers: options.providers,
      })
      if (unknown) return unknownNameCard(unknown)
      const until = new Date(now.getTime() + command.ms)
      await options.silences.add({ where, until, reason: `${reason} (${actor.name})` }, now)
      return silencesCard(await options.silences.active(now), now)
    }
    case 'unsilence':
      return unsilence(command.id, options, now)
    case 'replay':
      return options.replay({ from: new Date(now.getTime() - command.ms), to: now })
    case 'misuse':
      return refusalCard('That command is incomplete', command.problem, `Example: ${command.usage}`)
    case 'lookup':
      return options.lookup(command.query)
  }
}

const SNOOZES: Partial<Record<ActionId, number>> = {
  'snooze-1h': HOUR_MS,
  'snooze-4h': 4 * HOUR_MS,
  'snooze-24h': DAY_MS,
}

function eventOf(id: ActionId, actor: Actor, at: Date): PersonEvent {
  const ms = SNOOZES[id]
  if (ms !== undefined) return { kind: 'snooze', at, actor: actor.name, until: new Date(at.getTime() + ms) }
  return id === 'unsnooze' ? { kind: id, at, actor: actor.name } : acknowledgement(actor, at)
}

const acknowledgement = ({ platform, id, name }: Actor, at: Date): PersonEvent => ({
  kind: 'acknowledge',
  at,
  actor: name,
  as: { platform, id },
})

/** Commits what a person does to an incident. When somebody else was quicker, it is tried on what they made of it. */
async function actOn(id: string, event: PersonEvent, { store, route }: CommandOptions): Promise<Card> {
  for (let tries = 1; ; tries++) {
    const incident = await store.incidents.get(id)
    if (!incident) return unknownIncident(id)
    const transition = act(incident, event)
    if (!transition) return nothingToDo(incident, event)
    const { tell, ...change } = transition
    try {
      const [refused] = await store.incidents.commit([{ ...change, deliverTo: tell ? [...route(incident)] : [] }])
      if (refused) throw new Refused(`The change was not stored: ${refused.problem}`, 'Please report it.')
      return doneCard(titleOf(transition.incident), ...transition.audit.map(({ says }) => says))
    } catch (error) {
      if (!(error instanceof Conflict) || tries === TRIES) throw error
    }
  }
}

function nothingToDo(incident: Incident, event: PersonEvent): Card {
  const since = incident.resolvedAt ? ` since ${when(incident.resolvedAt, event.at)}` : ''
  const by = incident.state === 'acknowledged' ? ` by ${incident.acknowledgedBy}` : ''
  return refusalCard(titleOf(incident), `Nothing to do: it is ${incident.state}${since}${by}.`)
}

/** Finds an incident by its ID or the beginning of it. */
async function withIncident(
  given: string,
  { store, clock }: CommandOptions,
  then: (incident: Incident) => Card | Promise<Card>,
): Promise<Card> {
  const id = given.toLowerCase()
  const exact = await store.incidents.get(id)
  if (exact) return then(exact)
  const recent = await store.incidents.current(new Date(clock.now().getTime() - WEEK))
  const [found, ...more] = recent.filter((incident) => incident.id.startsWith(id))
  if (!found) return unknownIncident(given)
  return more.length === 0 ? then(found) : refusalCard(`Several incidents begin with ${given}`, 'Type more of the ID.')
}

const unknownNameCard = ({ dimension, name, wrong, remedy }: UnknownName) =>
  refusalCard('Nothing was silenced', `${dimension}=${name} ${wrong}.`, remedy)

const unknownIncident = (id: string) =>
  refusalCard(`There is no incident ${id}`, 'To list incident IDs: /smtp incidents')

async function status(options: CommandOptions, now: Date, isDetailed: boolean): Promise<Card> {
  const { store, sources, silences, detection, vitals } = options
  const unreachable = options.unreachable()
  const [health, current] = await Promise.all([store.sources.health(), store.incidents.current(now)])
  const known = new Map(health.map((each) => [each.source, each]))
  const rows: SourceStatus[] = sources.map(({ id, name }) => {
    const { lastOkAt, lastEventAt, failingSince, problem, remedy, malformed } = known.get(id) ?? NEVER_READ
    return { source: id, name, lastOkAt, lastEventAt, failingSince, problem, remedy, malformed }
  })
  const open = current.filter(({ state }) => state !== 'resolved')
  const settings = await detection()
  const lately = { ...(await vitals()), unreachable: await unreachable }
  await silences.active(now)
  // Read last: all that a watch depends on was loaded by then.
  const unreadable = store.unreadable.list()
  return statusCard({ now, sources: rows, open, detection: settings, isDetailed, unreadable, ...lately })
}

async function newReplies({ store, nameOf }: CommandOptions, now: Date): Promise<Card> {
  const seen = await store.replies.firstSeen(new Date(now.getTime() - DAY_MS))
  const isYoung = ({ firstSeen, knownSince }: FirstSeen) =>
    firstSeen.getTime() - knownSince.getTime() < POLICY.newReply.historyMs
  const young = seen.filter(isYoung).map(({ source, knownSince }) => [source, knownSince] as const)
  return newRepliesCard({
    now,
    rows: seen
      .filter((each) => !isYoung(each))
      .map(({ reply, source, firstSeen, n }) => ({
        ...reply,
        source,
        providerName: placeOf(reply.provider, nameOf),
        since: firstSeen,
        n,
      })),
    tooYoung: [...new Map(young)].map(([source, since]) => ({ source, knownMs: now.getTime() - since.getTime() })),
  })
}

const NEVER_READ = {
  lastOkAt: null,
  lastEventAt: null,
  failingSince: null,
  problem: null,
  remedy: null,
  malformed: 0,
}

async function unsilence(place: string, { silences }: CommandOptions, now: Date): Promise<Card> {
  const ended = await silences.end(Number(place), now)
  if (ended) return doneCard('Silence ended', ended.reason)
  return refusalCard(
    `There is no silence ${place} to end`,
    'For the numbers: /smtp silences. Silences from bouncebell.yaml are ended there.',
  )
}

/** What only one person sees can be shown to everybody: this very answer, since to ask again may do something again. */
async function shareable(card: Card, text: string, { answers, log }: CommandOptions): Promise<Card> {
  const actions: Action[] = (card.actions ?? []).filter(({ id }) => id !== 'share')
  if (card === helpCard || parseCommand(text).kind === 'misuse') return { ...card, actions }
  try {
    const kept = { ...card, actions, quotes: (card.quotes ?? []).map(redact) }
    const value = await answers.keep(kept, redact(text).slice(0, LONGEST_QUESTION))
    return { ...card, actions: [...actions, { id: 'share', label: 'Share to channel', value }] }
  } catch (error) {
    // An answer that cannot be shared is better than none.
    log.warn({ err: error }, 'an answer could not be kept for sharing')
    return { ...card, actions }
  }
}

async function share(id: string, { name }: Actor, { answers }: CommandOptions): Promise<Answer> {
  const kept = await answers.share(id, name)
  if (!kept) return { card: refusalCard('That answer has expired', 'Ask again to share it.'), show: 'actor' }
  if ('sharedBy' in kept) return { card: refusalCard('Already shared', `${kept.sharedBy} shared it.`), show: 'actor' }
  const { card, question } = kept
  return {
    card: {
      ...card,
      text: [`${name} asked /smtp ${question}`.trim(), ...(card.text ?? [])],
      // What is done on this copy would not be seen on it.
      actions: (card.actions ?? []).filter((action) => action.id === 'wrong'),
    },
    show: 'channel',
    own: card,
  }
}

function failureCard(error: unknown): Card {
  if (isFault(error)) return refusalCard('That did not work', error.message, error.remedy)
  return refusalCard(
    'That did not work',
    'Something failed inside Bouncebell; the log has the details. Please try again.',
  )
}
