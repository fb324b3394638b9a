import { SIGNALS } from '../smtp/causes.ts'
import type { Budget } from './alarm/budget.ts'
import { createDetector } from './alarm/step.ts'
import { type Settled, settledOf } from './calibration-summary.ts'
import { joinSiblings } from './episode/co-occurring.ts'
import { advanceEpisodes } from './episode/episodes.ts'
import { type Among, surroundingsOf } from './episode/surroundings.ts'
import type { Finding } from './finding.ts'
import { addBatches, toBatch } from './state/batch.ts'
import { createCheckpoints, type Reach } from './state/checkpoints.ts'
import type { Episode } from './state/episode.ts'
import { slicesInUse } from './state/in-use.ts'
import { batchOf, createRecent } from './state/minute-buffer.ts'
import { DRIFT } from './state/pace.ts'
import { encodeState, type SavedState } from './state/saved-state.ts'
import type { MinuteCount, Slice } from './state/slice.ts'
import { createTopology, ranked } from './state/slice-groups.ts'
import { createState, type State } from './state/state.ts'
import { LOOK_BACK } from './state/tallies.ts'

const MINUTE = 60_000

/** The counts of a source's minute. `add`: on top of what is known, else instead of it. */
export interface SourceMinute {
  minute: Date
  source: string
  counts: Iterable<MinuteCount>
  add?: boolean
}

export interface WatchParams extends Reach {
  falseAlarms: Budget
  /** Says where a trouble is: its slices, among all that send mail. Nothing where left out. */
  wordScope?: (slices: readonly Slice[], among: Among) => string
}

export interface Watch {
  /** Takes what has become known since the last call and tells what stands at `at` (a whole minute, the last complete one). */
  advance(at: Date, changes: Iterable<SourceMinute>): Finding[]
  /** Does the work of `advance` in small steps, between which others may have their turn; what stands is then told by it at once. */
  approach(at: Date, changes: Iterable<SourceMinute>): Generator<void>
  /** What it settled on, for people to see. */
  settled(): Settled
  /** The last minute whose counts are put in order no more; null where all are. */
  fixed(): Date | null
  /** The share of its slices that are out of use: they take room until it is begun anew. */
  outOfUse(): number
  /** States to begin with another time, the newest first: of an hour or two ago, and the oldest that is kept. */
  snapshots(): Snapshot[]
}

/** All that is known up to the end of a minute. */
export interface Snapshot {
  minute: Date
  /** Not before it is wanted, since it takes room. */
  encode(): Uint8Array
}

/** Where a watch that begins with a state must be told the counts from, so that it can trace back what it then notices. */
export const tellFrom = (minute: Date): Date => new Date(minute.getTime() + (1 - LOOK_BACK) * MINUTE)

interface Surroundings {
  key: string
  all: Among
}
const NOWHERE: Surroundings = { key: '', all: new Map() }

