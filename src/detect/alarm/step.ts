import { SIGNALS, type Signal } from '../../smtp/causes.ts'
import { BASELINE, initRows, rollHours } from '../baseline/baseline.ts'
import { findLate } from '../baseline/delayed-deliveries.ts'
import { attemptsByRhythm, rhythmOf } from '../baseline/failures-only.ts'
import { retire } from '../baseline/retire.ts'
import { shareRises } from '../baseline/shared-rise.ts'
import type { Batch } from '../state/batch.ts'
import { copyColumns } from '../state/columns.ts'
import { DRIFT, type Pace, SUDDEN } from '../state/pace.ts'
import { ACROSS_SOURCES, BY_PROVIDER, BY_SOURCE, type Topology, WIDTH } from '../state/slice-groups.ts'
import { classOf, D, K, ROW_FIELDS, S, SIZES, type State } from '../state/state.ts'
import { createSums, type Sums } from '../state/sums.ts'
import type { Budget } from './budget.ts'
import { weighDrift } from './drift.ts'
import { type Minute, weigh } from './sudden.ts'
import { calibrate, noteExcursion, setBars, sizeOf } from './thresholds.ts'

/** A row whose statistic is over its bar by `over` nats. */
export interface Alarm {
  row: number
  signal: number
  pace: Pace
  over: number
  /** The minute in which the excursion began. */
  since: number
}

const VOLUME_KEEP = 2 ** (-1 / 20)
const MINUTES_A_DAY = 1440
/** Nats that a minute gains by replies that name their cause, where none did before. */
const NAMED = 2
// Lists, contents and broken receivers differ from one campaign to the next: creeping up by the hour is their nature.
const DRIFTING: readonly Signal[] = ['throttling', 'blocking', 'authentication']
const PACES = SIGNALS.map((signal): readonly Pace[] => (DRIFTING.includes(signal) ? [SUDDEN, DRIFT] : [SUDDEN]))

export interface Detector {
  /** Takes the next minute into the state and tells which rows are over their bar. */
  step(state: State, minute: number, batch: Batch): Alarm[]
}

export function createDetector(topology: Topology, budget: Budget): Detector {
  let sums = createSums(0)

  function step(state: State, minute: number, batch: Batch): Alarm[] {
    if (state.room < topology.slices.length) {
      state.room = Math.max(64, Math.ceil(topology.slices.length * 1.3))
      state.columns = copyColumns(ROW_FIELDS, state.columns, state.room)
    }
    if (sums.n.length < state.room) sums = createSums(state.room)
    initRows(state, topology, topology.slices.length)
    const hour = Math.floor(minute / 60)
    if (hour !== state.hour && hour % 24 === 0) retire(state, topology, minute)
    meet(state, topology, batch)
    if (hour !== state.hour) {
      if (state.hour < 0) setBars(state, countRows(state, topology), budget)
      else if (hour % 24 === 0) calibrate(state, countRows(state, topology), budget)
      rollHours(state, topology, hour)
    }
    addUp(state, topology, minute, batch, sums)
    findLate(state, topology, minute, sums)
    shareRises(state, topology, minute, sums)
    const alarms: Alarm[] = []
    weighSlices(state, topology, minute, batch, sums, alarms)
    weighGroups(state, topology, minute, sums, alarms)
    for (let i = 0; i < batch.at.length; i++) {
      const row = batch.rows[Math.floor(batch.at[i]! / S)]!
      const at = row * S + (batch.at[i]! % S)
      sums.failed[row] = 0
      sums.own[at] = 0
      sums.named[at] = 0
    }
    return alarms
  }

  return { step }
}

/** Notes the slices that have mail for the first time. */
function meet({ columns }: State, topology: Topology, batch: Batch): void {
  for (const row of batch.rows) {
    if (columns.met[row] === 1) continue
    columns.met[row] = 1
    for (let g = row * WIDTH; g < row * WIDTH + WIDTH; g++) {
      const group = topology.groups[g]!
      if (group >= 0) columns.members[group] = columns.members[group]! + 1
    }
  }
}

function countRows(state: State, topology: Topology): number[] {
  const rows = Array.from({ length: SIZES }, () => 0)
  for (let row = 0; row < state.rows; row++) {
    if (topology.kind[row] === -1 ? state.columns.met[row] === 0 : state.columns.members[row]! < 2) continue
    const size = sizeOf(state.columns.volume[row]!, topology.kind[row]!)
    rows[size] = rows[size]! + 1
  }
  return rows
}

