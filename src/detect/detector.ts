import { copyColumns } from './columns.ts'
import { priorOf } from './priors.ts'
import type { Batch } from './recent.ts'
import { D, GRID, K, ROW_FIELDS, S, SLOW, type State } from './state.ts'
import { BY_PROVIDER, BY_SOURCE, type Topology, WIDTH } from './topology.ts'

export const TUNING = {
  factor: 3,
  floor: 0.015,
  cap: 0.4,
  clip: 4,
  shareCap: 4,
  slowFactor: 2,
  slowFloor: 0.01,
  slowClip: 0.7,
  winsor: 2.5,
  halfLifeHours: 48,
  priorWeight: 300,
  bar: 10,
  slowBar: 10,
}

const LOG_GRID = GRID.map(Math.log)
const LOG_REST = GRID.map((p) => Math.log1p(-p))
const VOLUME_KEEP = 2 ** (-1 / 20)
const FAST_KEEP = 2 ** (-1 / 15)
const R_MAX = 1e17

/** A row whose statistic is over its bar by `over` nats. */
export interface Alarm {
  row: number
  signal: number
  over: number
  slow: boolean
  since: number
}

interface Scratch {
  own: Float32Array
  n: Float64Array
  x: Float64Array
  e: Float64Array
  share: Float32Array
  touched: number[]
}

