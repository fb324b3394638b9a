import { attemptsByRhythm } from '../baseline/failures-only.ts'
import type { Recent } from '../state/minute-buffer.ts'
import type { Topology } from '../state/slice-groups.ts'
import { S, type State } from '../state/state.ts'
import { createTally, HOURS, moveTo, type Tally } from '../state/tallies.ts'
import type { Sample } from './localise.ts'
import { joinRosters, rosterOf } from './roster.ts'

/** The failures of one signal in the minutes `from` to `to`, looked back at for a trouble that began at `since`. */
export interface Period {
  signal: number
  since: number
  from: number
  to: number
}

const createSampleColumns = (size: number) => ({
  x: new Float64Array(size),
  n: new Float64Array(size),
  p0: new Float64Array(size),
  gone: new Uint8Array(size),
})
/** Made once and used again each time, since many troubles are gone through in a minute. */
let columns = createSampleColumns(0)

/** The counts of the slices of some sources; good until the next are gathered. */
export function gather(
  state: State,
  topology: Topology,
  recent: Recent,
  sources: ReadonlySet<string>,
  period: Period,
): Sample {
  // Sorted, so that the slices stand in the order of the topology.
  const names = [...sources].sort()
  const rosters = names.map((source) => rosterOf(topology, source))
  const roster = joinRosters(rosters)
  const size = roster.rows.length
  const { signal, from, to } = period
  if (columns.x.length < size) columns = createSampleColumns(Math.ceil(size * 1.3))
  const { x, n, p0, gone } = columns
  let at = 0
  for (const [k, { rows, places }] of rosters.entries()) {
    const tally = tallyOf(topology, recent, names[k]!, period)
    for (let i = 0; i < rows.length; i++, at++) {
      const row = rows[i]!
      x[at] = tally.x[places[i]!]!
      n[at] = tally.untold ? attemptsIn(tally, state, row, places[i]!) : tally.n[places[i]!]!
      p0[at] = state.columns.p0[row * S + signal]!
      gone[at] = 1 - state.columns.met[row]!
    }
  }
  return { roster, size, x, n, p0, gone, minutes: to - from + 1 }
}

function tallyOf(topology: Topology, { minutes, tallies }: Recent, source: string, period: Period): Tally {
  const { signal, since, from, to } = period
  const key = `${signal} ${since} ${source}`
  let tally = tallies.get(key)
  if (!tally || tally.from > from || tally.to > to) {
    tally = createTally(source, signal, from, topology.sources.get(source)?.rows.length ?? 0)
    tallies.set(key, tally)
  }
  moveTo(tally, topology, from, to, (name, minute) => minutes.get(minute)?.get(name))
  return tally
}

/** The attempts of a slice within the window, by its rhythm of now where they are not told. */
function attemptsIn(tally: Tally, state: State, row: number, place: number): number {
  const { untold, n, to } = tally
  let sum = n[place]!
  if (!untold) return sum
  const last = Math.floor(to / 60)
  for (let hour = last; hour > last - HOURS; hour--) {
    const minutes = untold[place * HOURS + (hour % HOURS)]!
    if (minutes > 0) sum += minutes * attemptsByRhythm(state, row, hour * 60, 0)
  }
  return sum
}
