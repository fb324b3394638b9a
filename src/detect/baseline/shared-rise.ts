import { ACROSS_SOURCES, BY_PROVIDER, BY_SOURCE, type Topology, WIDTH } from '../state/slice-groups.ts'
import { S, type State } from '../state/state.ts'
import type { Sums } from '../state/sums.ts'

const FAST_KEEP = 2 ** (-1 / 15)
/** What the others' rise may excuse at most. */
const MOST_SHARED = 4
/** From so many on, the others are judged without the worst of them: one that is in trouble excuses nobody. */
const MANY = 4

/**
 * How far the others are above their usual: a rise that is common to all is not one's own. A source's other providers tell
 * what its campaign does, a provider's other sources what the receiver's mood does.
 */
export function shareRises({ columns }: State, topology: Topology, minute: number, sums: Sums): void {
  const { e, share, mood, late, touched } = sums
  const across = new Map<number, number[]>()
  for (const row of touched) {
    // What is late tells of nobody's rise yet.
    if (topology.kind[row] !== BY_PROVIDER || late[topology.groups[row * WIDTH + BY_SOURCE]!] === 1) continue
    noteFast(columns, row, minute, sums)
    const provider = topology.groups[row * WIDTH + ACROSS_SOURCES]!
    if (provider < 0) continue
    const parts = across.get(provider)
    if (parts) parts.push(row)
    else across.set(provider, [row])
  }
  for (const row of touched) {
    if (topology.kind[row] !== BY_SOURCE) continue
    const parts = topology.parts.get(row) ?? []
    for (let s = 0; s < S; s++) {
      share[row * S + s] = compare(columns, parts, s, null, share)
    }
  }
  for (const [provider, parts] of across) {
    for (let s = 0; s < S; s++) {
      compare(columns, parts, s, share, mood)
      for (const part of parts) {
        const at = part * S + s
        e[provider * S + s] = e[provider * S + s]! + e[at]! * (share[at]! - 1)
        share[at] = share[at]! * mood[at]!
      }
    }
  }
}

/** Adds the minute to a group's failures of late, which fade; answers with what is left of what was. */
export function noteFast(columns: State['columns'], row: number, minute: number, { x, e }: Sums): number {
  const { fastX, fastE, seen } = columns
  const keep = FAST_KEEP ** Math.min(minute - seen[row]!, 600)
  for (let i = row * S; i < row * S + S; i++) {
    fastX[i] = fastX[i]! * keep + x[i]!
    fastE[i] = fastE[i]! * keep + e[i]!
  }
  return keep
}

/**
 * Writes into `rise` how far the others among `parts` are above what is expected of them, times what `excused` already
 * says of each. Answers with the rise of all of them.
 */
function compare(
  { fastX, fastE }: State['columns'],
  parts: readonly number[],
  s: number,
  excused: Float32Array | null,
  rise: Float32Array,
): number {
  const expectedOf = (part: number) => fastE[part * S + s]! * (excused ? excused[part * S + s]! : 1)
  const failedOf = (part: number, expected: number) => Math.min(fastX[part * S + s]!, 6 * expected + 2)
  let allX = 0
  let allE = 0
  let worst = -1
  let second = -1
  let worstBy = 0
  let secondBy = 0
  for (const part of parts) {
    const expected = expectedOf(part)
    const failed = failedOf(part, expected)
    const by = failed - expected
    allX += failed
    allE += expected
    if (by > worstBy) {
      second = worst
      secondBy = worstBy
      worst = part
      worstBy = by
    } else if (by > secondBy) {
      second = part
      secondBy = by
    }
  }
  for (const part of parts) {
    const own = expectedOf(part)
    let x = allX - failedOf(part, own)
    let e = allE - own
    const out = part === worst ? second : worst
    if (out >= 0 && parts.length >= MANY) {
      const expected = expectedOf(out)
      x -= failedOf(out, expected)
      e -= expected
    }
    rise[part * S + s] = ratio(x, e)
  }
  return ratio(allX, allE)
}

const ratio = (x: number, e: number): number => Math.min(MOST_SHARED, Math.max(1, (x + 2) / (e + 2)))
