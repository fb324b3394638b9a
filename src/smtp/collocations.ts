/** Words that stand together and mean one thing: "mail box", "could not". */
export interface Collocations {
  /** A word can begin one with the next word only if they share a bit: `opening[word] & following[next]`. */
  opening: Int32Array
  following: Int32Array
  /** Calls `found` for each that begins at this word. */
  walk(words: Int32Array, length: number, at: number, found: Found): void
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
  const opening = new Int32Array(words)
  const following = new Int32Array(words)
  const seconds = new Map<number, number>()
  for (const [first, second] of all) seconds.set(first!, (seconds.get(first!) ?? 0) | (1 << (second! & 15)))
  const secondNames = new Set(all.map((one) => one[1]!))
  names.forEach((some, word) => {
    for (const name of some) {
      opening[word]! |= seconds.get(name) ?? 0
      if (secondNames.has(name)) following[word]! |= 1 << (name & 15)
    }
  })

  /** Follows the words from `at` on, of which those from `start` on have led to this node. */
  function walk(text: Int32Array, length: number, node: number, start: number, at: number, found: Found) {
    for (const word of names[text[at]!]!) {
      const child = next.get(node * words + word)
      if (child === undefined) continue
      if (ending[child]! >= 0) found(ending[child]!, start, at)
      if (at + 1 < length) walk(text, length, child, start, at + 1, found)
    }
  }

  return { opening, following, walk: (text, length, at, found) => walk(text, length, 0, at, at, found) }
}
