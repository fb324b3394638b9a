import type { Alarm } from '../alarm/step.ts'
import { noteExcursion, sizeOf } from '../alarm/thresholds.ts'
import { attemptsByRhythm } from '../baseline/failures-only.ts'
import type { Batch } from '../state/batch.ts'
import type { Episode } from '../state/episode.ts'
import { DRIFT, type Pace, SUDDEN } from '../state/pace.ts'
import { type Topology, WIDTH } from '../state/slice-groups.ts'
import { D, K, S, type State } from '../state/state.ts'
import { sweep } from '../state/tallies.ts'
import { isBadList, open, refine, type Scene } from './locate.ts'
import { attemptsIn } from './onset.ts'

const LIFE = { refineFor: 60, refineEvery: 10, calm: 7, quiet: [30, 120], remember: 60 }
const LATE_KEEP = 2 ** (-1 / 10)

/** Takes a minute, which the detector has weighed, to the episodes. */
export function advanceEpisodes(scene: Scene, batch: Batch, alarms: readonly Alarm[]): void {
  const { state, topology, recent, minute } = scene
  const { episodes } = state
  follow(state, topology, minute, batch)
  const fresh = new Map<number, Alarm[]>()
  for (const alarm of alarms) {
    if (isReset(state, alarm)) continue
    if (alarm.pace === DRIFT && isBadList(state.episodes, topology.leaves[alarm.row]!)) continue
    const owner = state.episodes.find((episode) => owns(topology, episode, alarm))
    if (owner) {
      owner.evidence = Math.max(owner.evidence, alarm.over)
      continue
    }
    const key = alarm.signal * 2 + alarm.pace
    fresh.set(key, [...(fresh.get(key) ?? []), alarm])
  }
  for (const [key, list] of fresh) open(scene, key >> 1, (key & 1) as Pace, list)
  // Those that were there: what is opened or merged meanwhile makes another list, or is new.
  for (const episode of episodes) {
    const age = minute - episode.opened
    if (episode.recoveredAt > 0 || age === 0 || episode.calm > 0) continue
    if (age <= LIFE.refineFor || age % LIFE.refineEvery === 0) refine(scene, episode)
  }
  state.episodes = state.episodes.filter(
    ({ recoveredAt }) => recoveredAt === 0 || minute - recoveredAt <= LIFE.remember,
  )
  sweep(recent.tallies, minute)
}

/** An episode of the alarm's signal that stands and shares slices with the alarm's row. */
function owns({ kind, groups }: Topology, { recoveredAt, signal, pace, leaves }: Episode, alarm: Alarm): boolean {
  if (recoveredAt !== 0 || signal !== alarm.signal || (alarm.pace !== DRIFT && pace !== SUDDEN)) return false
  const of = kind[alarm.row]!
  return of === -1 ? leaves.includes(alarm.row) : leaves.some((leaf) => groups[leaf * WIDTH + of] === alarm.row)
}

/** Where the slices of a minute, and their failures, stand in its batch; made once and used again in each minute. */
const places = { of: new Int32Array(0), failures: new Float32Array(0) }

function note(batch: Batch, rows: number): void {
  if (places.of.length < rows) places.of = new Int32Array(Math.ceil(rows * 1.3)).fill(-1)
  if (places.failures.length < batch.rows.length * S) {
    places.failures = new Float32Array(Math.ceil(batch.rows.length * 1.3) * S)
  }
  for (let b = 0; b < batch.rows.length; b++) places.of[batch.rows[b]!] = b
  for (let i = 0; i < batch.at.length; i++) places.failures[batch.at[i]!] = batch.x[i]!
}

function unnote(batch: Batch): void {
  for (const row of batch.rows) places.of[row] = -1
  for (const at of batch.at) places.failures[at] = 0
}

/** Counts the minute to the episodes and asks whether they are over. */
function follow(state: State, topology: Topology, minute: number, batch: Batch): void {
  const standing = state.episodes.filter(({ recoveredAt }) => recoveredAt === 0)
  if (standing.length === 0) return
  note(batch, state.rows)
  for (const episode of standing) {
    let n = 0
    let x = 0
    let e = 0
    for (const row of episode.leaves) {
      const b = places.of[row]!
      // Where only failures are told, a minute without any tells as much as one with.
      if (b === -1 && state.columns.untold[row] === 0) continue
      const attempts = b === -1 ? attemptsByRhythm(state, row, minute, 0) : attemptsIn(state, batch, b, minute)
      n += attempts
      if (b !== -1) x += places.failures[b * S + episode.signal]!
      e += attempts * state.columns.p0[row * S + episode.signal]!
    }
    if (n > 0) judge(state, topology, minute, episode, { n, x, e })
  }
  unnote(batch)
}

/** Adds the minute to an episode; it is over when enough minutes say so. */
function judge(
  state: State,
  topology: Topology,
  minute: number,
  episode: Episode,
  { n, x, e }: { n: number; x: number; e: number },
): void {
  count(episode, x, n, e)
  const slow = episode.pace === DRIFT
  const well = Math.min(0.4, Math.max(((slow ? 1.3 : 1.5) * e) / n, slow ? 0.006 : 0.008))
  const ill = Math.min(0.95, Math.max((slow ? 1.6 : 2) * well, 0.6 * episode.worst))
  const l = -(x * Math.log(ill / well) + (n - x) * Math.log((1 - ill) / (1 - well)))
  episode.calm = Math.max(0, episode.calm + Math.max(-3, Math.min(1.5, l)))
  if (episode.calm === 0) episode.calmSince = minute
  if (episode.calm >= LIFE.calm && minute - episode.calmSince >= LIFE.quiet[episode.pace]!) {
    episode.recoveredAt = minute
    for (const row of episode.leaves) reset(state, topology, row, episode.signal)
  }
}

function count(episode: Episode, x: number, n: number, e: number): void {
  episode.x += x
  episode.n += n
  episode.lateX = episode.lateX * LATE_KEEP + x
  episode.lateN = episode.lateN * LATE_KEEP + n
  episode.baseline = e / n
  const rate = episode.lateX / (episode.lateN + 5)
  episode.worst = Math.max(episode.worst * 0.999, rate)
}

/** The evidence of what is over must not count against what comes next. */
function reset(state: State, topology: Topology, leaf: number, signal: number): void {
  const rows = [leaf, ...topology.groups.slice(leaf * WIDTH, leaf * WIDTH + WIDTH).filter((row) => row >= 0)]
  for (const row of rows) {
    const at = row * S + signal
    const size = sizeOf(state.columns.volume[row]!, topology.kind[row]!)
    noteExcursion(state, SUDDEN, signal, size, state.columns.suddenPeak[at]!)
    noteExcursion(state, DRIFT, signal, size, state.columns.driftPeak[at]!)
    state.columns.sudden.fill(0, at * K, at * K + K)
    state.columns.drift.fill(0, at * D, at * D + D)
    state.columns.flow.fill(0, at * D, at * D + D)
    state.columns.suddenSince[at] = 0
    state.columns.suddenPeak[at] = 0
    state.columns.driftPeak[at] = 0
    state.columns.driftSince[at] = 0
  }
}

/** The alarm rests on the evidence of a trouble that was found to be over in this very minute. */
function isReset({ columns }: State, { row, signal, pace }: Alarm): boolean {
  const since = pace === SUDDEN ? columns.suddenSince : columns.driftSince
  return since[row * S + signal] === 0
}
