import { SIGNALS } from '../smtp/causes.ts'
import type { Budget } from './budget.ts'
import { createDetector } from './detector.ts'
import { advanceEpisodes, type Episode } from './episodes.ts'
import { extentOf } from './extent.ts'
import type { Finding, MinuteCount, Slice } from './finding.ts'
import { addBatches, batchOf, forget, type Recent, toBatch } from './recent.ts'
import { type Settled, settledOf } from './settled.ts'
import { cloneState, createState, DRIFT, type State } from './state.ts'
import { createTopology, sliceKey } from './topology.ts'

const MINUTE = 60_000
/** Bounds on memory, about 100 MiB each: rows in states that are kept, and slices' minutes that can be put in order. */
const MOST_ROWS = 150_000
const MOST_COUNTS = 8_000_000

/** The counts of a source's minute. `add`: on top of what is known, else instead of it. */
export interface SourceMinute {
  minute: Date
  source: string
  counts: Iterable<MinuteCount>
  add?: boolean
}

export interface WatchParams {
  falseAlarms: Budget
  /** What people call a mailbox provider. */
  nameOf?: (provider: string) => string
  /** How far back late counts are put in order, in minutes. */
  horizon: number
  /** A state is kept every so many minutes. */
  checkpointEvery: number
}

export interface Watch {
  /** Takes what has become known since the last call and tells what stands at `at` (a whole minute, the last complete one). */
  advance(at: Date, changes: Iterable<SourceMinute>): Finding[]
  /** What it settled on, for people to see. */
  settled(): Settled
}

/** Rows are in the order of arrival, which must not show. */
const bySlice = (a: Slice, b: Slice) => (sliceKey(a) < sliceKey(b) ? -1 : 1)

export function createWatch(params: WatchParams): Watch {
  const nameOf = params.nameOf ?? ((provider: string) => provider.charAt(0).toUpperCase() + provider.slice(1))
  const topology = createTopology()
  const detector = createDetector(topology, params.falseAlarms)
  const recent: Recent = { minutes: new Map(), from: -1, hasForgotten: false, counts: 0 }
  let state: State = createState()
  let checkpoints: State[] = []

  function take(change: SourceMinute): number {
    const minute = Math.floor(change.minute.getTime() / MINUTE)
    if (minute < recent.from && recent.hasForgotten) return Number.POSITIVE_INFINITY
    recent.from = recent.from < 0 ? minute : Math.min(recent.from, minute)
    const sources = recent.minutes.get(minute) ?? new Map()
    recent.minutes.set(minute, sources)
    const batch = toBatch(topology, change.counts)
    const known = sources.get(change.source)
    const now = change.add && known ? addBatches(topology, known, batch) : batch
    sources.set(change.source, now)
    recent.counts += now.rows.length - (known?.rows.length ?? 0)
    return minute
  }

  /** Of very many slices fewer states are kept, so that rewinding takes longer instead of more memory. */
  function keep(present: State): void {
    checkpoints.push(cloneState(present))
    while (checkpoints.length > 2 && checkpoints.length * present.room > MOST_ROWS) checkpoints.splice(1, 1)
  }

  function rewind(to: number): void {
    if (to > state.minute) return
    checkpoints = checkpoints.filter(({ minute }) => minute < to)
    const last = checkpoints.at(-1)
    state = last ? cloneState(last) : createState()
  }

  function advance(at: Date, changes: Iterable<SourceMinute>): Finding[] {
    const now = Math.floor(at.getTime() / MINUTE)
    let first = Number.POSITIVE_INFINITY
    for (const change of changes) first = Math.min(first, take(change))
    rewind(first)
    const from = state.minute < 0 ? Math.max(recent.from, 0) : state.minute + 1
    if (recent.from < 0) return []
    for (let minute = from; minute <= now; minute++) {
      if (minute % params.checkpointEvery === 0 && state.minute >= 0) keep(state)
      const batch = batchOf(recent, minute)
      const alarms = detector.step(state, minute, batch)
      state.minute = minute
      advanceEpisodes(state, topology, recent, minute, batch, alarms)
    }
    forget(recent, now - params.horizon, MOST_COUNTS)
    while (checkpoints.length > 1 && checkpoints[1]!.minute < recent.from) checkpoints.shift()
    return state.episodes.map((episode) => toFinding(episode, at))
  }

  /** The slices that ever had mail. */
  const met = () => topology.slices.filter((slice, row) => slice !== null && state.columns.met[row] === 1) as Slice[]

  const toFinding = (episode: Episode, at: Date): Finding => ({
    kind: episode.pace === DRIFT ? 'drift' : 'sudden',
    signal: SIGNALS[episode.signal]!,
    status: episode.recoveredAt > 0 ? 'recovered' : 'firing',
    where: episode.where,
    slices: episode.leaves.map((row) => topology.slices[row]!).sort(bySlice),
    says: extentOf(
      episode.leaves.map((row) => topology.slices[row]!),
      met(),
      nameOf,
    ),
    since: new Date(episode.since * MINUTE),
    at,
    ...figures(episode),
    failures: episode.x,
    evidence: episode.evidence,
  })

  /** Where a source tells of failures only there are no rates to be had. */
  function figures({ leaves, lateX, lateN, baseline, n }: Episode): Pick<Finding, 'rate' | 'baseline' | 'attempts'> {
    if (leaves.some((row) => state.columns.untold[row] === 1)) return { rate: null, baseline: null, attempts: null }
    return { rate: lateN > 0 ? Math.min(1, lateX / lateN) : 0, baseline, attempts: n }
  }

  return { advance, settled: () => settledOf(state, met().length) }
}