/** `saved`: to begin with; what came before it is fixed. */
export function createWatch(params: WatchParams, saved: SavedState | null = null): Watch {
  const wordScope = params.wordScope ?? (() => '')
  const topology = saved?.topology ?? createTopology()
  const detector = createDetector(topology, params.falseAlarms)
  let state: State = saved?.state ?? createState()
  const from = saved ? state.minute + 1 - LOOK_BACK : -1
  const recent = createRecent(from, state.minute)
  const checkpoints = createCheckpoints(params, saved && state)
  let around = NOWHERE
  /** The first minute that changed and was not gone back to yet. */
  let first = Number.POSITIVE_INFINITY

  function take(change: SourceMinute): number {
    const minute = Math.floor(change.minute.getTime() / MINUTE)
    if (minute < recent.from && recent.fixed >= 0) return Number.POSITIVE_INFINITY
    recent.from = recent.from < 0 ? minute : Math.min(recent.from, minute)
    const sources = recent.minutes.get(minute) ?? new Map()
    recent.minutes.set(minute, sources)
    const batch = toBatch(topology, change.counts)
    const known = sources.get(change.source)
    const now = change.add && known ? addBatches(topology, known, batch) : batch
    sources.set(change.source, now)
    // What was added up may have it in it.
    if (minute <= state.minute) recent.tallies.clear()
    recent.counts += now.rows.length - (known?.rows.length ?? 0)
    // What is fixed stays as it was weighed; it is only looked back at.
    return minute <= recent.fixed ? Number.POSITIVE_INFINITY : minute
  }

  function* approach(at: Date, changes: Iterable<SourceMinute>): Generator<void> {
    const now = Math.floor(at.getTime() / MINUTE)
    for (const change of changes) {
      first = Math.min(first, take(change))
      yield
    }
    if (first <= state.minute) {
      state = checkpoints.rewind(first) ?? createState()
      around = NOWHERE
    }
    first = Number.POSITIVE_INFINITY
    if (recent.from < 0) return
    const from = state.minute < 0 ? Math.max(recent.from, 0) : state.minute + 1
    for (let minute = from; minute <= now; minute++) {
      step(minute)
      yield
    }
    checkpoints.settle(now, recent, topology)
  }

  function step(minute: number): void {
    if (minute % params.checkpointEvery === 0 && state.minute >= 0) checkpoints.keep(state)
    const batch = batchOf(recent, minute)
    const alarms = detector.step(state, minute, batch)
    state.minute = minute
    advanceEpisodes({ state, topology, recent, minute }, batch, alarms)
  }

  function advance(at: Date, changes: Iterable<SourceMinute>): Finding[] {
    for (const _ of approach(at, changes));
    if (state.episodes.length > 0) lookAround()
    return joinSiblings(state.episodes).map((episode) => toFinding(episode, at))
  }

  const toFinding = (episode: Episode, at: Date): Finding => ({
    kind: episode.pace === DRIFT ? 'drift' : 'sudden',
    signal: SIGNALS[episode.signal]!,
    status: episode.recoveredAt > 0 ? 'recovered' : 'firing',
    where: episode.where,
    slices: inOrder(episode.leaves).map((row) => topology.slices[row]!),
    says: wordScope(
      episode.leaves.map((row) => topology.slices[row]!),
      around.all,
    ),
    since: new Date(episode.since * MINUTE),
    at,
    ...figures(episode),
    failures: episode.x,
    evidence: episode.evidence,
  })

  /** Rows are in the order of arrival, which must not show. */
  function inOrder(rows: readonly number[]): number[] {
    const { rank } = ranked(topology)
    return rows.toSorted((a, b) => rank[a]! - rank[b]!)
  }

  /** Notes what sends mail. Within a day slices are only added, so their number tells whether it is still the same. */
  function lookAround(): void {
    let inUse = 0
    for (const met of state.columns.met) inUse += met
    const key = `${Math.floor(state.minute / 1440)} ${inUse}`
    if (around.key !== key) around = { key, all: surroundingsOf(slicesInUse(state, topology)) }
  }

  /** Where a source tells of failures only there are no rates to be had. */
  function figures({ leaves, lateX, lateN, baseline, n }: Episode): Pick<Finding, 'rate' | 'baseline' | 'attempts'> {
    if (leaves.some((row) => state.columns.untold[row] === 1)) return { rate: null, baseline: null, attempts: null }
    return { rate: lateN > 0 ? Math.min(1, lateX / lateN) : 0, baseline, attempts: n }
  }

  return {
    advance,
    approach,
    settled: () => settledOf(state, slicesInUse(state, topology).length),
    fixed: () => (recent.fixed < 0 ? null : new Date(recent.fixed * MINUTE)),
    outOfUse: () => {
      const known = topology.slices.filter((slice) => slice !== null).length
      return known === 0 ? 0 : (known - slicesInUse(state, topology).length) / known
    },
    snapshots: () =>
      checkpoints.lasting(state.minute).map((kept) => ({
        minute: new Date(kept.minute * MINUTE),
        encode: () => encodeState({ state: kept, topology }),
      })),
  }
}