function attemptsOf(state: State, row: number, minute: number, n: number, failures: number): number {
  return Number.isNaN(n) ? attemptsByRhythm(state, row, minute, failures) : n
}

function addUp(state: State, topology: Topology, minute: number, batch: Batch, sums: Sums): void {
  const { p0 } = state.columns
  const { own, named, failed, n: sumN, x: sumX, e: sumE, touched } = sums
  touched.length = 0
  for (let i = 0; i < batch.at.length; i++) {
    const s = batch.at[i]! % S
    const row = batch.rows[Math.floor(batch.at[i]! / S)]!
    const x = batch.x[i]!
    own[row * S + s] = x
    failed[row] = failed[row]! + x
    named[row * S + s] = batch.named[i]!
    for (let g = row * WIDTH; g < row * WIDTH + WIDTH; g++) {
      const group = topology.groups[g]!
      if (group >= 0) sumX[group * S + s] = sumX[group * S + s]! + x
    }
  }
  for (let b = 0; b < batch.rows.length; b++) {
    const row = batch.rows[b]!
    const n = attemptsOf(state, row, minute, batch.n[b]!, failed[row]!)
    for (let g = row * WIDTH; g < row * WIDTH + WIDTH; g++) {
      const group = topology.groups[g]!
      if (group < 0) continue
      if (sumN[group] === 0) touched.push(group)
      sumN[group] = sumN[group]! + n
      for (let s = 0; s < S; s++) sumE[group * S + s] = sumE[group * S + s]! + n * p0[row * S + s]!
    }
  }
}

const now: Minute = { size: 0, x: 0, n: 0, ill: 1, idleN: 0, idleTicks: 0, stray: 1, usual: 0, bonus: 0 }

function weighSlices(
  state: State,
  topology: Topology,
  minute: number,
  batch: Batch,
  sums: Sums,
  alarms: Alarm[],
): void {
  const { p0, hourX } = state.columns
  for (let b = 0; b < batch.rows.length; b++) {
    const row = batch.rows[b]!
    const part = topology.groups[row * WIDTH + BY_PROVIDER]!
    const source = topology.groups[row * WIDTH + BY_SOURCE]!
    const isLate = source >= 0 && sums.late[source] === 1
    const n = batch.n[b]!
    const counted = Number.isNaN(n)
      ? countRhythm(state, row, minute, sums.failed[row]!)
      : countAttempts(state, row, minute, n, isLate)
    for (let s = 0; s < S; s++) {
      const at = row * S + s
      const x = sums.own[at]!
      if (x === 0) continue
      hourX[at] = hourX[at]! + x
      if (isLate) continue
      const share = part < 0 ? 1 : sums.share[part * S + s]!
      now.ill = 1
      weighFailures(state, topology, row, s, minute, x, counted, p0[at]! * share, sums.named[at]!, alarms)
      if (x <= counted * Math.max(3 * p0[at]! * share, 0.015)) continue
      for (let g = row * WIDTH; g < row * WIDTH + WIDTH; g++) {
        const group = topology.groups[g]!
        if (group >= 0) sums.ill[group * S + s] = sums.ill[group * S + s]! + 1
      }
    }
  }
}

function weighGroups(state: State, topology: Topology, minute: number, sums: Sums, alarms: Alarm[]): void {
  const { hourX, hourShare } = state.columns
  for (const row of sums.touched) {
    const source = topology.groups[row * WIDTH + BY_SOURCE]!
    const isLate = source >= 0 && sums.late[source] === 1
    const n = sums.n[row]!
    const counted = countAttempts(state, row, minute, n, isLate)
    const kind = topology.kind[row]
    const shared = kind === BY_PROVIDER ? row : source
    for (let s = 0; s < S; s++) {
      const at = row * S + s
      const x = sums.x[at]!
      if (kind === BY_PROVIDER) hourShare[at] = hourShare[at]! + n * sums.share[at]!
      if (x > 0) {
        hourX[at] = hourX[at]! + x
        if (state.columns.members[row]! > 1 && !isLate) {
          // What is expected across sources already has each source's rise in it.
          const share = shared < 0 || kind === ACROSS_SOURCES ? 1 : sums.share[shared * S + s]!
          // Slices of one provider share its moods, so several of them say no more than one.
          now.ill = kind === BY_PROVIDER || kind === ACROSS_SOURCES ? 1 : Math.min(3, Math.max(1, sums.ill[at]!))
          weighFailures(state, topology, row, s, minute, x, counted, (sums.e[at]! / n) * share, 0, alarms)
        }
      }
      sums.x[at] = 0
      sums.ill[at] = 0
      sums.e[at] = 0
    }
    sums.n[row] = 0
  }
}

