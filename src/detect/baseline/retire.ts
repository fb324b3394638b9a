import { BY_PROVIDER, type Topology, WIDTH } from '../state/slice-groups.ts'
import { ROW_FIELDS, S, SEASON_FIELDS, type State } from '../state/state.ts'
import { priorOf } from './priors.ts'

/** Minutes without mail after which a slice is as if it had never been: campaigns end, and IPs are given back. */
const IDLE = 28 * 1440

/** Takes out of use what had no mail for so long, and the groups that it leaves empty. What is in trouble stays. */
export function retire(state: State, topology: Topology, minute: number): void {
  const { met, members, seen } = state.columns
  const standing = new Set(state.episodes.flatMap(({ leaves }) => leaves))
  for (let row = 0; row < state.rows; row++) {
    if (met[row] === 0 || minute - seen[row]! < IDLE || standing.has(row)) continue
    clear(state, topology, row)
    for (const group of topology.groups.slice(row * WIDTH, row * WIDTH + WIDTH)) {
      if (group < 0) continue
      members[group] = members[group]! - 1
      if (members[group] === 0) clear(state, topology, group)
    }
  }
}

function clear({ columns, seasons }: State, topology: Topology, row: number): void {
  for (const [name, { width }] of Object.entries(ROW_FIELDS)) {
    columns[name as keyof typeof ROW_FIELDS].fill(0, row * width, row * width + width)
  }
  columns.p0.set(priorOf(topology.provider[row]!), row * S)
  if (topology.kind[row] !== BY_PROVIDER) return
  const part = topology.ordinal[row]!
  for (const [name, { width }] of Object.entries(SEASON_FIELDS)) {
    seasons[name as keyof typeof SEASON_FIELDS].fill(name === 'season' ? 1 : 0, part * width, part * width + width)
  }
}
