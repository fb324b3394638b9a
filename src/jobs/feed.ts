import { createRuleWatch, reachOf } from '../alert-rules/rules.ts'
import type { Settled } from '../detect/calibration-summary.ts'
import type { Finding } from '../detect/finding.ts'
import { createRhythm, type Rhythm } from '../incident/sight.ts'
import { createPace } from '../lib/pace.ts'
import { settlesWithin } from '../lib/settles-within.ts'
import type { Clock } from '../ports/clock.ts'
import type { Changes } from '../ports/store/index.ts'
import {
  type BuildOptions,
  buildDetector,
  contentsOf,
  type Detector,
  earlier,
  leans,
  noteBeginnings,
  type Span,
  split,
} from './build.ts'
import { createBuildReport } from './building.ts'
import { areChanged, readLabels } from './labels.ts'
import { type News, readNews } from './news.ts'
import { isOutdated, saveSnapshots } from './snapshots.ts'

const MINUTE = 60_000
const MOST_OUT_OF_USE = 0.5
/** The rules are asked for minutes of an hour ago where Bouncebell was away. */
const RULES_MARGIN_MS = 60 * MINUTE
/** A build that took long is not begun again before so many times that long has passed: history that is read in bit by bit asks for many. */
const REST = 2
const LONG_MS = 10_000
const MOST_BUILDS = 3
/** Between replicas, and by what a clock is set as a rule. */
export const CLOCKS_DIFFER_MS = 2 * MINUTE

export interface FeedOptions extends BuildOptions {
  clock: Clock
  /** How long a watch waits for its detector before it goes on with the user's rules alone, or with the one it has. */
  patienceMs: number
}

/** The detector of this process, and the way of the counters to it. */
export interface Feed {
  /** Tells the detector and the rules what changed, the oldest first. */
  catchUp(span: Span, signal: AbortSignal): Promise<void>
  /** What the detector and the rules tell at `at`. */
  advance(at: Date): Promise<Finding[]>
  /** False until there is a detector: then only the user's rules are watched. */
  isDetecting(): boolean
  usualSilence: Rhythm['usualSilence']
  settled(): Settled | null
  /** Stores states for the next start; false where there is none that is worth it. */
  save(): Promise<boolean>
  /** Ends what goes on in the background. */
  stop(): Promise<void>
}

interface Build {
  ended: Promise<void>
  result: Detector | null
}

