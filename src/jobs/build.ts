import { tellFrom, type Watch } from '../detect/detector.ts'
import type { SavedState } from '../detect/state/saved-state.ts'
import type { Pace } from '../lib/pace.ts'
import type { Log } from '../ports/log.ts'
import type { Changes, Store } from '../ports/store/index.ts'
import { areChanged, type Labels, readLabels } from './labels.ts'
import { type NewsOptions, readNews } from './news.ts'
import { type Contents, isOutdated, storedSnapshots } from './snapshots.ts'

/** So many minutes, over all sources, are left to the watch itself. */
const FEW = 60
/** What comes in meanwhile is read after it, and again what comes in while that is read; not forever. */
const MOST_ROUNDS = 5

export interface BuildOptions extends NewsOptions {
  store: Pick<Store, 'counters' | 'replies' | 'state'>
  log: Log
  createWatch(saved: SavedState | null): Watch
  /** All that the detector's state depends on besides the counters and the replies' labels: another one, and stored states are of no use. */
  made: string
}

/** A detector that has taken the counters up to a revision. */
export interface Detector {
  watch: Watch
  revision: bigint
  /** The first minute of each source. */
  began: Map<string, Date>
  /** The state that it began with. */
  from: Contents | null
  /** What the replies meant when it took them. */
  labels: Labels
  /** It does not know what the counters say now, and another one is to be built. */
  isStale: boolean
  /** Minutes that have counters and have not come yet. */
  early: Changes['minutes']
}

export interface Span {
  /** What is younger is noted, not weighed yet: it is news, to be told minute by minute. */
  until: Date
  /** What is dated later has not come yet, and waits for its time. */
  last: Date
}

export interface BuildRun {
  span: Span
  pace: Pace
  /** Is told how far it is, from 0 to 1. */
  progress(share: number): void
  signal: AbortSignal
  /** Goes on from a stored state even where replies mean something else now: better than none until another one is built. */
  isForNow: boolean
}

interface Start {
  detector: Detector
  /** The minutes that it is still to be told. */
  minutes: Changes['minutes']
  /** The counters that these minutes are of. */
  revision: bigint
}

/**
 * Makes a detector: from the stored state where there is one that fits, else from all counters that are kept. In small pieces of
 * work, so that everything else goes on meanwhile.
 */
export async function buildDetector(
  options: BuildOptions,
  { span, pace, progress, signal, isForNow }: BuildRun,
): Promise<Detector> {
  const { detector, ...start } = await startOf(options, span.last, isForNow)
  let { minutes, revision } = start
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let done = 0
    const { come, early } = split(detector.early, minutes, span.last)
    for await (const news of readNews(come, options)) {
      signal.throwIfAborted()
      done += news.length
      const at = news[0]?.minute
      if (!at) continue
      for (const _ of detector.watch.approach(earlier(at, span.until), news)) await pace()
      if (round === 0) progress(done / come.length)
    }
    noteBeginnings(detector, come)
    detector.early = early
    detector.revision = revision
    const changes = await options.store.counters.changedSince(revision)
    // What it cannot put in order any more is for whoever goes on with it to notice.
    if (changes.minutes.length <= FEW || isOutdated(contentsOf(detector), changes.minutes)) break
    ;({ minutes, revision } = changes)
  }
  return detector
}

async function startOf(options: BuildOptions, last: Date, isForNow: boolean): Promise<Start> {
  const { store, log, made, createWatch } = options
  const all = await store.counters.changedSince(0n)
  const labels = await readLabels(store.replies)
  for await (const snapshot of storedSnapshots(store.state, made)) {
    const { until, revision } = snapshot
    // Of a clock that was ahead.
    if (until > last) continue
    const isStale = areChanged(snapshot.labels, labels)
    if (isStale && !isForNow) continue
    if (isOutdated(snapshot, (await store.counters.changedSince(revision)).minutes)) continue
    const saved = await snapshot.decode()
    if (!saved) continue
    log.info({ until }, 'the detector continues from its stored state')
    const minutes = all.minutes.filter(({ minute }) => minute >= tellFrom(until))
    const detector: Detector = {
      watch: createWatch(saved),
      revision: 0n,
      began: new Map(snapshot.began),
      from: snapshot,
      labels: isStale ? snapshot.labels : labels,
      isStale,
      early: [],
    }
    return { detector, minutes, revision: all.revision }
  }
  log.info({ minutes: all.minutes.length }, 'the detector was built from the counters')
  const detector: Detector = {
    watch: createWatch(null),
    revision: 0n,
    began: new Map(),
    from: null,
    labels,
    isStale: false,
    early: [],
  }
  return { detector, minutes: all.minutes, revision: all.revision }
}

export const earlier = (a: Date, b: Date): Date => new Date(Math.min(a.getTime(), b.getTime()))

/** Which of the minutes that waited, and of those that changed, have come by `last`; each once. */
export function split(waiting: Changes['minutes'], changed: Changes['minutes'], last: Date) {
  const isKnown = new Set(waiting.map(keyOf))
  const fresh = isKnown.size === 0 ? changed : changed.filter((each) => !isKnown.has(keyOf(each)))
  const all = [...waiting, ...fresh]
  return { come: all.filter(({ minute }) => minute <= last), early: all.filter(({ minute }) => minute > last) }
}

const keyOf = ({ source, minute }: Changes['minutes'][number]) => `${source}\n${minute.getTime()}`

/** Notes the first minute of each source. */
export function noteBeginnings({ began }: Detector, minutes: Changes['minutes']): void {
  for (const { source, minute } of minutes) {
    const first = began.get(source)
    if (!first || minute < first) began.set(source, minute)
  }
}

/** True until the detector has gone so far that it no longer leans on the stored state that it began with. */
export const leans = ({ watch, from }: Detector): boolean =>
  from?.until != null && (watch.fixed() ?? from.until) <= from.until

export function contentsOf(detector: Detector): Contents {
  const { watch, from, began } = detector
  const until = watch.fixed()
  return { until, letBe: leans(detector) ? (from?.letBe ?? null) : until, began }
}