export function createDetector(topology: Topology) {
  let scratch: Scratch = {
    own: new Float32Array(0),
    n: new Float64Array(0),
    x: new Float64Array(0),
    e: new Float64Array(0),
    share: new Float32Array(0),
    touched: [],
  }

  function makeRoom(state: State) {
    const rows = topology.slices.length
    if (state.room < rows) {
      state.room = Math.max(64, Math.ceil(rows * 1.3))
      state.columns = copyColumns(ROW_FIELDS, state.columns, state.room)
    }
    for (; state.rows < rows; state.rows++) initRow(state, state.rows)
    if (scratch.n.length < state.room) {
      const room = state.room
      scratch = {
        own: new Float32Array(room * S),
        n: new Float64Array(room),
        x: new Float64Array(room * S),
        e: new Float64Array(room * S),
        share: new Float32Array(room * S),
        touched: [],
      }
    }
  }
  function initRow(state: State, row: number) {
    const group = topology.kind[row] === -1 ? topology.groups[row * WIDTH + BY_PROVIDER]! : -1
    const prior = group < 0 ? priorOf(topology.provider[row]!) : state.columns.p0.subarray(group * S, group * S + S)
    state.columns.p0.set(prior, row * S)
  }

  function rollHour(state: State, hour: number) {
    const { columns } = state
    const steps = state.hour < 0 ? 0 : Math.min(hour - state.hour, 24 * 60)
    const rows = topology.slices.length
    for (let step = 0; step < steps; step++) {
      const h = (state.hour + step) % 24
      const first = step < 2
      const keep = 2 ** (-1 / TUNING.halfLifeHours)
      if (!first) break
      for (let row = 0; row < rows; row++) {
        const mean = columns.hourN[row]! / 60
        const at = row * 24 + h
        if (mean > 0) columns.usual[at] = columns.usual[at] === 0 ? mean : columns.usual[at]! * 0.6 + mean * 0.4
        const n = columns.prevN[row]!
        if (n > 0 || columns.baseN[row]! > 0) {
          columns.baseN[row] = columns.baseN[row]! * keep + n
          for (let i = row * S; i < row * S + S; i++) {
            const usual = columns.p0[i]! * n
            const x = Math.min(columns.prevX[i]!, TUNING.winsor * usual + 2 * Math.sqrt(usual) + 1)
            columns.baseX[i] = columns.baseX[i]! * keep + x
            columns.prevX[i] = columns.hourX[i]!
            columns.hourX[i] = 0
          }
        } else {
          for (let i = row * S; i < row * S + S; i++) {
            columns.prevX[i] = columns.hourX[i]!
            columns.hourX[i] = 0
          }
        }
        columns.prevN[row] = columns.hourN[row]!
        columns.hourN[row] = 0
      }
    }
    state.hour = hour
    for (const wanted of [BY_PROVIDER, -1]) {
      for (let row = 0; row < rows; row++) {
        if (topology.kind[row] !== wanted) continue
        const group = wanted === -1 ? topology.groups[row * WIDTH + BY_PROVIDER]! : -1
        const prior = group < 0 ? priorOf(topology.provider[row]!) : null
        const n = columns.baseN[row]! + TUNING.priorWeight
        for (let s = 0; s < S; s++) {
          const usual = prior ? prior[s]! : columns.p0[group * S + s]!
          columns.p0[row * S + s] = (columns.baseX[row * S + s]! + TUNING.priorWeight * usual) / n
        }
      }
    }
  }

  function scatter(state: State, batch: Batch) {
    const { columns } = state
    const { own, n: gn, x: gx, e: ge, touched } = scratch
    touched.length = 0
    for (let i = 0; i < batch.at.length; i++) own[batch.at[i]!] = batch.x[i]!
    for (let b = 0; b < batch.rows.length; b++) {
      const row = batch.rows[b]!
      const n = batch.n[b]!
      for (let w = 0; w < WIDTH; w++) {
        const group = topology.groups[row * WIDTH + w]!
        if (group < 0) continue
        if (gn[group] === 0) touched.push(group)
        gn[group] = gn[group]! + n
        for (let s = 0; s < S; s++) {
          const x = own[b * S + s]!
          const g = group * S + s
          if (x > 0) gx[g] = gx[g]! + x
          ge[g] = ge[g]! + n * columns.p0[row * S + s]!
        }
      }
    }
  }

  /** How far the other providers of a source are above their usual: share of a rise that is common to all. */
  function shares(state: State, minute: number) {
    const { columns } = state
    const { x: gx, e: ge, share, touched } = scratch
    for (const row of touched) {
      if (topology.kind[row] !== BY_PROVIDER) continue
      const keep = FAST_KEEP ** Math.min(minute - columns.seen[row]!, 600)
      for (let i = row * S; i < row * S + S; i++) {
        columns.fastX[i] = columns.fastX[i]! * keep + gx[i]!
        columns.fastE[i] = columns.fastE[i]! * keep + ge[i]!
      }
    }
    for (const row of touched) {
      if (topology.kind[row] !== BY_SOURCE) continue
      const parts = topology.parts.get(row) ?? []
      for (let s = 0; s < S; s++) {
        let allX = 0
        let allE = 0
        for (const part of parts) {
          const e = columns.fastE[part * S + s]!
          allX += Math.min(columns.fastX[part * S + s]!, 6 * e + 2)
          allE += e
        }
        share[row * S + s] = Math.min(TUNING.shareCap, Math.max(1, (allX + 2) / (allE + 2)))
        for (const part of parts) {
          const e = columns.fastE[part * S + s]!
          const x = Math.min(columns.fastX[part * S + s]!, 6 * e + 2)
          share[part * S + s] = Math.min(TUNING.shareCap, Math.max(1, (allX - x + 2) / (allE - e + 2)))
        }
      }
    }
  }

  function evidence(
    state: State,
    row: number,
    s: number,
    x: number,
    n: number,
    p0: number,
    share: number,
    minute: number,
  ) {
    const { columns } = state
    const at = row * S + s
    const { r } = columns
    const base = at * K
    let hot = columns.since[at]! > 0
    if (x > 0 || hot) {
      const q = Math.min(TUNING.cap, Math.max(TUNING.factor * p0 * share, TUNING.floor))
      const a = Math.log(q)
      const b = Math.log1p(-q)
      const least = 2 * q
      if (!hot) {
        columns.since[at] = minute
        columns.peak[at] = 0
        hot = true
      }
      let sum = 0
      let top = 0
      for (let k = 0; k < K; k++) {
        let l: number
        if (GRID[k]! >= least) l = x * (LOG_GRID[k]! - a) + (n - x) * (LOG_REST[k]! - b)
        else l = x * (Math.log(least) - a) + (n - x) * (Math.log1p(-least) - b)
        if (l > TUNING.clip) l = TUNING.clip
        let v = (1 + r[base + k]!) * Math.exp(l)
        if (v > R_MAX) v = R_MAX
        r[base + k] = v
        sum += v
        if (v > top) top = v
      }
      if (top < 1) {
        // cold again
        for (let k = 0; k < K; k++) r[base + k] = 0
        onEnd?.(row, s, columns.peak[at]!, false)
        columns.since[at] = 0
      } else if (sum > K * 2.7) {
        const stat = Math.log(sum / K)
        if (stat > columns.peak[at]!) columns.peak[at] = stat
        const over = stat - bar(row, s, false)
        if (over >= 0) alarms.push({ row, signal: s, over, slow: false, since: columns.since[at]! })
      }
    }
    const sb = at * D
    hot = columns.slowSince[at]! > 0
    if (x > 0 || hot) {
      const q = Math.min(TUNING.cap, Math.max(TUNING.slowFactor * p0 * share, TUNING.slowFloor))
      const a = Math.log(q)
      const b = Math.log1p(-q)
      if (!hot) {
        columns.slowSince[at] = minute
        columns.slowPeak[at] = 0
        hot = true
      }
      let sum = 0
      let top = 0
      for (let k = 0; k < D; k++) {
        const p = Math.min(0.95, q * SLOW[k]!)
        let l = x * (Math.log(p) - a) + (n - x) * (Math.log1p(-p) - b)
        if (l > TUNING.slowClip) l = TUNING.slowClip
        let v = (1 + columns.slow[sb + k]!) * Math.exp(l)
        if (v > R_MAX) v = R_MAX
        columns.slow[sb + k] = v
        sum += v
        if (v > top) top = v
      }
      if (top < 1) {
        for (let k = 0; k < D; k++) columns.slow[sb + k] = 0
        onEnd?.(row, s, columns.slowPeak[at]!, true)
        columns.slowSince[at] = 0
      } else if (sum > D * 2.7) {
        const stat = Math.log(sum / D)
        if (stat > columns.slowPeak[at]!) columns.slowPeak[at] = stat
        const over = stat - bar(row, s, true)
        if (over >= 0) alarms.push({ row, signal: s, over, slow: true, since: columns.slowSince[at]! })
      }
    }
  }
  const bar = (_row: number, _s: number, slow: boolean) => (slow ? TUNING.slowBar : TUNING.bar)
  let alarms: Alarm[] = []
  let onEnd: ((row: number, s: number, peak: number, slow: boolean) => void) | null = null

  function step(state: State, minute: number, batch: Batch, ended?: typeof onEnd): Alarm[] {
    alarms = []
    onEnd = ended ?? null
    makeRoom(state)
    const hour = Math.floor(minute / 60)
    if (hour !== state.hour) rollHour(state, hour)
    const { columns } = state
    scatter(state, batch)
    shares(state, minute)
    const { own, n: gn, x: gx, e: ge, share, touched } = scratch
    const h = hour % 24
    const update = (row: number, n: number, incomplete: boolean) => {
      const gap = Math.min(minute - columns.seen[row]!, 240)
      const keep = VOLUME_KEEP ** gap
      if (!incomplete) columns.volume[row] = columns.volume[row]! * keep + n * (1 - VOLUME_KEEP)
      columns.seen[row] = minute
      columns.hourN[row] = columns.hourN[row]! + n
    }
    const effective = (row: number, n: number, incomplete: boolean) => {
      const usual = Math.max(columns.usual[row * 24 + h]!, columns.volume[row]!)
      return Math.max(n, (incomplete ? 1 : 0.5) * usual)
    }
    // A source whose minute has failures but hardly a delivery: its deliveries are still to come.
    const incomplete = new Map<number, boolean>()
    for (const row of touched) {
      if (topology.kind[row] !== BY_SOURCE) continue
      let failed = 0
      for (let s = 0; s < S; s++) failed += gx[row * S + s]!
      incomplete.set(row, gn[row]! < 0.3 * columns.volume[row]! && failed > 0.4 * gn[row]!)
    }
    for (let b = 0; b < batch.rows.length; b++) {
      const row = batch.rows[b]!
      const part = topology.groups[row * WIDTH + BY_PROVIDER]!
      const lacks = incomplete.get(topology.groups[row * WIDTH + BY_SOURCE]!) === true
      const n = batch.n[b]!
      const ne = effective(row, n, lacks)
      for (let s = 0; s < S; s++) {
        const x = own[b * S + s]!
        const at = row * S + s
        evidence(state, row, s, x, ne, columns.p0[at]!, part < 0 ? 1 : share[part * S + s]!, minute)
        if (x > 0) columns.hourX[at] = columns.hourX[at]! + x
      }
      update(row, n, lacks)
    }
    for (const row of touched) {
      const n = gn[row]!
      const source = topology.groups[row * WIDTH + BY_SOURCE]!
      const lacks = source >= 0 && incomplete.get(source) === true
      if (topology.members[row]! > 1) {
        const ne = effective(row, n, lacks)
        const shareRow = topology.kind[row] === BY_PROVIDER ? row : source
        for (let s = 0; s < S; s++) {
          const at = row * S + s
          evidence(state, row, s, gx[at]!, ne, ge[at]! / n, shareRow < 0 ? 1 : share[shareRow * S + s]!, minute)
        }
      }
      for (let i = row * S; i < row * S + S; i++) {
        columns.hourX[i] = columns.hourX[i]! + gx[i]!
        gx[i] = 0
        ge[i] = 0
      }
      update(row, n, lacks)
      gn[row] = 0
    }
    for (let i = 0; i < batch.at.length; i++) own[batch.at[i]!] = 0
    return alarms
  }
  return { step }
}
