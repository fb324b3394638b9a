import { flat } from './packed-lists.ts'

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

/** A word of a collocation may be a prefix: `prefixesOf` tells those that a word falls under. */
export function createCollocations(
  all: readonly (readonly number[])[],
  words: number,
  prefixesOf: (word: number) => readonly number[],
): Collocations {
  // A trie: of each node the words that lead on and the nodes that they lead to, and the collocation that ends there.
  const nodes = [new Map<number, number>()]
  const ending = [-1]
  all.forEach((one, number) => {
    let node = 0
    for (const word of one) {
      const known = nodes[node]!.get(word)
      const next = known ?? nodes.push(new Map()) - 1
      if (known === undefined) ending.push(-1)
      nodes[node]!.set(word, next)
      node = next
    }
    ending[node] = number
  })
  const [from, steps] = flat(nodes.map((node) => [...node].flat()))
  const endings = Int32Array.from(ending)
  /** The word itself and its prefixes, as far as they are in any collocation. */
  const inUse = new Set(all.flat())
  const names = Array.from({ length: words }, (_, word) => [word, ...prefixesOf(word)].filter((one) => inUse.has(one)))
  const [nameFrom, nameList] = flat(names)

  const opening = new Int32Array(words)
  const following = new Int32Array(words)
  const seconds = new Map<number, number>()
  for (const [first, second] of all) seconds.set(first!, (seconds.get(first!) ?? 0) | bitOf(second!))
  const secondNames = new Set(all.map((one) => one[1]!))
  names.forEach((some, word) => {
    for (const name of some) {
      opening[word]! |= seconds.get(name) ?? 0
      if (secondNames.has(name)) following[word]! |= bitOf(name)
    }
  })

  /** Where each word leads to from the root, which has most of the words; 0 where to nothing. */
  const roots = new Int32Array(words)
  for (const [word, node] of nodes[0]!) roots[word] = node

  /** Follows the words from `at` on, of which those from `start` on have led to this node. */
  function walk(text: Int32Array, length: number, node: number, start: number, at: number, found: Found) {
    const last = nameFrom[text[at]! + 1]!
    for (let i = nameFrom[text[at]!]!; i < last; i++) {
      const next = node === 0 ? roots[nameList[i]!]! : step(node, nameList[i]!)
      if (next === 0) continue
      if (endings[next]! >= 0) found(endings[next]!, start, at)
      if (at + 1 < length) walk(text, length, next, start, at + 1, found)
    }
  }

  function step(node: number, word: number): number {
    const end = from[node + 1]!
    for (let at = from[node]!; at < end; at += 2) if (steps[at] === word) return steps[at + 1]!
    return 0
  }

  return { opening, following, walk: (text, length, at, found) => walk(text, length, 0, at, at, found) }
}

/** Sixteen bits, as many as the index keeps in two bytes. Words may share one by chance: `walk` tells. */
const bitOf = (word: number): number => 1 << (word & 15)
