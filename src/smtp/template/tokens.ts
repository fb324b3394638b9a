import { CYRILLIC, createFolding, SINGLE } from '../case-folding.ts'

/** What a text is cut into: words, with the braces around them, and characters that are words by themselves. */
export interface Tokens {
  /** Of each token its hash and where it ends, as many as `count` says; the next text overwrites them. */
  hashes: Int32Array
  ends: Int32Array
  count: number
  /** The text with accents folded away. */
  characters: Uint8Array
}

// What is known of a character, in bits. The lowest are the character itself, without its capital.
const OWN = 0xff
// What it is to the next one and, shifted, what it may follow within a token: letters of two alphabets do not make one
// word, and a brace belongs to the small letters behind it, as in "{ip}".
const LATIN = 1 << 8
const CYRILLIC_LETTER = 1 << 9
const OPENING = 1 << 10
const BEHIND = 16
// The sign bit: part of a token.
const PART = 1 << 31

const BITS = Int32Array.from({ length: 256 }, (_, c) => {
  const char = String.fromCharCode(c)
  if (/[a-z\d]/.test(char)) return c | LATIN | ((LATIN | OPENING) << BEHIND) | PART
  if (/[A-Z]/.test(char)) return char.toLowerCase().charCodeAt(0) | LATIN | (LATIN << BEHIND) | PART
  if (c === SINGLE) return c | PART
  if (c >= CYRILLIC) return c | CYRILLIC_LETTER | (CYRILLIC_LETTER << BEHIND) | PART
  if (char === '{') return c | OPENING | PART
  return char === '}' ? c | (LATIN << BEHIND) | PART : 0
})

export function createTokeniser(): (text: string) => Tokens {
  const charactersOf = createFolding()
  let hashes = new Int32Array(1024)
  let ends = new Int32Array(1024)
  return (text) => {
    const { codes: characters, length } = charactersOf(text)
    if (hashes.length <= length) {
      hashes = new Int32Array(2 * length)
      ends = new Int32Array(2 * length)
    }
    return { hashes, ends, count: cut(characters, length, BITS, hashes, ends), characters }
  }
}

/** Where words end is beyond a processor's guess, so nothing branches on the characters here. */
function cut(characters: Uint8Array, length: number, bits: Int32Array, hashes: Int32Array, ends: Int32Array): number {
  let count = 0
  let hash = 0
  let before = 0
  for (let at = 0; at <= length; at++) {
    const own = bits[characters[at]!]!
    // All ones where the token before goes on, else 0.
    const goesOn = (0 - ((before << BEHIND) & own)) >> 31
    // Written at every character, kept where a token ends.
    hashes[count] = hash
    ends[count] = at
    count += (before >>> 31) + goesOn
    hash = step(hash & goesOn, own)
    before = own
  }
  return count
}

/** FNV-1a. */
const step = (hash: number, bits: number) => Math.imul(hash ^ (bits & OWN), 0x01000193)

/** The hash of `characters[from, to)` as one token, or as the rest of one whose beginning has that `hash`. */
export function hashOf(characters: Uint8Array, from: number, to: number, beginning = 0): number {
  let hash = beginning
  for (let at = from; at < to; at++) hash = step(hash, BITS[characters[at]!]!)
  return hash
}

/** Where the token begins that ends there. */
export function startOf(characters: Uint8Array, end: number): number {
  let at = end - 1
  while (at > 0 && ((BITS[characters[at - 1]!]! << BEHIND) & BITS[characters[at]!]!) !== 0) at--
  return at
}

/** A letter, a digit or an ideograph. */
export const isWriting = (character: number): boolean =>
  character === SINGLE || (BITS[character]! & (LATIN | CYRILLIC_LETTER)) !== 0
