import { titleOf } from '../cards/alert.ts'
import { countMinute } from '../detect/counts.ts'
import type { Finding } from '../detect/finding.ts'
import { type AlertRule, createRuleWatch, type RuleMinute, type RuleWatch } from '../detect/rules.ts'
import type { SourceMinute, Watch } from '../detect/watch.ts'
import type { Blindness } from '../incident/blind.ts'
import type { Incident, Transition } from '../incident/incident.ts'
import { POLICY } from '../incident/policy.ts'
import { blindness, createRhythm } from '../incident/sight.ts'
import { track } from '../incident/track.ts'
import type { ChannelRef } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { EspFacts } from '../ports/esp.ts'
import type { Log } from '../ports/log.ts'
import { type Changes, Conflict, type SliceMinute, type Store, type StoredReply } from '../ports/store.ts'
import { type EvidenceOptions, gatherEvidence } from './evidence.ts'
import { lookForNewReplies } from './first-seen.ts'
import { saveSettled } from './settled.ts'
import type { Silences } from './silences.ts'

const MINUTE = 60_000
/** Read at once; a bound on memory, not on what is watched. */
const CHUNK_MS = 6 * 60 * MINUTE
/** After a longer absence, what came and went meanwhile is history, not news: only what stands now is told. */
const CATCH_UP_MINUTES = 60
/** How often the store is asked for new replies: it has to sum hours for that, and they are not urgent. */
const LOOK_EVERY_MS = 5 * MINUTE
const STATE_KEY = 'watch: tracked minute'
const TRIES = 5

export interface WatchOptions extends EvidenceOptions {
  store: Store
  clock: Clock
  log: Log
  /** The sources that are configured. */
  facts: ReadonlyMap<string, EspFacts>
  createWatch(): Watch
  /** The user's own. */
  rules: readonly AlertRule[]
  silences: Silences
  /** How often a reply that is new must have been given to be told. */
  newReplies: { min: number }
  /** The channels in which an incident is told. */
  route(incident: Incident): readonly ChannelRef[]
}

/** A source's minute, for the detector and for the user's rules. */
type News = SourceMinute & RuleMinute

/** What the detector of this process was given; it is built from the counters, and again where older ones arrive. */
interface Fed {
  watch: Watch
  rules: RuleWatch
  revision: bigint
  from: number
}

/**
 * The watch: new counters to the detector, its findings to the incidents, those to the store. Any replica may run it:
 * each feeds its own detector, which is a pure function of the counters, and the incidents are the store's.
 */
export function createWatchJob(options: WatchOptions): (signal: AbortSignal) => Promise<void> {
  const { store, clock, createWatch, facts } = options
  let fed: Fed | null = null
  let rhythm = createRhythm()
  // What the detector settled on changes by the day; it is shown by the hour.
  let told = Number.NaN

  /** What changed since the last run, some hours at a time, oldest first: a week of it would not fit into memory at once. */
  async function* feed(signal: AbortSignal): AsyncGenerator<News[]> {
    let changes = await store.counters.changedSince(fed?.revision ?? 0n)
    let first = earliest(changes)
    if (fed && first < fed.from) {
      // A detector cannot be told of times before its own.
      fed = null
      changes = await store.counters.changedSince(0n)
      first = earliest(changes)
    }
    if (!fed) rhythm = createRhythm()
    fed ??= { watch: createWatch(), rules: createRuleWatch(options.rules), revision: 0n, from: first }
    const chunks = Map.groupBy(changes.minutes, ({ minute }) => Math.floor(minute.getTime() / CHUNK_MS))
    for (const [, changed] of [...chunks].sort(([a], [b]) => a - b)) {
      signal.throwIfAborted()
      const ofSources = [...Map.groupBy(changed, ({ source }) => source)]
      const read = ofSources.map(([source, minutes]) =>
        readChunk(
          source,
          minutes.map(({ minute }) => minute),
        ),
      )
      yield (await Promise.all(read)).flat()
    }
    fed.revision = changes.revision
  }

  async function readChunk(source: string, wanted: Date[]): Promise<News[]> {
    const times = wanted.map((minute) => minute.getTime())
    const window = { from: new Date(Math.min(...times)), to: new Date(Math.max(...times) + MINUTE) }
    const rows = await store.counters.read(window, source)
    const replies = await store.replies.byId([...new Set(rows.flatMap(({ replyId }) => replyId ?? []))])
    const byMinute = Map.groupBy(rows, ({ minute }) => minute.getTime())
    return wanted.map((minute) => {
      const counted = byMinute.get(minute.getTime()) ?? []
      if (counted.length > 0) rhythm.note(source, minute)
      const counts = countMinute(counted, replies, () => facts.get(source)?.deliveries ?? true)
      return { minute, source, counts, results: resultsFor(options.rules, counted, replies) }
    })
  }

  async function blindAt(at: Date) {
    const health = await store.sources.health()
    return health.filter(({ source }) => facts.has(source)).flatMap((each) => blindness(each, rhythm, at) ?? [])
  }

  async function run(signal: AbortSignal): Promise<void> {
    const last = Math.floor(clock.now().getTime() / MINUTE) - 1
    const tracked = (await loadTracked(store)) ?? last - 1
    const first = last - tracked > CATCH_UP_MINUTES ? last : Math.min(last, tracked + 1)
    let due: News[] = []
    for await (const news of feed(signal)) {
      // What is long past is told to the detector as it is read; the minutes to be tracked are gone through below.
      if (due.length > 0) advance(new Date(Math.min(latest(due), first - 1) * MINUTE), due)
      due = news
    }
    for (let minute = first; minute <= last; minute++) {
      signal.throwIfAborted()
      const at = new Date(minute * MINUTE)
      const findings = advance(at, due)
      due = []
      if (minute <= tracked) continue
      await settle(at, findings, await blindAt(at), options)
      await saveTracked(store, minute)
    }
    const hour = Math.floor(last / 60)
    if (fed && hour !== told) await saveSettled(store.state, fed.watch.settled())
    told = hour
  }

  const advance = (at: Date, news: readonly News[]): Finding[] =>
    fed ? [...fed.watch.advance(at, news), ...fed.rules.advance(at, news)] : []

  return async (signal) => {
    try {
      await run(signal)
    } catch (error) {
      // What the detector was given and did not digest is lost to it: the next run builds it anew.
      fed = null
      throw error
    }
  }
}

