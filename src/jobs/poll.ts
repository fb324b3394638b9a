import { excerpt } from '../lib/excerpt.ts'
import type { Clock } from '../ports/clock.ts'
import { AuthFailed, BadPayload, isFault, RateLimited, Refused } from '../ports/errors.ts'
import type { EspFacts, Malformed, Window, WindowSource } from '../ports/esp.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import { admit, setAside } from './border.ts'
import { createGaps, type Gaps } from './gaps.ts'
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
/** Between replicas. A window that ends later than that from now was not made by a clock that is right. */
const CLOCKS_DIFFER_MS = MINUTE_MS
/** In one window. The largest senders have some ten thousand pages in six hours. */
const MOST_PAGES = 30_000
const MOST_EMPTY_PAGES = 1000

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
  const isReset = await forgetTheFuture(polled.name, now, options)
  const health = (await store.sources.health()).find((entry) => entry.source === polled.name)
  if (!isReset && health?.pausedUntil && health.pausedUntil > now) return { read: 0, left: 0 }

  const { rereadAfterMinutes } = polled.facts
  // One day more than is planned, for windows that begin before the day does.
  const since = new Date(now.getTime() - (backfillDays + 2) * 1440 * MINUTE_MS)
  const ledger = await store.windows.list(polled.name, since)
  const due = planWindows({ now, ledger, rereadAfterMinutes, backfillDays, chunkMinutes })
  const gaps = createGaps(ledger)

  let read = 0
  for (const next of due) {
    if (signal.aborted) break
    const isLate = clock.now().getTime() - now.getTime() > JOB_MS
    const window = isLate ? oldest(due, next) : next
    try {
      await readWindow(polled, window, { ...options, gaps }, signal)
      read++
    } catch (error) {
      if (signal.aborted) break
      const fault = isFault(error) ? error : notStored(error)
      gaps.add(window, fault.message)
      await recordFault(polled, window, fault, health?.failingSince ?? null, options)
      // One bad window must not hold up the others; anything else is wrong with the source as a whole.
      if (!isOfOneWindow(fault)) break
    }
    if (isLate) break
  }
  return { read, left: due.length - read }
}

/** While the clock was ahead, what was to come was read as if it were over. True where the clock went back since then. */
async function forgetTheFuture(source: string, now: Date, { store, log }: PollOptions): Promise<boolean> {
  const forgotten = await store.windows.forget(source, new Date(now.getTime() + CLOCKS_DIFFER_MS))
  if (forgotten > 0) {
    log.warn(
      { source, forgotten },
      `${source}: the clock was ahead and is back; what was read of the future is forgotten`,
    )
  }
  return forgotten > 0
}

/** What is no fault of the other side: the database, or a mistake of ours. */
function notStored(error: unknown) {
  const said = error instanceof Error ? error.message : String(error)
  return Object.assign(new Error(`what was read could not be stored (${excerpt(said)})`, { cause: error }), {
    remedy: 'Bouncebell goes on with other periods and tries this one again; the log has the details.',
  })
}

const isOfOneWindow = (fault: Error) => fault instanceof BadPayload || !isFault(fault)

/** Of `next` and what comes after it, the window that lies furthest back. */
const oldest = (due: readonly Window[], next: Window) =>
  due.slice(due.indexOf(next)).reduce((old, window) => (window.from < old.from ? window : old))

async function readWindow(
  polled: PolledSource,
  window: Window,
  options: PollOptions & { gaps: Gaps },
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, log, tally, gaps } = options
  // Taken before the first request: what happens during the pull is news for the next read.
  const at = clock.now()
  const malformed: Malformed[] = []
  const { add, rows } = createTally(tally, (observation, error) => {
    log.error(
      { source: polled.name, err: error },
      `${polled.name}: a result could not be understood, and was set aside`,
    )
    malformed.push(setAside(observation, 'Bouncebell fails to understand it', at))
  })
  const bound = createPageBound()
  for await (const told of polled.source.pull(window, signal)) {
    bound(told.length)
    const admitted = admit({ observations: told }, { now: at, window })
    add(admitted.observations)
    malformed.push(...admitted.malformed)
  }
  signal.throwIfAborted()
  const counters = rows()
  const refused = await store.counters.replaceWindow(polled.name, window, counters, {
    at,
    nextReadAt: nextReadAt(window, at, polled.facts.rereadAfterMinutes),
    malformed,
  })
  for (const { problem } of [...malformed, ...refused]) {
    log.warn({ source: polled.name, problem }, `${polled.name}: an item was set aside`)
  }
  gaps.close(window)
  const last = counters.reduce<Date | null>((max, row) => (max && max > row.minute ? max : row.minute), null)
  await store.sources
    .ok(polled.name, polled.type, clock.now(), last, gaps.trouble())
    .catch((error: unknown) =>
      log.warn({ source: polled.name, err: error }, 'the state of the source could not be stored'),
    )
}

/** An API that never stops paging would hold up everything else of its source for ever. */
function createPageBound(): (results: number) => void {
  let pages = 0
  let empty = 0
  return (results) => {
    pages++
    empty = results > 0 ? 0 : empty + 1
    if (empty > MOST_EMPTY_PAGES) throw new BadPayload(`there was nothing on ${MOST_EMPTY_PAGES} pages in a row`)
    if (pages > MOST_PAGES) throw new BadPayload(`there were more than ${MOST_PAGES} pages`)
  }
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
