/** Words that stand together and mean one thing: "mail box", "could not". */
export interface Collocations {
  /** Calls `found` for each that stands among the first `length` words. */
  find(words: Int32Array, length: number, found: Found): void
}

/** The number of a collocation, its first and its last word. */
type Found = (number: number, start: number, end: number) => void

/** A trie over words. A word of a collocation may be a prefix: `prefixesOf` tells those that a word falls under. */
export function createCollocations(
  all: readonly (readonly number[])[],
  words: number,
  prefixesOf: (word: number) => readonly number[],
): Collocations {
  const next = new Map<number, number>()
  const ending: number[] = [-1]
  all.forEach((one, number) => {
    let node = 0
    for (const word of one) {
      const key = node * words + word
      node = next.get(key) ?? ending.push(-1) - 1
      next.set(key, node)
    }
    ending[node] = number
  })
  /** The word itself and its prefixes, as far as they are in any collocation. */
  const inUse = new Set(all.flat())
  const names = Array.from({ length: words }, (_, word) => [word, ...prefixesOf(word)].filter((one) => inUse.has(one)))
  // Which two words may begin a collocation, by a hash of both: nearly all others are passed over by it.
  const pairs = new Uint8Array(1 << PAIR_BITS)
  const underName = Map.groupBy(
    names.flatMap((some, word) => some.map((name) => ({ name, word }))),
    ({ name }) => name,
  )
  for (const [first, second] of all)
    for (const a of underName.get(first!) ?? [])
      for (const b of underName.get(second!) ?? []) pairs[pairOf(a.word, b.word)] = 1

  /** Follows the words from `at` on, of which those from `start` on have led to this node. */
  function walk(text: Int32Array, length: number, node: number, start: number, at: number, found: Found) {
    for (const word of names[text[at]!]!) {
      const child = next.get(node * words + word)
      if (child === undefined) continue
      if (ending[child]! >= 0) found(ending[child]!, start, at)
      if (at + 1 < length) walk(text, length, child, start, at + 1, found)
    }
  }

  return {
    find(text, length, found) {
      for (let i = 1; i < length; i++)
        if (pairs[pairOf(text[i - 1]!, text[i]!)] === 1) walk(text, length, 0, i - 1, i - 1, found)
    },
  }
}

const PAIR_BITS = 14
const pairOf = (first: number, second: number): number =>
  Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b) >>> (32 - PAIR_BITS)