export function createFeed(options: FeedOptions): Feed {
  const { store, log, made, clock, patienceMs } = options
  const pace = createPace()
  let rules = createRuleWatch(options.rules)
  const stopping = new AbortController()
  let rhythm: Rhythm | null = null
  /** Of the counters that the rules know. */
  let rulesRevision = 0n
  let rulesEarly: Changes['minutes'] = []
  /** The last minute that it was asked about. */
  let at = new Date(0)
  let detector: Detector | null = null
  let build: Build | null = null
  /** By the process's own clock. */
  let notBefore = 0

  function startBuild(span: Span): Build {
    const started = performance.now()
    const report = createBuildReport(store.state, clock, log)
    const run = {
      span,
      pace: createPace(),
      progress: report.progress,
      signal: stopping.signal,
      isForNow: detector === null,
    }
    const begun: Build = { ended: Promise.resolve(), result: null }
    begun.ended = buildDetector(options, run)
      .then(
        (built) => {
          begun.result = built
        },
        (error: unknown) => {
          if (!stopping.signal.aborted) log.error({ err: error }, 'the detector could not be built; retrying')
        },
      )
      .finally(() => {
        const tookMs = performance.now() - started
        notBefore = performance.now() + (tookMs > LONG_MS ? REST * tookMs : 0)
        return report.end()
      })
    return begun
  }

  /** The changes that the detector is to be told; null while there is none, or it waits for another. */
  async function ensureDetector(span: Span): Promise<Changes | null> {
    const deadline = performance.now() + patienceMs
    for (let tries = 0; ; tries++) {
      const changes = detector && (await store.counters.changedSince(detector.revision))
      if (detector && changes) detector.isStale ||= isOutdated(contentsOf(detector), changes.minutes)
      if (detector && !detector.isStale) return changes
      if (!build && performance.now() >= notBefore) build = startBuild(span)
      const isAtEnd = tries === MOST_BUILDS || !build
      if (isAtEnd || !(await settlesWithin(Math.max(0, deadline - performance.now()), build!.ended))) return changes
      detector = build!.result ?? detector
      build = null
    }
  }

  /** What the rules are to be told; at first as far back as they look. */
  async function changesForRules({ until, last }: Span): Promise<Changes> {
    const changes = await store.counters.changedSince(rulesRevision)
    const { come, early } = split(rulesEarly, changes.minutes, last)
    const isFirst = rhythm === null
    rhythm ??= createRhythm()
    for (const { source, minute } of come) rhythm.note(source, minute)
    rulesEarly = early
    const since = until.getTime() - RULES_MARGIN_MS - reachOf(options.rules) * MINUTE
    return { ...changes, minutes: isFirst ? come.filter(({ minute }) => minute.getTime() >= since) : come }
  }

  /** A clock that was ahead and is back: what was noted of times that have not come is not to be kept. */
  function beginAgain(): void {
    rules = createRuleWatch(options.rules)
    rhythm = null
    rulesRevision = 0n
    rulesEarly = []
    detector = null
    build = null
  }

  async function tell(changes: Changes['minutes'], signal: AbortSignal, take: (news: News[]) => Promise<void>) {
    for await (const news of readNews(changes, options)) {
      signal.throwIfAborted()
      await take(news)
    }
  }

  async function tellRules(news: readonly News[], until: Date): Promise<void> {
    const [first] = news
    if (first) rules.advance(earlier(first.minute, until), news)
    await pace()
  }

  async function tellDetector(watch: Detector['watch'], news: readonly News[], until: Date): Promise<void> {
    const [first] = news
    if (!first) return
    for (const _ of watch.approach(earlier(first.minute, until), news)) await pace()
  }

  async function catchUp(span: Span, signal: AbortSignal): Promise<void> {
    const { until, last } = span
    if (at.getTime() - last.getTime() > CLOCKS_DIFFER_MS) beginAgain()
    at = last
    const changes = await ensureDetector(span)
    const told = detector
    const forRules = await changesForRules(span)
    const isSame = changes !== null && told?.revision === rulesRevision && changes.revision === forRules.revision
    if (options.rules.length > 0 && !isSame) await tell(forRules.minutes, signal, (news) => tellRules(news, until))
    if (told && changes) {
      const { come, early } = split(told.early, changes.minutes, last)
      await tell(come, signal, async (news) => {
        await tellDetector(told.watch, news, until)
        if (isSame && options.rules.length > 0) await tellRules(news, until)
      })
      noteBeginnings(told, come)
      told.early = early
      told.revision = changes.revision
    }
    rulesRevision = forRules.revision
  }

  async function advance(at: Date): Promise<Finding[]> {
    if (!detector) return rules.advance(at, [])
    try {
      for (const _ of detector.watch.approach(at, [])) await pace()
      return [...detector.watch.advance(at, []), ...rules.advance(at, [])]
    } catch (error) {
      // What is broken in it must not stay.
      detector = null
      throw error
    }
  }

  async function save(): Promise<boolean> {
    if (!detector || detector.isStale) return false
    const labels = await readLabels(store.replies)
    // Another replica may have other reply rules.
    detector.isStale = areChanged(detector.labels, labels)
    if (detector.isStale) return false
    detector.labels = labels
    const { revision } = detector
    const { letBe, began } = contentsOf(detector)
    const snapshots = detector.watch.snapshots()
    // The older one that is stored reaches further back than the one that it began with.
    const worthIt = leans(detector) ? snapshots.slice(0, 1) : snapshots
    await saveSnapshots(store.state, worthIt, { made, revision, began, letBe, labels })
    // Begun again from what was just stored, it takes no more room than what is in use needs.
    if (detector.watch.outOfUse() > MOST_OUT_OF_USE) detector.isStale = true
    return true
  }

  return {
    catchUp,
    advance,
    isDetecting: () => detector !== null,
    usualSilence: (source, at) => rhythm?.usualSilence(source, at) ?? null,
    settled: () => detector?.watch.settled() ?? null,
    save,
    stop: async () => {
      stopping.abort(new Error('shutting down'))
      await build?.ended
    },
  }
}
