import { ACROSS_SOURCES, BY_PROVIDER, BY_SOURCE, type Topology, WIDTH } from '../state/slice-groups.ts'
import { LIST, S, type State } from '../state/state.ts'
import type { Sums } from '../state/sums.ts'
import { noteFast } from './shared-rise.ts'

/** A minute of which so much fails may lack its deliveries. */
const FAILING = 0.4

/**
 * A source whose minute has failures but hardly a delivery: its deliveries are still to come. Such a minute tells nothing
 * yet; when they come it is weighed anew. It has little mail for its time, or bad addresses fail as often as the rest, in itself or of late.
 */
export function findLate({ columns }: State, topology: Topology, minute: number, sums: Sums): void {
  const { n, x, e, touched, late } = sums
  const { fastX, fastE, fastN, volume } = columns
  for (const row of touched) {
    if (topology.kind[row] !== BY_SOURCE) continue
    fastN[row] = fastN[row]! * noteFast(columns, row, minute, sums) + n[row]!
    let failed = 0
    for (let i = row * S; i < row * S + S; i++) failed += x[i]!
    const isFailing = failed > FAILING * n[row]!
    const isSmall = n[row]! < 0.3 * volume[row]!
    late[row] = isFailing && (isSmall || isMixed(row, n[row]!, x, e) || isMixed(row, fastN[row]!, fastX, fastE)) ? 1 : 0
  }
  takeOut(topology, sums)
}

/**
 * Most fails, and bad addresses among it: they are as many as ever, whatever goes wrong, so where they seem to be many
 * times as many it is the deliveries that are missing. Where nothing else is more than usual it is the list.
 */
function isMixed(row: number, n: number, x: ArrayLike<number>, e: ArrayLike<number>): boolean {
  let failed = 0
  let expected = 0
  for (let i = row * S; i < row * S + S; i++) {
    failed += x[i]!
    expected += e[i]!
  }
  const list = row * S + LIST
  const isRisen = (count: number, usual: number) => count > 3 * usual + 1
  return failed > FAILING * n && isRisen(x[list]!, e[list]!) && isRisen(failed - x[list]!, expected - e[list]!)
}

/** What is late at one source must not look like failures without deliveries of a provider across sources. */
function takeOut(topology: Topology, { n, x, e, touched, late }: Sums): void {
  for (const row of touched) {
    const across = topology.groups[row * WIDTH + ACROSS_SOURCES]!
    if (topology.kind[row] !== BY_PROVIDER || across < 0 || late[topology.groups[row * WIDTH + BY_SOURCE]!] !== 1)
      continue
    n[across] = n[across]! - n[row]!
    for (let s = 0; s < S; s++) {
      x[across * S + s] = x[across * S + s]! - x[row * S + s]!
      e[across * S + s] = e[across * S + s]! - e[row * S + s]!
    }
  }
}
