import { createReadStream } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { AlertRule, RuleMinute } from '../alert-rules/rules.ts'
import type { Budget } from '../detect/alarm/budget.ts'
import { countMinute } from '../detect/counts.ts'
import type { SourceMinute } from '../detect/detector.ts'
import type { Store } from '../ports/store/index.ts'
import type { Classifier } from '../smtp/classify/classify.ts'
import { DAY_MS } from '../time/units.ts'
import { readCounts, type SeenMinute } from './counts-file.ts'
import { createReplay } from './engine.ts'
import type { ReplayEvent } from './event.ts'
import { createTally, type ReplayedIncident, summaryText } from './summary.ts'

const MINUTE = 60_000

/** Counts as JSON lines from a file (also gzipped), or from standard input for `-`. */
function openCounts(file: string, stdin: Readable): Readable {
  if (file === '-') return stdin
  return file.endsWith('.gz') ? createReadStream(file).pipe(createGunzip()) : createReadStream(file)
}

/** `keepReplies` where alert rules are to be tried. */
export function countsOf(
  file: string,
  stdin: Readable,
  classifier: Classifier,
  keepReplies = false,
): AsyncIterable<SeenMinute> {
  return readCounts(openCounts(file, stdin), classifier, file === '-' ? 'standard input' : file, keepReplies)
}

/** The end of the stored history: now, or the last event where the clock that it was stored by is ahead (the demo's). */
export async function endOfHistory(store: { sources: Pick<Store['sources'], 'health'> }, now: Date): Promise<Date> {
  const events = (await store.sources.health()).flatMap(({ lastEventAt }) => lastEventAt?.getTime() ?? [])
  return new Date(Math.max(now.getTime(), ...events.map((at) => at + MINUTE)))
}

/** What is stored, six hours at a time. `deliveries` says whether a source reports its deliveries. */
export async function* storedCounts(
  store: Pick<Store, 'counters' | 'replies'>,
  period: { from: Date; to: Date },
  deliveries: (source: string) => boolean,
): AsyncGenerator<SeenMinute> {
  const step = 360 * MINUTE
  // As live, only minutes that are over.
  const end = Math.floor(period.to.getTime() / MINUTE) * MINUTE
  let rows = 0
  let last = Number.NaN
  for (let from = period.from.getTime(); from < end; from += step) {
    const window = { from: new Date(from), to: new Date(Math.min(from + step, end)) }
    const read = await store.counters.read(window)
    rows += read.length
    const replies = await store.replies.byId([...new Set(read.flatMap(({ replyId }) => replyId ?? []))])
    const byMinute = Map.groupBy(read, ({ minute }) => minute.getTime())
    for (const [at, results] of [...byMinute].sort(([a], [b]) => a - b)) {
      const minute = new Date(at)
      last = at
      const sources = [...Map.groupBy(results, ({ slice }) => slice.source)]
      const changes = sources.map(([source, ofSource]): SourceMinute & RuleMinute => ({
        minute,
        source,
        counts: countMinute(ofSource, replies, deliveries),
        results: ofSource.map((result) => ({ ...result, reply: replies.get(result.replyId ?? -1) ?? null })),
      }))
      yield { seen: minute, changes, results: changes, rows }
    }
  }
  // Time has passed since the last mail, too.
  if (last < end - MINUTE) yield { seen: new Date(end - MINUTE), changes: [], results: [], rows }
}

export interface ReplayRun {
  minutes: AsyncIterable<SeenMinute>
  falseAlarms: Budget
  rules?: readonly AlertRule[]
  onProgress?: (minute: SeenMinute) => void
}

export interface Replayed {
  incidents: ReplayedIncident[]
  from: Date
  days: number
}

/** Plays minutes as they were seen and tells what would have been noticed, event by event; returns the summary. */
async function* play({
  minutes,
  falseAlarms,
  rules = [],
  onProgress,
}: ReplayRun): AsyncGenerator<ReplayEvent, Replayed> {
  const replay = createReplay({ falseAlarms, rules })
  const tally = createTally()
  let from: Date | null = null
  let to = new Date(0)
  for await (const minute of minutes) {
    from ??= minute.seen
    to = minute.seen
    for (const event of replay.minute(minute.seen, minute.changes, minute.results)) {
      tally.add(event)
      yield event
    }
    onProgress?.(minute)
  }
  const start = from ?? to
  const days = Math.max(1, Math.round((to.getTime() - start.getTime()) / DAY_MS))
  return { incidents: tally.incidents(), from: start, days }
}

/** The summary alone. */
export async function runReplay(run: ReplayRun): Promise<Replayed> {
  const events = play(run)
  let next = await events.next()
  while (!next.done) next = await events.next()
  return next.value
}

export interface PrintOptions {
  summary: boolean
  output: Writable
  /** Standard error where it is a terminal, else null. */
  progress: { write(text: string): unknown } | null
}

/** Runs and prints: a JSON object per line as it happens, or a table and a chart at the end. */
export async function printReplay(
  run: Omit<ReplayRun, 'onProgress'>,
  { summary, output, progress }: PrintOptions,
): Promise<void> {
  let shown = Date.now()
  const onProgress = ({ seen, rows }: SeenMinute) => {
    if (!progress || Date.now() - shown < 200) return
    shown = Date.now()
    progress.write(`\r${seen.toISOString().slice(0, 16)}  ${rows.toLocaleString('en')} rows `)
  }
  const printed = async function* () {
    if (summary) {
      const { incidents, from, days } = await runReplay({ ...run, onProgress })
      yield `${summaryText(incidents, from, days)}\n`
      return
    }
    for await (const event of play({ ...run, onProgress })) yield `${JSON.stringify(event)}\n`
  }
  try {
    await pipeline(printed, output, { end: false })
  } catch (error) {
    // Whoever reads has seen enough (`| head`).
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EPIPE') throw error
  }
  progress?.write('\r\u001b[K')
}
