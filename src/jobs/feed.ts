import { countMinute } from '../detect/counts.ts'
import type { Finding } from '../detect/finding.ts'
import { type AlertRule, createRuleWatch, type RuleMinute, type RuleWatch, reachOf } from '../detect/rules.ts'
import type { SavedState } from '../detect/saved-state.ts'
import type { Settled } from '../detect/settled.ts'
import { type SourceMinute, tellFrom, type Watch } from '../detect/watch.ts'
import { createRhythm, type Rhythm } from '../incident/sight.ts'
import type { EspFacts } from '../ports/esp.ts'
import type { Log } from '../ports/log.ts'
import type { Changes, SliceMinute, Store, StoredReply } from '../ports/store.ts'
import { type Contents, isOutdated, saveSnapshots, storedSnapshots } from './snapshots.ts'

const MINUTE = 60_000
/** Read at once; a bound on memory, not on what is watched. */
const CHUNK_MS = 6 * 60 * MINUTE
const MOST_OUT_OF_USE = 0.5
/** Between replicas, and by what a clock is set as a rule. */
export const CLOCKS_DIFFER_MS = 2 * MINUTE

/** A source's minute, for the detector and for the user's rules. */
export type News = SourceMinute & RuleMinute

export interface FeedOptions {
  store: Pick<Store, 'counters' | 'replies' | 'state'>
  log: Log
  /** The sources that are configured. */
  facts: ReadonlyMap<string, EspFacts>
  createWatch(saved: SavedState | null): Watch
  /** All that the detector's state depends on besides the counters, as one text: another one, and stored states are of no use. */
  made: string
  /** The user's own. */
  rules: readonly AlertRule[]
}

/** The detector of this process, and the way of the counters to it. */
export interface Feed {
  /**
   * What changed since the last time up to the minute `until`, some hours at a time, oldest first: a week of it would not
   * fit into memory at once. What is dated later waits for its time.
   */
  read(until: Date, signal: AbortSignal): AsyncGenerator<News[]>
  /** What the detector and the rules tell at `at`. */
  advance(at: Date, news: readonly News[]): Finding[]
  usualSilence: Rhythm['usualSilence']
  settled(): Settled | null
  /** Stores states for the next start. */
  save(): Promise<void>
  /** What was read and not digested is lost to the detector: the next read begins anew. */
  drop(): void
}

interface Fed {
  watch: Watch
  rules: RuleWatch
  revision: bigint
  began: Map<string, Date>
  rhythm: Rhythm
  /** The state that it began with. */
  from: Contents | null
  /** Minutes that have counters and have not come yet. */
  early: Changes['minutes']
  /** The last minute that it was asked about. */
  at: Date
}

