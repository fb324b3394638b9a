import { excerpt } from '../lib/excerpt.ts'
import { AuthFailed, BadPayload, isFault, RateLimited, Refused } from '../ports/errors.ts'
import type { Window } from '../ports/esp.ts'
import { createGaps } from './gaps.ts'
import { type PolledSource, type PollOptions, readWindow } from './read-window.ts'
import { RETENTION } from './retain.ts'
import { isNews, planWindows } from './windows.ts'

const MINUTE_MS = 60_000
/** Pauses between tries of a source that fails: they grow with the time it has been failing, within these bounds. */
const SHORTEST_PAUSE_MS = MINUTE_MS / 2
const LONGEST_PAUSE_MS = 10 * MINUTE_MS
/** After this the job ends and the next one plans again, so that sources take turns. */
const TURN_MS = 30_000
/** What is older would be dropped as soon as it was read. */
const LONGEST_BACKFILL_DAYS = RETENTION.minuteDays - 1
/** Between replicas. A window that ends later than that from now was not made by a clock that is right. */
const CLOCKS_DIFFER_MS = MINUTE_MS
export interface PollResult {
  /** Windows read and stored. */
  read: number
  /** Windows that are still due. */
  left: number
}

/** Reads what is due of one source. Never throws for what the source does: that goes into the ledger and its health. */
export async function poll(polled: PolledSource, options: PollOptions, signal: AbortSignal): Promise<PollResult> {
  const { store, clock, part, sizes, turnMs = TURN_MS } = options
  const backfillDays = Math.min(options.backfillDays, LONGEST_BACKFILL_DAYS)
  const now = clock.now()
  const isReset = await forgetTheFuture(polled.name, now, options)
  const health = (await store.sources.health()).find((entry) => entry.source === polled.name)
  if (!isReset && health?.pausedUntil && health.pausedUntil > now) return { read: 0, left: 0 }

  const { rereadAfterMinutes } = polled.facts
  // One day more than is planned, for windows that begin before the day does.
  const since = new Date(now.getTime() - (backfillDays + 2) * 1440 * MINUTE_MS)
  let ledger = await store.windows.list(polled.name, since)
  const reading = { ...options, gaps: createGaps(ledger) }
  const plan = () =>
    planWindows({ now, ledger, rereadAfterMinutes, backfillDays, chunkMinutes: sizes.minutes(polled.name) }).filter(
      (window) => isNews(window, now) === (part === 'news'),
    )

  let read = 0
  const startedAt = performance.now()
  let due = plan()
  for (let window = due[0]; window && !signal.aborted; window = due[0]) {
    try {
      if (await readWindow(polled, window, ledger, reading, signal)) read++
    } catch (error) {
      if (signal.aborted) break
      const fault = isFault(error) ? error : notStored(error)
      reading.gaps.add(window, fault.message)
      await recordFault(polled, window, fault, health?.failingSince ?? null, options)
      // One bad window must not hold up the others; anything else is wrong with the source as a whole.
      if (!isOfOneWindow(fault)) return { read, left: due.length }
    }
    ledger = await store.windows.list(polled.name, since)
    due = plan()
    if (performance.now() - startedAt >= turnMs) break
  }
  return { read, left: due.length }
}

/** While the clock was ahead, what was to come was read as if it were over. True where the clock went back since then. */
async function forgetTheFuture(source: string, now: Date, { store, log }: PollOptions): Promise<boolean> {
  const forgotten = await store.windows.forget(source, new Date(now.getTime() + CLOCKS_DIFFER_MS))
  if (forgotten > 0) {
    log.warn(
      { source, forgotten },
      `${source}: the clock was ahead and is right again; anything read for the future is dropped`,
    )
  }
  return forgotten > 0
}

/** What is no fault of the other side: the database, or a mistake of ours. */
function notStored(error: unknown) {
  const said = error instanceof Error ? error.message : String(error)
  return Object.assign(new Error(`what was read could not be stored (${excerpt(said)})`, { cause: error }), {
    remedy: 'Bouncebell continues with other periods and retries this one; the log has the details.',
  })
}

const isOfOneWindow = (fault: Error) => fault instanceof BadPayload || !isFault(fault)

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
    pausedUntil: isOfOneWindow(fault) ? null : pausedUntil,
  })
}

function pauseMs(fault: Error, failingSince: Date, now: Date): number {
  if (fault instanceof RateLimited) return Math.max(fault.retryAfterMs, 1000)
  const failingMs = now.getTime() - failingSince.getTime()
  // A person has to mend it first, and a key that is refused over and over may get locked.
  const shortest = fault instanceof AuthFailed || fault instanceof Refused ? 2 * MINUTE_MS : SHORTEST_PAUSE_MS
  return Math.min(Math.max(failingMs / 2, shortest), LONGEST_PAUSE_MS)
}
