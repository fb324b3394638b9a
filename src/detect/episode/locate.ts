import type { Alarm } from '../alarm/step.ts'
import type { Episode } from '../state/episode.ts'
import type { Recent } from '../state/minute-buffer.ts'
import { DRIFT, type Pace, SUDDEN } from '../state/pace.ts'
import { byOrder, type Topology } from '../state/slice-groups.ts'
import { LIST, type State } from '../state/state.ts'
import { LOOK_BACK } from '../state/tallies.ts'
import { localise, type Place, type Sample } from './localise.ts'
import { onset } from './onset.ts'
import { gather } from './window-counts.ts'

/** Everything that a minute's episodes are made from. */
export interface Scene {
  state: State
  topology: Topology
  recent: Recent
  minute: number
}

/** Opens episodes for alarms of one signal and pace that nobody owns. */
export function open(scene: Scene, signal: number, pace: Pace, alarms: readonly Alarm[]): void {
  const { state, topology, recent, minute } = scene
  const leavesOf = (row: number): readonly number[] => topology.leaves[row]!
  const candidates = [...new Set(alarms.flatMap(({ row }) => leavesOf(row)))].sort(byOrder(topology))
  const sources = new Set(candidates.map((row) => topology.slices[row]!.source))
  const earliest = Math.min(...alarms.map((alarm) => alarm.since))
  const since = onset(state, topology, recent, signal, pace, candidates, Math.max(earliest, minute - LOOK_BACK), minute)
  const sample = gather(state, topology, recent, sources, { signal, since, from: since, to: minute })
  const at = new Map(Array.from(sample.roster.rows, (row, i) => [row, i]))
  const excess = (row: number) => excessAt(sample, at.get(row))
  const seeds = new Set<number>()
  for (const { row } of alarms) {
    const leaves = leavesOf(row)
    if (leaves.length === 1) seeds.add(leaves[0]!)
    else if (!leaves.some((leaf) => seeds.has(leaf))) {
      const worst = [...leaves].sort((a, b) => excess(b) - excess(a) || byOrder(topology)(a, b))[0]
      if (worst !== undefined) seeds.add(worst)
    }
  }
  const found = [...seeds].flatMap((row) => at.get(row) ?? []).sort((a, b) => a - b)
  const evidence = Math.max(...alarms.map(({ over }) => over))
  for (const place of localise(topology, sample, found)) {
    if (pace === DRIFT && isBadList(state.episodes, rowsOf(sample, place))) continue
    adopt(scene, { signal, pace, since, evidence }, sample, place)
  }
}

const rowsOf = ({ roster }: Sample, { members }: Place): number[] => members.map((i) => roster.rows[i]!)

function excessAt({ x, n, p0, gone }: Sample, i: number | undefined): number {
  return i === undefined || gone[i] === 1 ? -1 : x[i]! - n[i]! * p0[i]!
}

/** Receivers slow down and refuse whoever sends to addresses that do not exist: such a drift is the list's. */
export function isBadList(episodes: readonly Episode[], leaves: readonly number[]): boolean {
  const isOfList = (leaf: number) =>
    episodes.some((episode) => episode.signal === LIST && episode.recoveredAt === 0 && episode.leaves.includes(leaf))
  return episodes.some(({ signal, recoveredAt }) => signal === LIST && recoveredAt === 0) && leaves.every(isOfList)
}

/** Makes the place that of the episode which it overlaps, or else a new episode. */
function adopt(
  { state, minute }: Scene,
  trouble: Pick<Episode, 'signal' | 'pace' | 'since' | 'evidence'>,
  sample: Sample,
  place: Place,
): void {
  const { signal, pace } = trouble
  const leaves = rowsOf(sample, place)
  const own = new Set(leaves)
  const overlapping = state.episodes.filter(
    (episode) => episode.recoveredAt === 0 && episode.signal === signal && episode.leaves.some((row) => own.has(row)),
  )
  // What drifts inside a sudden trouble is part of it.
  if (pace === DRIFT && overlapping.some((episode) => episode.pace === SUDDEN)) return
  const first = overlapping.find((episode) => episode.pace === pace)
  if (first) {
    first.leaves = leaves
    first.where = place.where
  } else {
    const sum = (value: (i: number) => number) => place.members.reduce((all, i) => all + value(i), 0)
    const x = sum((i) => sample.x[i]!)
    const n = sum((i) => sample.n[i]!)
    const e = sum((i) => sample.n[i]! * sample.p0[i]!)
    state.episodes.push({
      signal,
      pace,
      since: trouble.since,
      opened: minute,
      leaves,
      where: place.where,
      evidence: trouble.evidence,
      x,
      n,
      lateX: x,
      lateN: n,
      worst: x / (n + 5),
      baseline: n > 0 ? e / n : 0,
      calm: 0,
      calmSince: minute,
      recoveredAt: 0,
    })
  }
  // A sudden trouble takes the drift before it with it, and two that have grown into one are one.
  if (overlapping.length < (first ? 2 : 1)) return
  const merged = new Set(overlapping.filter((episode) => episode !== first))
  state.episodes = state.episodes.filter((episode) => !merged.has(episode))
}

/** Asks again where a trouble is, by its worst slice. */
export function refine(scene: Scene, episode: Episode): void {
  const { state, topology, recent, minute } = scene
  const sources = new Set(episode.leaves.map((row) => topology.slices[row]!.source))
  const { signal, since } = episode
  const from = Math.max(since, minute - LOOK_BACK)
  const sample = gather(state, topology, recent, sources, { signal, since, from, to: minute })
  let worst = -1
  for (const i of placesOf(episode.leaves, sample)) {
    if (sample.gone[i] === 1) continue
    if (worst < 0 || excessAt(sample, i) > excessAt(sample, worst)) worst = i
  }
  if (worst < 0 || excessAt(sample, worst) <= 0) return
  const place = localise(topology, sample, [worst])[0]
  if (place) adopt(scene, episode, sample, place)
}

const FEW = 16

/** Where the rows stand in a sample, in its order. */
function placesOf(rows: readonly number[], { roster }: Sample): number[] {
  if (rows.length <= FEW) {
    const found = rows.map((row) => roster.rows.indexOf(row)).filter((i) => i >= 0)
    return found.sort((a, b) => a - b)
  }
  const wanted = new Set(rows)
  return Array.from(roster.rows.keys()).filter((i) => wanted.has(roster.rows[i]!))
}