const earliest = ({ minutes }: Changes) =>
  minutes.reduce((least, { minute }) => Math.min(least, minute.getTime()), Number.POSITIVE_INFINITY)
const latest = (news: readonly News[]) =>
  news.reduce((most, { minute }) => Math.max(most, minute.getTime() / MINUTE), 0)

/** The rules ask about replies, which the detector does not need; without rules nothing is kept of them. */
function resultsFor(
  rules: readonly AlertRule[],
  counted: readonly SliceMinute[],
  replies: ReadonlyMap<number, StoredReply>,
): RuleMinute['results'] {
  if (rules.length === 0) return []
  return counted.map(({ slice, outcome, replyId, n }) => {
    const reply = replyId === null ? null : (replies.get(replyId) ?? null)
    return { slice, outcome, reply, n }
  })
}

/** Brings the incidents to what is known at `at`. Where a person was quicker, decides anew on what they made of it. */
async function settle(
  at: Date,
  findings: readonly Finding[],
  blind: readonly Blindness[],
  options: WatchOptions,
): Promise<void> {
  const { store, route, log } = options
  const silences = await options.silences.active(at)
  for (let tries = 1; ; tries++) {
    const current = await store.incidents.current(new Date(at.getTime() - POLICY.reopenWithinMs - MINUTE))
    const isLook = at.getTime() % LOOK_EVERY_MS === 0
    const firstSeen = isLook ? { firstSeen: await lookForNewReplies(at, current, options) } : {}
    const transitions = await Promise.all(
      track(current, { at, findings, blind, silences, ...firstSeen }).map((transition) =>
        withEvidence(transition, options),
      ),
    )
    try {
      await store.incidents.commit(
        transitions.map(({ tell, ...change }) => ({ ...change, deliverTo: tell ? [...route(change.incident)] : [] })),
      )
      for (const { incident, audit } of transitions) {
        for (const { what, says } of audit) log.info({ incident: incident.id, what }, `${titleOf(incident)}. ${says}`)
      }
      return
    } catch (error) {
      if (!(error instanceof Conflict) || tries === TRIES) throw error
    }
  }
}

async function withEvidence(transition: Transition, options: EvidenceOptions): Promise<Transition> {
  const { incident } = transition
  if (incident.kind !== 'delivery' || incident.stale || incident.mergedInto !== null) return transition
  return { ...transition, incident: { ...incident, evidence: await gatherEvidence(incident, options) } }
}

/** The last minute that the incidents know of. */
async function loadTracked(store: Store): Promise<number | null> {
  const saved = await store.state.load(STATE_KEY)
  return saved && Number(new TextDecoder().decode(saved))
}

const saveTracked = (store: Store, minute: number) =>
  store.state.save(STATE_KEY, new TextEncoder().encode(String(minute)))
