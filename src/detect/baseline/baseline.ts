import { copyColumns } from '../state/columns.ts'
import { BY_PROVIDER, type Topology, WIDTH } from '../state/slice-groups.ts'
import { S, SEASON_FIELDS, type State } from '../state/state.ts'
import { noteHours, settleRestlessness } from './overdispersion.ts'
import { priorOf } from './priors.ts'
import { noteSeason, partOf, seasonOf } from './season.ts'

export const BASELINE = {
  /** An hour's failures count up to so many times the usual, so that trouble does not become usual. */
  winsor: 4,
  /** Of what went before, half is forgotten after so many hours. */
  halfLife: 48,
  /** What is usual elsewhere counts like so many attempts of one's own. */
  prior: 300,
  /** Expected failures at which half of the doubt about a young baseline is gone. */
  doubt: 20,
}

/** Gives the rows that are new since the state was made their first baseline. */
export function initRows(state: State, topology: Topology, rows: number): void {
  if (state.parts < topology.providerGroups) {
    const before = state.parts
    state.parts = Math.ceil(topology.providerGroups * 1.3)
    state.seasons = copyColumns(SEASON_FIELDS, state.seasons, state.parts)
    state.seasons.season.fill(1, before * S)
  }
  for (; state.rows < rows; state.rows++) {
    // The same as later, when it is known and has had no mail: it must not matter when that became known.
    if (topology.kind[state.rows] === -1 || topology.kind[state.rows] === BY_PROVIDER)
      setUsual(state, topology, state.rows)
    else state.columns.p0.set(priorOf(topology.provider[state.rows]!), state.rows * S)
  }
}

/** Closes the hours up to `hour`. A baseline lags one hour, so that young trouble is not in it. */
export function rollHours(state: State, topology: Topology, hour: number): void {
  if (state.hour >= 0) {
    const { columns } = state
    noteHours(state, topology)
    for (let row = 0; row < state.rows; row++) {
      // Two hours empty both buckets; what passes after them only forgets.
      closeHour(state, topology, row, state.hour)
      if (hour - state.hour > 1) closeHour(state, topology, row, state.hour + 1)
      const keep = 2 ** (-Math.max(0, hour - state.hour - 2) / BASELINE.halfLife)
      if (keep === 1) continue
      columns.baseN[row] = columns.baseN[row]! * keep
      for (let at = row * S; at < row * S + S; at++) {
        columns.baseX[at] = columns.baseX[at]! * keep
        columns.namedX[at] = columns.namedX[at]! * keep
      }
    }
  }
  settleRestlessness(state)
  state.hour = hour
  for (let part = 0; part < topology.providerGroups; part++) {
    for (let s = 0; s < S; s++) state.seasons.season[part * S + s] = seasonOf(state, part, hour, s)
  }
  for (let row = 0; row < state.rows; row++) if (topology.kind[row] === BY_PROVIDER) setUsual(state, topology, row)
  for (let row = 0; row < state.rows; row++) if (topology.kind[row] === -1) setUsual(state, topology, row)
}

function closeHour(state: State, topology: Topology, row: number, hour: number): void {
  const { columns } = state
  const mean = columns.hourN[row]! / 60
  const at = row * 24 + (hour % 24)
  if (mean > 0) columns.usual[at] = columns.usual[at] === 0 ? mean : 0.6 * columns.usual[at]! + 0.4 * mean
  const keep = 2 ** (-1 / BASELINE.halfLife)
  const n = columns.prevN[row]!
  columns.baseN[row] = columns.baseN[row]! * keep + n
  const part = partOf(topology, row)
  const isPart = topology.kind[row] === BY_PROVIDER
  const hourN = columns.hourN[row]!
  columns.prevN[row] = hourN
  columns.hourN[row] = 0
  for (let i = row * S; i < row * S + S; i++) {
    const usual = columns.p0[i]! * n
    const most = BASELINE.winsor * usual + 2 * Math.sqrt(usual) + 1
    columns.baseX[i] = columns.baseX[i]! * keep + Math.min(columns.prevX[i]!, most)
    columns.prevX[i] = columns.hourX[i]!
    if (isPart && hourN > 0) {
      const s = i - row * S
      const season = state.seasons.season[part * S + s]!
      noteSeason(state, part, hour, s, columns.hourX[i]!, (columns.p0[i]! / season) * hourN)
    }
    columns.hourX[i] = 0
    columns.hourShare[i] = 0
    columns.namedX[i] = columns.namedX[i]! * keep
  }
}

/** A provider's usual rate leans on what is usual at it anywhere, a slice's on its provider's. */
function setUsual(state: State, topology: Topology, row: number): void {
  const { columns } = state
  const part = partOf(topology, row)
  const group = topology.kind[row] === -1 ? topology.groups[row * WIDTH + BY_PROVIDER]! : -1
  const prior = group < 0 ? priorOf(topology.provider[row]!) : columns.p0.subarray(group * S, group * S + S)
  const n = columns.baseN[row]! + BASELINE.prior
  for (let s = 0; s < S; s++) {
    const season = part < 0 ? 1 : state.seasons.season[part * S + s]!
    const usual = group < 0 ? prior[s]! : prior[s]! / season
    columns.p0[row * S + s] = ((columns.baseX[row * S + s]! + BASELINE.prior * usual) / n) * season
  }
}