/** Counts the row's attempts, and says as how many they are weighed: too few for this hour are probably not all. */
function countAttempts({ columns }: State, row: number, minute: number, n: number, isLate: boolean): number {
  const usual = Math.max(columns.usual[row * 24 + (Math.floor(minute / 60) % 24)]!, columns.volume[row]!)
  const counted = Math.max(n, 0.5 * usual)
  // A volume that has not come yet is hardly forgotten; one that does not come at all is, in the end.
  const forget = isLate ? 1 / 3 : 1
  const keep = VOLUME_KEEP ** (forget * Math.min(minute - columns.seen[row]!, MINUTES_A_DAY))
  columns.volume[row] = columns.volume[row]! * keep + n * (1 - VOLUME_KEEP)
  columns.seen[row] = minute
  columns.hourN[row] = columns.hourN[row]! + n
  columns.ticks[row] = columns.ticks[row]! + 1
  columns.total[row] = columns.total[row]! + counted
  return counted
}

/** The same where attempts are not told: minutes of which nothing was told went by without failures. */
function countRhythm(state: State, row: number, minute: number, failures: number): number {
  const { columns } = state
  const counted = attemptsByRhythm(state, row, minute, failures)
  const passed = columns.ticks[row] === 0 ? 1 : Math.min(minute - columns.seen[row]!, MINUTES_A_DAY)
  const keep = VOLUME_KEEP ** passed
  columns.untold[row] = 1
  columns.volume[row] = columns.volume[row]! * keep + rhythmOf(failures) * (1 - VOLUME_KEEP)
  columns.seen[row] = minute
  columns.hourN[row] = columns.hourN[row]! + rhythmOf(failures)
  columns.ticks[row] = columns.ticks[row]! + passed
  columns.total[row] = columns.total[row]! + counted * passed
  return counted
}

function weighFailures(
  state: State,
  topology: Topology,
  row: number,
  s: number,
  minute: number,
  x: number,
  n: number,
  usual: number,
  named: number,
  alarms: Alarm[],
): void {
  const { columns } = state
  const at = row * S + s
  const expected = columns.baseN[row]! * columns.p0[at]!
  now.x = x
  now.n = Math.max(n, x)
  now.idleTicks = columns.ticks[row]! - columns.ticksAt[at]! - 1
  now.idleN = columns.total[row]! - columns.totalAt[at]! - n
  // A young baseline may be wrong by a factor of two.
  now.usual = usual * (1 + BASELINE.doubt / (BASELINE.doubt + expected))
  now.bonus = named === 0 ? 0 : bonusOf(columns.baseN[row]!, columns.namedX[at]!)
  columns.namedX[at] = columns.namedX[at]! + named
  now.stray = state.stray[s]!
  columns.ticksAt[at] = columns.ticks[row]!
  columns.totalAt[at] = columns.total[row]!
  const size = sizeOf(columns.volume[row]!, topology.kind[row]!)
  now.size = size
  for (const pace of PACES[s]!) {
    const since = pace === SUDDEN ? columns.suddenSince : columns.driftSince
    const peak = pace === SUDDEN ? columns.suddenPeak : columns.driftPeak
    const { stat, fresh } =
      pace === SUDDEN ? weigh(columns.sudden, at * K, now) : weighDrift(columns.drift, columns.flow, at * D, now)
    const bar = state.bars[classOf(pace, s, size)]!
    if (fresh || since[at] === 0) {
      noteExcursion(state, pace, s, size, peak[at]!)
      since[at] = minute
      peak[at] = 0
    }
    if (stat > peak[at]!) peak[at] = stat
    if (stat >= bar) alarms.push({ row, signal: s, pace, over: stat - bar, since: since[at]! })
  }
}

/** A reply that names its cause tells more than its code, but only where such replies are known to be rare. */
const bonusOf = (attempts: number, named: number): number =>
  (NAMED * (attempts / (attempts + BASELINE.prior))) / (1 + named)
