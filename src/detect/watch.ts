import { SIGNALS } from '../smtp/causes.ts'
import { createDetector } from './detector.ts'
import { advanceEpisodes, type Episode } from './episodes.ts'
import { extentOf } from './extent.ts'
import type { Finding, MinuteCount, Slice } from './finding.ts'
import { batchOf, forget, joinBatches, type Recent, toBatch } from './recent.ts'
import { cloneState, createState, DRIFT, type State } from './state.ts'
import { createTopology, sliceKey } from './topology.ts'

const MINUTE = 60_000

/** The counts of a source's minute. `add`: on top of what is known, else instead of it. */
export interface SourceMinute {
  minute: Date
  source: string
  counts: Iterable<MinuteCount>
  add?: boolean
}

export interface WatchParams {
  /** False alarms per 1000 slice-days. */
  falseAlarms: number
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
  bars(): Float64Array
  stray(): Float64Array
}

/** Rows are in the order of arrival, which must not show. */
const bySlice = (a: Slice, b: Slice) => (sliceKey(a) < sliceKey(b) ? -1 : 1)

export function createWatch(params: WatchParams): Watch {
  const nameOf = params.nameOf ?? ((provider: string) => provider.charAt(0).toUpperCase() + provider.slice(1))
  const topology = createTopology()
  const detector = createDetector(topology, params.falseAlarms / 1000)
  const recent: Recent = { minutes: new Map(), from: -1, hasForgotten: false }
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
    sources.set(change.source, change.add && known ? sum(known, batch) : batch)
    return minute
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
      if (minute % params.checkpointEvery === 0 && state.minute >= 0) checkpoints.push(cloneState(state))
      const batch = batchOf(recent, minute)
      const alarms = detector.step(state, minute, batch)
      state.minute = minute
      advanceEpisodes(state, topology, recent, minute, batch, alarms)
    }
    forget(recent, now - params.horizon)
    while (checkpoints.length > 1 && checkpoints[1]!.minute < recent.from) checkpoints.shift()
    return state.episodes.map((episode) => toFinding(episode, at))
  }

  const toFinding = (episode: Episode, at: Date): Finding => ({
    kind: episode.pace === DRIFT ? 'drift' : 'sudden',
    signal: SIGNALS[episode.signal]!,
    status: episode.recoveredAt > 0 ? 'recovered' : 'firing',
    where: episode.where,
    slices: episode.leaves.map((row) => topology.slices[row]!).sort(bySlice),
    says: extentOf(
      episode.leaves.map((row) => topology.slices[row]!),
      topology.slices.filter((slice) => slice !== null),
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

  const sum = (a: import('./recent.ts').Batch, b: import('./recent.ts').Batch) => {
    const joined = joinBatches([a, b])
    const place = new Map<number, number>()
    const failures = new Map<number, [number, number]>()
    const rows: number[] = []
    const n: number[] = []
    const to: number[] = []
    for (let i = 0; i < joined.rows.length; i++) {
      const row = joined.rows[i]!
      let b = place.get(row)
      if (b === undefined) {
        b = rows.push(row) - 1
        n.push(0)
        place.set(row, b)
      }
      n[b] = n[b]! + joined.n[i]!
      to.push(b)
    }
    for (let i = 0; i < joined.at.length; i++) {
      const at = to[Math.floor(joined.at[i]! / 6)]! * 6 + (joined.at[i]! % 6)
      const known = failures.get(at) ?? [0, 0]
      failures.set(at, [known[0] + joined.x[i]!, known[1] + joined.named[i]!])
    }
    return {
      rows: Int32Array.from(rows),
      n: Float32Array.from(n),
      at: Int32Array.from(failures.keys()),
      x: Float32Array.from(failures.values(), ([x]) => x),
      named: Float32Array.from(failures.values(), ([, y]) => y),
    }
  }

  return { advance, bars: () => state.bars, stray: () => state.stray }
}
