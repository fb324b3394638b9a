import type { Compiled, Pattern } from './compile.ts'
import { flat, type Numbers } from './packed-lists.ts'

/** Patterns that tell who speaks or what is named are early; those that tell the cause are late, and many. */
export const EARLY = 0
export const LATE = 1
type Part = typeof EARLY | typeof LATE

/**
 * For each term (a word or a collocation), behind `from[term]` in `index`: how many symbols it is in, filled up to a
 * multiple of four, how long its early and its late patterns are, how it begins a collocation and how it follows in one,
 * and then the symbols and the patterns. A pattern stands under its rarest symbol, as its number and its next two symbols
 * by rarity (the rarest again, if there are no others).
 */
export interface TermIndex {
  from: Int32Array
  index: Numbers
  /** How many patterns of a part a term has at the most. */
  most: number
}
const OPENING = 3
const FOLLOWING = 4
const HEAD = 5

export function createTermIndex(
  { patterns, rows, commonest, symbols, collocations }: Compiled,
  partOf: (pattern: Pattern) => Part,
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
  const lists = rows.map((row, term) => {
    const [early, late] = bySymbol.map((part) => row.flatMap((symbol) => part.get(symbol) ?? []))
    most = Math.max(most, early!.length / 3, late!.length / 3)
    // Four at a time are marked; the number behind the last symbol is none.
    const full = [...row, ...Array.from({ length: -row.length & 3 }, () => symbols)]
    const pair = [collocations.opening[term] ?? 0, collocations.following[term] ?? 0]
    return [full.length, early!.length, late!.length, ...pair, ...full, ...early!, ...late!]
  })
  // What is met most stands side by side in memory.
  const [from, index] = flat(lists, commonest)
  return { from, index, most }
}

/** Where the terms of the text that is being read begin in the index, and which of them need a closer look. */
export interface Reading {
  starts: Int32Array
  count: number
  /** Those that have early patterns: few do. */
  early: Int32Array
  earlies: number
  /** The words, by their places, with which a collocation may begin. */
  pairs: Int32Array
  paired: number
}

/** For a text of so many terms, and one place more: what does not count is written there too. */
export function createReading(terms: number): Reading {
  const places = () => new Int32Array(terms + 1)
  return { starts: places(), count: 0, early: places(), earlies: 0, pairs: places(), paired: 0 }
}

/** Looks up words and notes where each symbol occurs, a bit for each place. `places` has one more than there are symbols. */
export function mark(
  words: Int32Array,
  length: number,
  { from, index }: TermIndex,
  places: Int32Array,
  reading: Reading,
): void {
  const { starts, early, pairs } = reading
  let earlies = 0
  let paired = 0
  let opening = 0
  for (let i = 0; i < length; i++) {
    const start = from[words[i]!]!
    // What a text holds is beyond a processor's guess: it is written always, kept where it counts, and nothing branches.
    starts[i] = start
    early[earlies] = start
    earlies += -index[start + 1 + EARLY]! >>> 31
    pairs[paired] = i - 1
    paired += -(opening & index[start + FOLLOWING]!) >>> 31
    opening = index[start + OPENING]!
    const last = start + HEAD + index[start]!
    const bit = 1 << i
    for (let at = start + HEAD; at < last; at += 4) {
      places[index[at]!]! |= bit
      places[index[at + 1]!]! |= bit
      places[index[at + 2]!]! |= bit
      places[index[at + 3]!]! |= bit
    }
  }
  reading.count = length
  reading.earlies = earlies
  reading.paired = paired
}

/** The same for a text of more than 32 words: the places of each 32 of them by themselves, one after the other. */
export function markFar({ starts, count }: Reading, { index }: TermIndex, stride: number, far: Int32Array): void {
  for (let i = 0; i < count; i++) {
    const start = starts[i]!
    const last = start + HEAD + index[start]!
    const plane = (i >> 5) * stride
    for (let at = start + HEAD; at < last; at++) far[plane + index[at]!]! |= 1 << i
  }
}

/** Adds a term that was found later. */
export function addTerm(term: number, { from, index }: TermIndex, reading: Reading): void {
  const start = from[term]!
  reading.starts[reading.count++] = start
  if (index[start + 1 + EARLY]! > 0) reading.early[reading.earlies++] = start
}

/** Writes the patterns of that part whose three rarest symbols occur into `likely`; returns how many. */
export function collect(
  part: Part,
  { starts, count, early, earlies }: Reading,
  { index }: TermIndex,
  places: Int32Array,
  likely: Int32Array,
): number {
  const terms = part === EARLY ? early : starts
  const end = part === EARLY ? earlies : count
  let found = 0
  for (let i = 0; i < end; i++) {
    const start = terms[i]!
    const first = start + HEAD + index[start]! + (part === LATE ? index[start + 1 + EARLY]! : 0)
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
