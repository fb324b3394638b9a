// What episodes a detector's alarms make, by the straightforward way. The tests compare with it.

import type { Alarm } from '../../src/detect/alarm/step.ts'
import { noteExcursion, sizeOf } from '../../src/detect/alarm/thresholds.ts'
import { attemptsByRhythm } from '../../src/detect/baseline/failures-only.ts'
import { attemptsIn, onset } from '../../src/detect/episode/onset.ts'
import type { Batch } from '../../src/detect/state/batch.ts'
import type { Episode } from '../../src/detect/state/episode.ts'
import type { Recent } from '../../src/detect/state/minute-buffer.ts'
import { DRIFT, type Pace, SUDDEN } from '../../src/detect/state/pace.ts'
import { byOrder, ranked, type Topology, WIDTH } from '../../src/detect/state/slice-groups.ts'
import { D, K, LIST, S, type State } from '../../src/detect/state/state.ts'
import { LOOK_BACK } from '../../src/detect/state/tallies.ts'
import { localisePlainly, type Member, type Place } from './localise-reference.ts'

const LIFE = { refineFor: 60, refineEvery: 10, calm: 7, quiet: [30, 120], remember: 60 }
const LATE_KEEP = 2 ** (-1 / 10)

export function advanceEpisodesPlainly(
  state: State,
  topology: Topology,
  recent: Recent,
  minute: number,
  batch: Batch,
  alarms: readonly Alarm[],
): void {
  const { episodes } = state
  follow(state, topology, minute, batch)
  const fresh = new Map<number, Alarm[]>()
  for (const alarm of alarms) {
    if (isReset(state, alarm)) continue
    const leaves = leavesOf(topology, alarm.row)
    if (alarm.pace === DRIFT && isBadList(episodes, leaves)) continue
    const owner = episodes.find(
      (episode) =>
        episode.recoveredAt === 0 &&
        episode.signal === alarm.signal &&
        (alarm.pace === DRIFT || episode.pace === SUDDEN) &&
        leaves.some((leaf) => episode.leaves.includes(leaf)),
    )
    if (owner) {
      owner.evidence = Math.max(owner.evidence, alarm.over)
      continue
    }
    const key = alarm.signal * 2 + alarm.pace
    fresh.set(key, [...(fresh.get(key) ?? []), alarm])
  }
  for (const [key, list] of fresh) open(state, topology, recent, minute, key >> 1, (key & 1) as Pace, list)
  for (const episode of episodes) {
    const age = minute - episode.opened
    if (episode.recoveredAt > 0 || age === 0 || episode.calm > 0) continue
    if (age <= LIFE.refineFor || age % LIFE.refineEvery === 0) refine(state, topology, recent, minute, episode)
  }
  state.episodes = state.episodes.filter(
    ({ recoveredAt }) => recoveredAt === 0 || minute - recoveredAt <= LIFE.remember,
  )
}

const leavesOf = (topology: Topology, row: number): readonly number[] => topology.leaves[row]!