export function createFeed(options: FeedOptions): Feed {
  const { store, facts, made, log } = options
  let fed: Fed | null = null

  /** Goes on from a stored state where there is one that fits, else from the first counters; says which minutes it wants. */
  async function open(now: Date): Promise<Changes> {
    const all = await store.counters.changedSince(0n)
    for await (const snapshot of storedSnapshots(store.state, made)) {
      const { until, revision } = snapshot
      // Of a clock that was ahead.
      if (until > now) continue
      if (isOutdated(snapshot, (await store.counters.changedSince(revision)).minutes)) continue
      const saved = await snapshot.decode()
      if (!saved) continue
      log.info({ until }, 'the detector goes on from its stored state')
      begin(all, snapshot, saved, now)
      const since = Math.min(tellFrom(until).getTime(), until.getTime() - reachOf(options.rules) * MINUTE)
      return { ...all, minutes: all.minutes.filter(({ minute }) => minute.getTime() >= since) }
    }
    log.info({ minutes: all.minutes.length }, 'the detector is built from the counters')
    begin(all, null, null, now)
    return all
  }

  function begin(...[{ minutes }, from, saved, at]: [Changes, Contents | null, SavedState | null, Date]): void {
    const rhythm = createRhythm()
    for (const { source, minute } of minutes) if (minute <= at) rhythm.note(source, minute)
    fed = {
      watch: options.createWatch(saved),
      rules: createRuleWatch(options.rules),
      revision: 0n,
      began: new Map(from?.began),
      rhythm,
      from,
      early: [],
      at,
    }
  }

  /** What is new to the detector; all that it wants where it has to begin again. */
  async function changesOf(until: Date): Promise<Changes> {
    if (!fed || fed.at.getTime() - until.getTime() > CLOCKS_DIFFER_MS) return open(until)
    const changes = await store.counters.changedSince(fed.revision)
    if (isOutdated(contentsOf(fed), changes.minutes)) return open(until)
    const byMinute = [...fed.early, ...changes.minutes].map((each) => [`${each.source}\n${each.minute}`, each] as const)
    return { ...changes, minutes: [...new Map(byMinute).values()] }
  }

  async function* read(until: Date, signal: AbortSignal): AsyncGenerator<News[]> {
    const all = await changesOf(until)
    const changes = { ...all, minutes: all.minutes.filter(({ minute }) => minute <= until) }
    const early = all.minutes.filter(({ minute }) => minute > until)
    const chunks = Map.groupBy(changes.minutes, ({ minute }) => Math.floor(minute.getTime() / CHUNK_MS))
    for (const [, changed] of [...chunks].sort(([a], [b]) => a - b)) {
      signal.throwIfAborted()
      const ofSources = [...Map.groupBy(changed, ({ source }) => source)]
      const parts = ofSources.map(([source, minutes]) =>
        readChunk(
          source,
          minutes.map(({ minute }) => minute),
        ),
      )
      yield (await Promise.all(parts)).flat()
    }
    if (!fed) return
    fed.at = until
    fed.early = early
    for (const { source, minute } of changes.minutes) {
      fed.rhythm.note(source, minute)
      const first = fed.began.get(source)
      if (!first || minute < first) fed.began.set(source, minute)
    }
    fed.revision = changes.revision
  }

  async function readChunk(source: string, wanted: Date[]): Promise<News[]> {
    const times = wanted.map((minute) => minute.getTime())
    const window = { from: new Date(Math.min(...times)), to: new Date(Math.max(...times) + MINUTE) }
    const rows = await store.counters.read(window, source)
    const replies = await store.replies.byId([...new Set(rows.flatMap(({ replyId }) => replyId ?? []))])
    const byMinute = Map.groupBy(rows, ({ minute }) => minute.getTime())
    return wanted.map((minute) => {
      const counted = byMinute.get(minute.getTime()) ?? []
      const counts = countMinute(counted, replies, () => facts.get(source)?.deliveries ?? true)
      return { minute, source, counts, results: resultsFor(options.rules, counted, replies) }
    })
  }

  return {
    read,
    advance: (at, news) => (fed ? [...fed.watch.advance(at, news), ...fed.rules.advance(at, news)] : []),
    usualSilence: (source, at) => fed?.rhythm.usualSilence(source, at) ?? null,
    settled: () => fed?.watch.settled() ?? null,
    save: async () => {
      if (!fed) return
      const { letBe, began } = contentsOf(fed)
      const snapshots = fed.watch.snapshots()
      // The older one that is stored reaches further back than the one that it began with.
      const worthIt = leans(fed) ? snapshots.slice(0, 1) : snapshots
      await saveSnapshots(store.state, worthIt, { made, revision: fed.revision, began, letBe })
      // Begun anew from what was just stored, it takes no more room than what is in use needs.
      if (fed.watch.outOfUse() > MOST_OUT_OF_USE) fed = null
    },
    drop: () => {
      fed = null
    },
  }
}

/** True until the detector has gone so far that it no longer leans on the stored state that it began with. */
const leans = ({ watch, from }: Fed): boolean => from?.until != null && (watch.fixed() ?? from.until) <= from.until

function contentsOf(fed: Fed): Contents {
  const until = fed.watch.fixed()
  return { until, letBe: leans(fed) ? (fed.from?.letBe ?? null) : until, began: fed.began }
}

/** The rules ask about replies, which the detector does not need; without rules nothing is kept of them. */
function resultsFor(
  rules: readonly AlertRule[],
  counted: readonly SliceMinute[],
  replies: ReadonlyMap<number, StoredReply>,
): RuleMinute['results'] {
  if (rules.length === 0) return []
  return counted.map(({ slice, outcome, replyId, n }) => {
    const reply = replyId === null ? null : (replies.get(replyId) ?? null)
    return { slice, outcome, reply, n }
  })
}
