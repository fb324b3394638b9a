import { titleOf } from '../cards/alert.ts'
import type { Finding } from '../detect/finding.ts'
import { ALL_SOURCES, type Blindness } from '../incident/blind.ts'
import type { Incident, Transition } from '../incident/incident.ts'
import { POLICY } from '../incident/policy.ts'
import { blindness } from '../incident/sight.ts'
import { track } from '../incident/track.ts'
import type { ChannelRef } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import { Conflict, type Store } from '../ports/store/index.ts'
import type { DirectAlerts } from './direct.ts'
import { type EvidenceOptions, gatherEvidence } from './evidence.ts'
import { CLOCKS_DIFFER_MS, createFeed, type FeedOptions } from './feed.ts'
import { lookForNewReplies } from './first-seen.ts'
import { createRefusedIncidents, type RefusedIncidents } from './refused-incidents.ts'
import { saveSettled } from './settled.ts'
import type { Silences } from './silences.ts'

const MINUTE = 60_000
/** After a longer absence, what came and went meanwhile is history, not news: only what stands now is told. */
const CATCH_UP_MINUTES = 60
/** How often the store is asked for new replies: it has to sum hours for that, and they are not urgent. */
const LOOK_EVERY_MS = 5 * MINUTE
const STATE_KEY = 'watch: tracked minute'
const TRIES = 5

export interface WatchOptions extends EvidenceOptions, FeedOptions {
  store: Store
  clock: Clock
  silences: Silences
  /** For incidents that the store refuses. */
  alerts: DirectAlerts
  /** How often a reply that is new must have been given to be told. */
  newReplies: { min: number }
  /** The channels in which an incident is told. */
  route(incident: Incident): readonly ChannelRef[]
}

export interface WatchJob {
  run(signal: AbortSignal): Promise<void>
  /** False while only the user's rules are watched. */
  isDetecting(): boolean
  /** Stores what the detector knows for the next start. To be called when no run is under way, and none comes after it. */
  stop(): Promise<void>
}

/**
 * The watch: new counters to the detector, its findings to the incidents, those to the store. Any replica may run it:
 * each feeds its own detector, which is a pure function of the counters, and the incidents are the store's.
 */
export function createWatchJob(options: WatchOptions): WatchJob {
  const { store, clock, facts, log } = options
  const feed = createFeed(options)
  /** What was shown last of what the detector settled on, by this replica. */
  let shown = ''
  /** The hour in which its states were stored last. */
  let storedIn = Number.NaN
  let unreadable = new Set<string>()

  /** Each of them once, for as long as it is there. */
  function logUnreadable(): void {
    const lines = store.unreadable
      .list()
      .map(({ what, problem }) => `${what} cannot be read and is skipped: ${problem}`)
    for (const line of lines) if (!unreadable.has(line)) log.error({}, line)
    unreadable = new Set(lines)
  }

  const tellRefused = createRefusedIncidents(options)
  /** Since when there is too little room, as far as this replica has seen. */
  let shortSince: Date | null = null

  function shortageAt(at: Date): Blindness[] {
    const shortage = store.shortage()
    shortSince = shortage && (shortSince ?? at)
    if (!shortage || !shortSince) return []
    const { problem, remedy } = shortage
    return [{ source: ALL_SOURCES, since: shortSince, problem, remedy }]
  }

  async function blindAt(at: Date) {
    const health = await store.sources.health()
    const blind = health.filter(({ source }) => facts.has(source)).flatMap((each) => blindness(each, feed, at) ?? [])
    return [...shortageAt(at), ...blind]
  }

  async function run(signal: AbortSignal): Promise<void> {
    const last = Math.floor(clock.now().getTime() / MINUTE) - 1
    const tracked = await trackedUpTo(last, options)
    const first = last - tracked > CATCH_UP_MINUTES ? last : Math.min(last, tracked + 1)
    // What is long past is told to the detector as it is read; the minutes to be tracked are gone through below.
    await feed.catchUp({ until: new Date((first - 1) * MINUTE), last: new Date(last * MINUTE) }, signal)
    for (let minute = first; minute <= last; minute++) {
      signal.throwIfAborted()
      const at = new Date(minute * MINUTE)
      const findings = await feed.advance(at)
      if (minute <= tracked) continue
      await settle(at, findings, await blindAt(at), { ...options, tellRefused, isDetecting: feed.isDetecting() })
      await saveTracked(store, minute)
    }
    const hour = Math.floor(last / 60)
    const settled = feed.settled()
    if (settled && JSON.stringify(settled) !== shown) {
      await saveSettled(store.state, settled)
      shown = JSON.stringify(settled)
    }
    if (settled && hour !== storedIn && !store.shortage() && (await feed.save())) storedIn = hour
    logUnreadable()
  }

  return {
    run,
    isDetecting: feed.isDetecting,
    stop: async () => {
      await feed.stop()
      if (store.shortage()) return
      await feed.save().catch((error: unknown) => {
        log.warn(
          { err: error },
          'the state of the detector could not be stored; the next start has to read more counters',
        )
      })
    },
  }
}

