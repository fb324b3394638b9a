import type { Clock } from '../ports/clock.ts'
import { AuthFailed, BadPayload, isFault, RateLimited, Refused } from '../ports/errors.ts'
import type { EspFacts, Window, WindowSource } from '../ports/esp.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import { createTally, type TallyOptions } from './ingest.ts'
import { RETENTION } from './retain.ts'
import { nextReadAt, planWindows } from './windows.ts'

const MINUTE_MS = 60_000
/** Pauses between tries of a source that fails: they grow with the time it has been failing, within these bounds. */
const SHORTEST_PAUSE_MS = MINUTE_MS / 2
const LONGEST_PAUSE_MS = 10 * MINUTE_MS
/**
 * After so long a job ends, and the next one plans anew: a long backfill must not keep the news waiting. The last window
 * that it reads then is the oldest, so that a source that is slower than its news still gets to its history.
 */
const JOB_MS = 3 * MINUTE_MS
/** What is older would be dropped as soon as it was read. */
const LONGEST_BACKFILL_DAYS = RETENTION.minuteDays - 1

export interface PolledSource {
  name: string
  type: string
  facts: Pick<EspFacts, 'rereadAfterMinutes'>
  source: WindowSource
}

export interface PollOptions {
  store: Store
  clock: Clock
  log: Log
  tally: TallyOptions
  backfillDays: number
  chunkMinutes: number
}

export interface PollResult {
  /** Windows read and stored. */
  read: number
  /** Windows that are still due. */
  left: number
}

/** Reads what is due of one source. Never throws for what the source does: that goes into the ledger and its health. */
export async function poll(polled: PolledSource, options: PollOptions, signal: AbortSignal): Promise<PollResult> {
  const { store, clock, chunkMinutes } = options
  const backfillDays = Math.min(options.backfillDays, LONGEST_BACKFILL_DAYS)
  const now = clock.now()
  const health = (await store.sources.health()).find((entry) => entry.source === polled.name)
  if (health?.pausedUntil && health.pausedUntil > now) return { read: 0, left: 0 }

  const { rereadAfterMinutes } = polled.facts
  // One day more than is planned, for windows that begin before the day does.
  const since = new Date(now.getTime() - (backfillDays + 2) * 1440 * MINUTE_MS)
  const ledger = await store.windows.list(polled.name, since)
  const due = planWindows({ now, ledger, rereadAfterMinutes, backfillDays, chunkMinutes })

  let read = 0
  for (const next of due) {
    if (signal.aborted) break
    const isLate = clock.now().getTime() - now.getTime() > JOB_MS
    const window = isLate ? oldest(due, next) : next
    try {
      await readWindow(polled, window, options, signal)
      read++
    } catch (error) {
      if (signal.aborted) break
      if (!isFault(error)) throw error
      await recordFault(polled, window, error, health?.failingSince ?? null, options)
      // One bad window must not hold up the others; anything else is wrong with the source as a whole.
      if (!(error instanceof BadPayload)) break
    }
    if (isLate) break
  }
  return { read, left: due.length - read }
}

/** Of `next` and what comes after it, the window that lies furthest back. */
const oldest = (due: readonly Window[], next: Window) =>
  due.slice(due.indexOf(next)).reduce((old, window) => (window.from < old.from ? window : old))

async function readWindow(polled: PolledSource, window: Window, options: PollOptions, signal: AbortSignal) {
  const { store, clock, tally } = options
  const { add, rows } = createTally(tally)
  // Taken before the first request: what happens during the pull is news for the next read.
  const at = clock.now()
  for await (const observations of polled.source.pull(window, signal)) add(observations)
  signal.throwIfAborted()
  const counters = rows()
  await store.counters.replaceWindow(polled.name, window, counters, {
    at,
    nextReadAt: nextReadAt(window, at, polled.facts.rereadAfterMinutes),
  })
  const last = counters.reduce<Date | null>((max, row) => (max && max > row.minute ? max : row.minute), null)
  await store.sources.ok(polled.name, polled.type, clock.now(), last)
}

async function recordFault(
  polled: PolledSource,
  window: Window,
  fault: Error & { remedy: string },
  failingSince: Date | null,
  { store, clock, log }: PollOptions,
) {
  const now = clock.now()
  const pausedUntil = new Date(now.getTime() + pauseMs(fault, failingSince ?? now, now))
  log.warn({ source: polled.name, from: window.from, to: window.to, err: fault }, `${polled.name}: ${fault.message}`)
  await store.windows.fail(polled.name, window, fault.message, pausedUntil)
  await store.sources.failed(polled.name, polled.type, now, {
    problem: fault.message,
    remedy: fault.remedy,
    pausedUntil: fault instanceof BadPayload ? null : pausedUntil,
  })
}

function pauseMs(fault: Error, failingSince: Date, now: Date): number {
  if (fault instanceof RateLimited) return Math.max(fault.retryAfterMs, 1000)
  const failingMs = now.getTime() - failingSince.getTime()
  // A person has to mend it first, and a key that is refused over and over may get locked.
  const shortest = fault instanceof AuthFailed || fault instanceof Refused ? 2 * MINUTE_MS : SHORTEST_PAUSE_MS
  return Math.min(Math.max(failingMs / 2, shortest), LONGEST_PAUSE_MS)
}
