import type { Clock } from '../ports/clock.ts'
import { BadPayload } from '../ports/errors.ts'
import type { EspFacts, Malformed, Window, WindowSource } from '../ports/esp.ts'
import type { Log } from '../ports/log.ts'
import type { Store, WindowRecord } from '../ports/store/index.ts'
import { admit, setAside as itemOf } from './border.ts'
import type { Gaps } from './gaps.ts'
import { createTally, type TallyOptions } from './ingest.ts'
import type { WindowSizes } from './window-sizes.ts'
import { nextReadAt } from './windows.ts'

const MINUTE_MS = 60_000
/** In one window. The largest senders have some ten thousand pages in six hours. */
const MOST_PAGES = 30_000
const MOST_EMPTY_PAGES = 1000
/** A window that takes this long is given up and read in smaller ones: several times what one should take. */
const LONGEST_READ_MS = 2 * MINUTE_MS

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
  /** News and history are read side by side, so that neither waits for the other. */
  part: 'news' | 'history'
  sizes: WindowSizes
  /** For how long it is this source's turn. */
  turnMs?: number
}

export interface Reading extends PollOptions {
  gaps: Gaps
}

/**
 * Reads one window that is due and stores it. False where it turned out to be too long: it is read in smaller ones then.
 * A window that was read before is read again only where the source counts something else in it than was read.
 */
export async function readWindow(
  polled: PolledSource,
  window: Window,
  ledger: readonly WindowRecord[],
  reading: Reading,
  signal: AbortSignal,
): Promise<boolean> {
  const parts = ledger.filter((part) => part.from >= window.from && part.to <= window.to)
  const again = await differing(polled, parts, reading, signal)
  for (const part of again ?? [window]) if (!(await pull(polled, part, reading, signal))) return false
  reading.gaps.close(window)
  return true
}

/**
 * Of windows that were read before, those to be read again, found by halves; the others are noted as confirmed. Null
 * where the source cannot count, or they were not all counted when they were read.
 */
async function differing(
  polled: PolledSource,
  parts: readonly WindowRecord[],
  { store, clock }: Reading,
  signal: AbortSignal,
): Promise<Window[] | null> {
  const { source } = polled
  const isCounted = parts.every(({ state, items }) => state === 'read' && items !== null)
  if (parts.length === 0 || !isCounted || !areAdjacent(parts)) return null
  const found: Window[] = []
  const halves = [parts]
  for (let some = halves.pop(); some; some = halves.pop()) {
    // Taken before the request: what happens meanwhile is news for the next read.
    const at = clock.now()
    const whole = { from: some[0]!.from, to: some.at(-1)!.to }
    const items = await source.count?.(whole, signal)
    if (items === undefined || items === null) return null
    if (items === some.reduce((sum, part) => sum + (part.items ?? 0), 0)) {
      const confirmed = some.map((part) => ({
        ...part,
        nextReadAt: nextReadAt(part, at, polled.facts.rereadAfterMinutes),
      }))
      await store.windows.confirm(polled.name, confirmed)
    } else if (some.length === 1) found.push(whole)
    else halves.push(some.slice(some.length >> 1), some.slice(0, some.length >> 1))
  }
  return found
}

const areAdjacent = (parts: readonly Window[]) =>
  parts.every(({ from }, i) => i === 0 || from.getTime() === parts[i - 1]!.to.getTime())

/** False where it took too long and was given up. */
async function pull(polled: PolledSource, window: Window, reading: Reading, signal: AbortSignal): Promise<boolean> {
  const { store, clock, log, tally, gaps, sizes } = reading
  // Taken before the first request: what happens during the pull is news for the next read.
  const at = clock.now()
  const malformed: Malformed[] = []
  const { add, rows } = createTally(tally, (observation, error) => {
    log.error({ source: polled.name, err: error }, `${polled.name}: a result could not be processed and was set aside`)
    malformed.push(itemOf(observation, 'Bouncebell cannot process it', at))
  })
  const startedAt = performance.now()
  const isShortest = window.to.getTime() - window.from.getTime() <= MINUTE_MS
  const limit = isShortest ? signal : AbortSignal.any([signal, AbortSignal.timeout(LONGEST_READ_MS)])
  const bound = createPageBound()
  let items = 0
  try {
    for await (const told of polled.source.pull(window, limit)) {
      bound(told.length)
      items += told.length
      const admitted = admit({ observations: told }, { now: at, window })
      add(admitted.observations)
      malformed.push(...admitted.malformed)
    }
    limit.throwIfAborted()
  } catch (error) {
    if (signal.aborted || !limit.aborted) throw error
    sizes.note(polled.name, window, performance.now() - startedAt)
    // Also what failed before, which would be tried again as a whole.
    await store.windows.release(polled.name, window)
    return false
  }
  const counters = rows()
  const setAside = await store.counters.replaceWindow(polled.name, window, counters, {
    at,
    nextReadAt: nextReadAt(window, at, polled.facts.rereadAfterMinutes),
    malformed,
    items,
  })
  sizes.note(polled.name, window, performance.now() - startedAt)
  for (const { problem } of [...malformed, ...setAside]) {
    log.warn({ source: polled.name, problem }, `${polled.name}: an item was set aside`)
  }
  const last = counters.reduce<Date | null>((max, row) => (max && max > row.minute ? max : row.minute), null)
  gaps.close(window)
  await store.sources
    .ok(polled.name, polled.type, clock.now(), last, gaps.trouble())
    .catch((error: unknown) =>
      log.warn({ source: polled.name, err: error }, 'the state of the source could not be stored'),
    )
  return true
}

/** An API that never stops paging would hold up everything else of its source for ever. */
function createPageBound(): (results: number) => void {
  let pages = 0
  let empty = 0
  return (results) => {
    pages++
    empty = results > 0 ? 0 : empty + 1
    if (empty > MOST_EMPTY_PAGES) throw new BadPayload(`${MOST_EMPTY_PAGES} pages in a row were empty`)
    if (pages > MOST_PAGES) throw new BadPayload(`there were more than ${MOST_PAGES} pages`)
  }
}