/** Brings the incidents to what is known at `at`. Where a person was quicker, decides anew on what they made of it. */
async function settle(
  at: Date,
  findings: readonly Finding[],
  blind: readonly Blindness[],
  options: WatchOptions & { isDetecting: boolean; tellRefused: RefusedIncidents },
): Promise<void> {
  const { store, route, log, isDetecting } = options
  const silences = await options.silences.active(at)
  for (let tries = 1; ; tries++) {
    const known = await store.incidents.current(new Date(at.getTime() - POLICY.reopenWithinMs - MINUTE))
    // Without a detector nothing is known of what it found, neither that it goes on nor that it is over.
    const current = isDetecting ? known : known.filter((incident) => !isDetected(incident))
    const isLook = isDetecting && at.getTime() % LOOK_EVERY_MS === 0
    const firstSeen = isLook ? { firstSeen: await lookForNewReplies(at, current, options) } : {}
    const transitions = await Promise.all(
      track(current, { at, findings, blind, silences, ...firstSeen }).map((transition) =>
        withEvidence(transition, options),
      ),
    )
    try {
      const setAside = await store.incidents.commit(
        transitions.map(({ tell, ...change }) => ({ ...change, deliverTo: tell ? [...route(change.incident)] : [] })),
      )
      await options.tellRefused(setAside, at)
      const stored = transitions.filter(({ incident }) => !setAside.some((each) => each.incident.id === incident.id))
      for (const { incident, audit } of stored) {
        for (const { what, says } of audit) log.info({ incident: incident.id, what }, `${titleOf(incident)}. ${says}`)
      }
      return
    } catch (error) {
      if (!(error instanceof Conflict) || tries === TRIES) throw error
    }
  }
}

const isDetected = (incident: Incident) => incident.kind === 'delivery' && incident.trigger !== 'rule'

async function withEvidence(transition: Transition, options: EvidenceOptions): Promise<Transition> {
  const { incident } = transition
  if (incident.kind !== 'delivery' || incident.stale || incident.mergedInto !== null) return transition
  return { ...transition, incident: { ...incident, evidence: await gatherEvidence(incident, options) } }
}

/** The last minute that the incidents know of. One that has not come yet is of a clock that was ahead. */
async function trackedUpTo(last: number, { store, log }: WatchOptions): Promise<number> {
  const tracked = (await loadTracked(store)) ?? last - 1
  if ((tracked - last) * MINUTE <= CLOCKS_DIFFER_MS) return tracked
  const [was, now] = [new Date(tracked * MINUTE), new Date(last * MINUTE)]
  log.warn({ was, now }, 'the clock was ahead and is right again; watching continues from now')
  return last - 1
}

/** The last minute that the incidents know of; null where that is not stored, or cannot be read. */
async function loadTracked({ state, unreadable }: Store): Promise<number | null> {
  const saved = await state.load(STATE_KEY)
  const minute = saved && Number(new TextDecoder().decode(saved))
  const isBroken = minute !== null && !(Number.isSafeInteger(minute) && minute > 0)
  unreadable.found('tracked', isBroken ? [{ what: 'the minute that was watched last', problem: 'not a number' }] : [])
  return isBroken ? null : minute
}

/** Up to when the counters were watched, by whichever replica did it last; null before the first watch. */
export async function watchedUntil(state: Store['state']): Promise<Date | null> {
  const saved = await state.load(STATE_KEY)
  const minute = saved === null ? Number.NaN : Number(new TextDecoder().decode(saved))
  return Number.isFinite(minute) ? new Date((minute + 1) * MINUTE) : null
}

const saveTracked = (store: Store, minute: number) =>
  store.state.save(STATE_KEY, new TextEncoder().encode(String(minute)))
