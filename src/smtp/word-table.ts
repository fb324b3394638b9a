/** Tells whether the characters `[from, to)` are one of some words, case aside. Only words in ASCII are told. */
export type WordTable = (codes: Uint8Array, from: number, to: number) => boolean

const LOWER_CASE = Uint8Array.from({ length: 256 }, (_, unit) => (unit > 64 && unit < 91 ? unit + 32 : unit))
const isAscii = (word: string) => /^[ -~]+$/.test(word)

/** A hash table over characters: to cut each word out of a text, to look it up as a text, takes several times as long. */
export function wordTable(words: Iterable<string>): WordTable {
  const kept = [...new Set(words)].filter(isAscii)
  const longest = Math.max(...kept.map(({ length }) => length))
  // Less than half full, so that few words meet in one place.
  const mask = 2 ** Math.ceil(Math.log2(3 * kept.length)) - 1
  // Each place holds 1 + where its word begins among the letters; each word stands behind its length.
  const places = new Int32Array(mask + 1)
  const letters = new Uint8Array(kept.reduce((sum, { length }) => sum + length + 1, 0))
  let end = 0
  for (const word of kept) {
    const begin = end
    letters[end++] = word.length
    for (let i = 0; i < word.length; i++) letters[end++] = word.charCodeAt(i)
    let place = hashOf(letters, begin + 1, end) & mask
    while (places[place] !== 0) place = (place + 1) & mask
    places[place] = begin + 1
  }
  return (codes, from, to) => {
    const length = to - from
    if (length > longest || length === 0) return false
    for (let place = hashOf(codes, from, to) & mask; places[place] !== 0; place = (place + 1) & mask) {
      const word = places[place]!
      if (letters[word - 1] === length && isSame(letters, word, codes, from, length)) return true
    }
    return false
  }
}

function hashOf(codes: Uint8Array, from: number, to: number): number {
  let hash = to - from
  for (let at = from; at < to; at++) hash = Math.imul(hash, 0x01000193) ^ LOWER_CASE[codes[at]!]!
  return hash ^ (hash >>> 15)
}

function isSame(letters: Uint8Array, word: number, codes: Uint8Array, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (letters[word + i] !== LOWER_CASE[codes[from + i]!]) return false
  return true
}
