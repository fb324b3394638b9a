import type { Clock } from '../ports/clock.ts'
import type { SourceHealth, Store } from '../ports/store/index.ts'
import { watchedUntil } from './watch.ts'

const MINUTE = 60_000
/** How long ago something may have happened to count as recent; two ticks come on top. */
const RECENT = { watchMs: 5 * MINUTE, readMs: 15 * MINUTE }
/** A chat may be down for this long, or have asked for a pause. */
const DELIVERY_PATIENCE_MS = 10 * MINUTE
/** Shorter failures are not worth mentioning. */
const FAILURE_PATIENCE_MS = 3 * MINUTE
/** Clocks of several machines differ by a little. */
const AHEAD_MS = MINUTE

/** Whether Bouncebell does its work, judged by what it did recently. */
export interface Vitals {
  /** Why Bouncebell is not watching, or why alerts would reach nobody; empty when all is well. */
  missing: string[]
  /** Sources that were not read recently: nothing is known about their mail now. */
  unread: string[]
}

export interface VitalsOptions {
  store: Pick<Store, 'sources' | 'messages' | 'state' | 'shortage'>
  clock: Pick<Clock, 'now'>
  /** The sources that are configured. */
  sources: readonly string[]
  /** The chats that are configured. */
  platforms: readonly string[]
  tickSeconds: number
}

export async function readVitals(options: VitalsOptions): Promise<Vitals> {
  const { store, clock, sources, platforms, tickSeconds } = options
  const now = clock.now()
  const [health, watched, waiting] = await Promise.all([
    store.sources.health(),
    watchedUntil(store.state),
    store.messages.waitingSince(platforms),
  ])
  const ticksMs = 2 * tickSeconds * 1000
  const known = new Map(health.map((each) => [each.source, each]))
  const unread = sources.filter((source) => !isRead(known.get(source), now, RECENT.readMs + ticksMs))
  return {
    missing: [
      store.shortage()?.problem ?? false,
      unread.length === sources.length && `no source was read recently (${unread.join(', ')})`,
      watched === null && 'nothing has been watched yet',
      watched !== null &&
        !isRecent(watched, now, RECENT.watchMs + ticksMs) &&
        `nothing has been watched since ${stamp(watched)}`,
      waiting !== null &&
        now.getTime() - waiting.getTime() > DELIVERY_PATIENCE_MS &&
        `alerts have been waiting since ${stamp(waiting)} to be delivered`,
    ].filter((reason) => typeof reason === 'string'),
    unread,
  }
}

function isRead(health: SourceHealth | undefined, now: Date, withinMs: number): boolean {
  if (!health?.lastOkAt || !isRecent(health.lastOkAt, now, withinMs)) return false
  return !health.failingSince || now.getTime() - health.failingSince.getTime() < FAILURE_PATIENCE_MS
}

/** A time in the future was written by a wrong clock and means nothing. */
function isRecent(at: Date, now: Date, withinMs: number): boolean {
  const age = now.getTime() - at.getTime()
  return age <= withinMs && age >= -AHEAD_MS
}

const stamp = (at: Date) => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
