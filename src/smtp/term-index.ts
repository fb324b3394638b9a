import type { Compiled, Pattern } from './compile.ts'

/** Patterns that tell who speaks or what is named are early; those that tell the cause are late, and many. */
export const EARLY = 0
export const LATE = 1

/**
 * For each term (a word or a collocation), behind `from[term]` in `index`: how many symbols it is in, filled up to a
 * multiple of four, how long its early and its late patterns are, and then all these. A pattern stands under its rarest
 * symbol, as its number and its next two symbols by rarity (the rarest again, if there are no others).
 */
export interface TermIndex {
  from: Int32Array
  index: Int32Array
  /** How many patterns of a part a term has at the most. */
  most: number
}
const HEAD = 3

export function createTermIndex(
  { patterns, rows, commonest, symbols }: Compiled,
  partOf: (pattern: Pattern) => typeof EARLY | typeof LATE,
): TermIndex {
  const bySymbol = [EARLY, LATE].map(() => new Map<number, number[]>())
  patterns.forEach((pattern, number) => {
    const [rarest, second = rarest, third = rarest] = pattern.needed
    const part = bySymbol[partOf(pattern)]!
    const bucket = part.get(rarest!)
    if (bucket) bucket.push(number, second!, third!)
    else part.set(rarest!, [number, second!, third!])
  })
  let most = 0
  const lists = rows.map((row) => {
    const [early, late] = bySymbol.map((part) => row.flatMap((symbol) => part.get(symbol) ?? []))
    most = Math.max(most, early!.length / 3, late!.length / 3)
    // Four at a time are marked; the number behind the last symbol is none.
    const full = [...row, ...Array.from({ length: -row.length & 3 }, () => symbols)]
    return [full.length, early!.length, late!.length, ...full, ...early!, ...late!]
  })
  // What is met most stands side by side in memory.
  const [from, index] = flat(lists, commonest)
  return { from, index, most }
}

/** Lists of numbers as one: where each begins, and all of them, in the given order. */
export function flat(
  lists: readonly ArrayLike<number>[],
  order: readonly number[] = lists.map((_, i) => i),
): [Int32Array, Int32Array] {
  const from = new Int32Array(lists.length + 1)
  const all = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0))
  let end = 0
  for (const i of order) {
    from[i] = end
    all.set(lists[i]!, end)
    end += lists[i]!.length
  }
  from[lists.length] = end
  return [from, all]
}

/** Notes where each symbol occurs, a bit for each place. `places` has one number more than there are symbols. */
export function mark(words: Int32Array, length: number, { from, index }: TermIndex, places: Int32Array): void {
  for (let i = 0; i < length; i++) {
    const start = from[words[i]!]!
    const last = start + HEAD + index[start]!
    // Which symbols a text holds is beyond a processor's guess: there is no branch on them here.
    const bit = 1 << i
    for (let at = start + HEAD; at < last; at += 4) {
      places[index[at]!]! |= bit
      places[index[at + 1]!]! |= bit
      places[index[at + 2]!]! |= bit
      places[index[at + 3]!]! |= bit
    }
  }
}

/** Writes the patterns of that part whose three rarest symbols occur into `likely`; returns how many. */
export function collect(
  part: typeof EARLY | typeof LATE,
  terms: Int32Array,
  count: number,
  { from, index }: TermIndex,
  places: Int32Array,
  likely: Int32Array,
): number {
  let found = 0
  for (let i = 0; i < count; i++) {
    const start = from[terms[i]!]!
    const first = start + HEAD + index[start]! + (part === LATE ? index[start + 1]! : 0)
    const last = first + index[start + 1 + part]!
    for (let at = first; at < last; at += 3) {
      likely[found] = index[at]!
      const second = places[index[at + 1]!]!
      const third = places[index[at + 2]!]!
      // 1 where neither is 0.
      found += ((second | -second) & (third | -third)) >>> 31
    }
  }
  return found
}
