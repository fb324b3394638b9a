import type { Clock } from '../ports/clock.ts'
import type { SourceHealth, Store } from '../ports/store/index.ts'
import { watchedUntil } from './watch.ts'

const MINUTE = 60_000
/** How long ago something may have been done to count as done lately; two ticks come on top. */
const LATELY = { watchMs: 5 * MINUTE, readMs: 15 * MINUTE }
/** A chat may be away for so long, or have asked for a pause. */
const DELIVERY_PATIENCE_MS = 10 * MINUTE
/** A failure that is over by then is not worth a word. */
const FAILURE_PATIENCE_MS = 3 * MINUTE
/** Clocks of several machines differ by a little. */
const AHEAD_MS = MINUTE

/** Whether Bouncebell does what it is there for, by what it did lately. */
export interface Vitals {
  /** Why nothing is watched, or nobody would hear of it; empty when Bouncebell does its work. */
  missing: string[]
  /** Sources that were not read lately: nothing is known of their mail now. */
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
  const unread = sources.filter((source) => !isRead(known.get(source), now, LATELY.readMs + ticksMs))
  return {
    missing: [
      store.shortage()?.problem ?? false,
      unread.length === sources.length && `no source was read lately (${unread.join(', ')})`,
      watched === null && 'nothing has been watched yet',
      watched !== null &&
        !isLately(watched, now, LATELY.watchMs + ticksMs) &&
        `nothing has been watched since ${stamp(watched)}`,
      waiting !== null &&
        now.getTime() - waiting.getTime() > DELIVERY_PATIENCE_MS &&
        `alerts have been waiting since ${stamp(waiting)} to be delivered`,
    ].filter((reason) => typeof reason === 'string'),
    unread,
  }
}

function isRead(health: SourceHealth | undefined, now: Date, withinMs: number): boolean {
  if (!health?.lastOkAt || !isLately(health.lastOkAt, now, withinMs)) return false
  return !health.failingSince || now.getTime() - health.failingSince.getTime() < FAILURE_PATIENCE_MS
}

/** What lies ahead was written by a clock that was wrong, and says nothing. */
function isLately(at: Date, now: Date, withinMs: number): boolean {
  const age = now.getTime() - at.getTime()
  return age <= withinMs && age >= -AHEAD_MS
}

const stamp = (at: Date) => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