/** Counts the minute to the episodes and asks whether they are over. */
function follow(state: State, topology: Topology, minute: number, batch: Batch): void {
  const standing = state.episodes.filter(({ recoveredAt }) => recoveredAt === 0)
  if (standing.length === 0) return
  const place = new Map<number, number>()
  for (let b = 0; b < batch.rows.length; b++) place.set(batch.rows[b]!, b)
  const failures = new Map<number, number>()
  for (let i = 0; i < batch.at.length; i++) failures.set(batch.at[i]!, batch.x[i]!)
  for (const episode of standing) {
    let n = 0
    let x = 0
    let e = 0
    for (const row of episode.leaves) {
      const b = place.get(row)
      // Where only failures are told, a minute without any tells as much as one with.
      if (b === undefined && state.columns.untold[row] === 0) continue
      const attempts = b === undefined ? attemptsByRhythm(state, row, minute, 0) : attemptsIn(state, batch, b, minute)
      n += attempts
      if (b !== undefined) x += failures.get(b * S + episode.signal) ?? 0
      e += attempts * state.columns.p0[row * S + episode.signal]!
    }
    if (n === 0) continue
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

/** Receivers slow down and refuse whoever sends to addresses that do not exist: such a drift is the list's. */
function isBadList(episodes: readonly Episode[], leaves: readonly number[]): boolean {
  const lists = episodes.filter(({ signal, recoveredAt }) => signal === LIST && recoveredAt === 0)
  return lists.length > 0 && leaves.every((leaf) => lists.some((list) => list.leaves.includes(leaf)))
}

/** The alarm rests on the evidence of a trouble that was found to be over in this very minute. */
function isReset({ columns }: State, { row, signal, pace }: Alarm): boolean {
  const since = pace === SUDDEN ? columns.suddenSince : columns.driftSince
  return since[row * S + signal] === 0
}

function open(
  state: State,
  topology: Topology,
  recent: Recent,
  minute: number,
  signal: number,
  pace: Pace,
  alarms: readonly Alarm[],
): void {
  const candidates = [...new Set(alarms.flatMap(({ row }) => leavesOf(topology, row)))].sort(byOrder(topology))
  const sources = new Set(candidates.map((row) => topology.slices[row]!.source))
  const earliest = Math.min(...alarms.map((alarm) => alarm.since))
  const since = onset(state, topology, recent, signal, pace, candidates, Math.max(earliest, minute - LOOK_BACK), minute)
  const seeds = new Set<number>()
  const members = gather(state, topology, recent, signal, sources, since, minute)
  const seen = new Map(members.map((member) => [member.row, member]))
  for (const { row } of alarms) {
    const leaves = leavesOf(topology, row)
    if (leaves.length === 1) seeds.add(leaves[0]!)
    else if (!leaves.some((leaf) => seeds.has(leaf))) {
      const worst = [...leaves].sort((a, b) => excess(seen.get(b)) - excess(seen.get(a)) || byOrder(topology)(a, b))[0]
      if (worst !== undefined) seeds.add(worst)
    }
  }
  for (const place of localisePlainly(members, seeds)) {
    const leaves = place.members.map(({ row }) => row)
    if (pace === DRIFT && isBadList(state.episodes, leaves)) continue
    adopt(state, minute, signal, pace, place, since, Math.max(...alarms.map(({ over }) => over)))
  }
}

const excess = (member: Member | undefined): number => (member ? member.x - member.n * member.p0 : -1)

function adopt(
  state: State,
  minute: number,
  signal: number,
  pace: Pace,
  place: Place,
  since: number,
  evidence: number,
): void {
  const leaves = place.members.map(({ row }) => row)
  const overlapping = state.episodes.filter(
    (episode) =>
      episode.recoveredAt === 0 && episode.signal === signal && episode.leaves.some((row) => leaves.includes(row)),
  )
  // What drifts inside a sudden trouble is part of it.
  if (pace === DRIFT && overlapping.some((episode) => episode.pace === SUDDEN)) return
  const first = overlapping.find((episode) => episode.pace === pace)
  if (first) {
    first.leaves = leaves
    first.where = place.where
  } else {
    const x = place.members.reduce((sum, member) => sum + member.x, 0)
    const n = place.members.reduce((sum, member) => sum + member.n, 0)
    const e = place.members.reduce((sum, member) => sum + member.n * member.p0, 0)
    state.episodes.push({
      signal,
      pace,
      since,
      opened: minute,
      leaves,
      where: place.where,
      evidence,
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
  const merged = overlapping.filter((episode) => episode !== first)
  state.episodes = state.episodes.filter((episode) => !merged.includes(episode))
}

function refine(state: State, topology: Topology, recent: Recent, minute: number, episode: Episode): void {
  const sources = new Set(episode.leaves.map((row) => topology.slices[row]!.source))
  const from = Math.max(episode.since, minute - LOOK_BACK)
  const members = gather(state, topology, recent, episode.signal, sources, from, minute)
  const own = members.filter(({ row }) => episode.leaves.includes(row))
  const worst = own.sort((a, b) => excess(b) - excess(a))[0]
  if (!worst || excess(worst) <= 0) return
  const place = localisePlainly(members, new Set([worst.row]))[0]
  if (place) adopt(state, minute, episode.signal, episode.pace, place, episode.since, episode.evidence)
}

/** The counts of the slices of some sources in the minutes `from` to `to`. */
function gather(
  state: State,
  topology: Topology,
  recent: Recent,
  signal: number,
  sources: ReadonlySet<string>,
  from: number,
  to: number,
): Member[] {
  const members = new Map<number, Member>()
  for (const row of ranked(topology).rows) {
    const slice = topology.slices[row]
    if (!slice || !sources.has(slice.source) || state.columns.met[row] !== 1) continue
    members.set(row, { row, slice, x: 0, n: 0, p0: state.columns.p0[row * S + signal]!, minutes: to - from + 1 })
  }
  for (let minute = from; minute <= to; minute++) {
    for (const source of sources) {
      const batch = recent.minutes.get(minute)?.get(source)
      if (!batch) continue
      for (let b = 0; b < batch.rows.length; b++) {
        const member = members.get(batch.rows[b]!)
        if (member) member.n += attemptsIn(state, batch, b, minute)
      }
      for (let i = 0; i < batch.at.length; i++) {
        if (batch.at[i]! % S !== signal) continue
        const member = members.get(batch.rows[Math.floor(batch.at[i]! / S)]!)
        if (member) member.x += batch.x[i]!
      }
    }
  }
  return [...members.values()]
}
