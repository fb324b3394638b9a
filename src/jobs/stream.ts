import type { Clock } from '../ports/clock.ts'
import { isFault, RateLimited } from '../ports/errors.ts'
import type { Batch, StreamSource } from '../ports/esp.ts'
import type { Log } from '../ports/log.ts'
import type { Lease, Store } from '../ports/store/index.ts'
import { admit, setAside } from './border.ts'
import { type TallyOptions, toEvents } from './ingest.ts'
import { loadReadability } from './unreadable.ts'

/** How often a replica that does not have the stream asks whether it is free. */
const LEASE_RETRY_MS = 5000
const SHORTEST_BACKOFF_MS = 1000
const LONGEST_BACKOFF_MS = 60_000
/** A replica that can read a shared stream says so several times within this, also where nothing comes. */
const SHARED_PATIENCE_MS = 60_000
const UNTOLD = 'the state of the source could not be stored'

export interface StreamedSource {
  name: string
  type: string
  source: StreamSource
}

export interface StreamOptions {
  store: Store
  clock: Clock
  log: Log
  tally: TallyOptions
}

/**
 * Follows one stream until aborted: on one replica at a time, from where the last one left off, again after a failure.
 * One that may be shared is followed by every replica.
 */
export async function follow(streamed: StreamedSource, options: StreamOptions, signal: AbortSignal): Promise<void> {
  let backoff = SHORTEST_BACKOFF_MS
  while (!signal.aborted) {
    const lease = streamed.source.isShared ? NO_LEASE : await takeLease(streamed, options)
    const startedAt = options.clock.now().getTime()
    const wait = lease ? await runUnder(lease, streamed, options, signal) : LEASE_RETRY_MS
    await lease?.release().catch(() => {})
    // A stream that went well for a while starts again at the shortest pause.
    if (options.clock.now().getTime() - startedAt > LONGEST_BACKOFF_MS) backoff = SHORTEST_BACKOFF_MS
    await options.clock.sleep(Math.max(wait, lease ? backoff : 0), signal).catch(() => {})
    if (lease) backoff = Math.min(backoff * 2, LONGEST_BACKOFF_MS)
  }
}

const NO_LEASE: Lease = { lost: new AbortController().signal, release: async () => {} }

const takeLease = ({ name }: StreamedSource, { store, log }: StreamOptions): Promise<Lease | null> =>
  store.leases.take(`stream ${name}`).catch((error: unknown) => {
    log.warn({ source: name, err: error }, 'the database does not answer')
    return null
  })

/** Returns for how long the source asked to be left alone. */
async function runUnder(lease: Lease, streamed: StreamedSource, options: StreamOptions, signal: AbortSignal) {
  const { store, log } = options
  const running = AbortSignal.any([signal, lease.lost])
  try {
    const position = await store.counters.position(streamed.name)
    const reading = { ...options, readability: await loadReadability(store, streamed.name) }
    // Who begins to listen now would not hear that it is over.
    running.throwIfAborted()
    await streamed.source.run({ position, deliver: (batch) => take(streamed, batch, reading) }, running)
    return 0
  } catch (error) {
    if (running.aborted) return 0
    await recordFailure(streamed, error, options).catch((failure: unknown) =>
      log.warn({ source: streamed.name, err: failure }, UNTOLD),
    )
    return error instanceof RateLimited ? error.retryAfterMs : 0
  }
}

async function recordFailure(
  { name, type, source }: StreamedSource,
  error: unknown,
  { store, clock, log }: StreamOptions,
) {
  const now = clock.now()
  const remedy = isFault(error) ? error.remedy : 'Bouncebell restarts it; the log has the details.'
  const problem = isFault(error) ? error.message : 'the stream stopped unexpectedly'
  log.warn({ source: name, err: error }, `${name}: ${problem}`)
  // While another replica reads it, the source is well; what ails this one is in its log.
  const others = source.isShared ? { unlessOkSince: new Date(now.getTime() - SHARED_PATIENCE_MS) } : {}
  await store.sources.failed(name, type, now, { problem, remedy, pausedUntil: null, ...others })
}

interface Reading extends StreamOptions {
  readability: Awaited<ReturnType<typeof loadReadability>>
}

/** Resolves when the batch is committed, and what is known of the source with it. */
async function take(streamed: StreamedSource, batch: Batch, reading: Reading): Promise<void> {
  const { store, clock, log, tally } = reading
  const { name } = streamed
  const now = clock.now()
  const { observations, malformed, old } = admit(batch, { now })
  const events = toEvents(observations, tally, (observation, error) => {
    log.error({ source: name, err: error }, `${name}: a result could not be processed and was set aside`)
    malformed.push(setAside(observation, 'Bouncebell cannot process it', now))
  })
  const { setAside: refused = [] } = await store.counters.addEvents(name, events, {
    at: now,
    malformed,
    ...(batch.position === undefined ? {} : { position: batch.position }),
  })
  if (old > 0) log.info({ source: name, old }, `${name}: results older than the retention period are ignored`)
  for (const { problem } of refused) log.warn({ source: name, problem }, `${name}: an item was set aside`)
  const unreadable = [...malformed, ...refused]
  reading.readability.note(now, events.length - refused.length, unreadable)
  const last = events.reduce<Date | null>((max, { row }) => (max && max > row.minute ? max : row.minute), null)
  // The batch is in, whatever becomes of this: it may be acknowledged.
  try {
    await reading.readability.share(now, unreadable.length > 0)
    await store.sources.ok(name, streamed.type, clock.now(), last, reading.readability.trouble(now))
  } catch (error) {
    log.warn({ source: name, err: error }, UNTOLD)
  }
}
