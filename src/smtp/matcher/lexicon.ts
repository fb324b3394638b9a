import { createFolding, fold, SINGLE } from '../case-folding.ts'
import { DASH } from '../characters.ts'
import { PLACEHOLDERS } from '../template/template.ts'
import { createTokeniser, hashOf, isWriting, startOf, type Tokens } from '../template/tokens.ts'

/**
 * The words that rules know. A text is cut into words, folded and looked up. A word is a number; 0 is any word that no
 * rule knows.
 */
export interface Lexicon {
  /** The number of a word, or of all words that begin like it (`greylist*`). New words are added. */
  add(word: string): number
  /** How many there are. */
  size(): number
  /** All prefixes (their numbers) that a word falls under, itself excluded. */
  prefixesOf(word: number): number[]
  /** Writes the words of a text into `into`, as many as fit; returns how many. */
  read(text: string, into: Int32Array): number
}

export function createLexicon(): Lexicon {
  const spelling: string[] = ['']
  const numbers = new Map<string, number>()
  /** By the word as a rule writes it, before it is folded. */
  const asWritten = new Map<string, number>()
  // By hash: `set` sees to it that two of our words never share one. An unknown word of a text that shares one with a
  // known word is taken for it: once in a million unknown words.
  const exact = new Map<number, number>()
  const prefixes = new Map<number, number>()
  const singles = new Map<number, number>()
  // Replies are made of few words, and what depends on beginnings or braces takes a while to find: tokens that were
  // looked up lately, each at the place that its hash tells, the hash and then the number.
  let kept: Int32Array | null = null
  const tokensOf = createTokeniser()
  const charactersOf = createFolding()

  const name = (word: string) => {
    const known = numbers.get(word)
    if (known !== undefined) return known
    numbers.set(word, spelling.length)
    return spelling.push(word) - 1
  }
  const set = (table: Map<number, number>, word: string, number: number) => {
    const hash = hashOf(charactersOf(word).codes, 0, word.length)
    if (hash === NOTHING || table.has(hash)) throw new Error(`${word} shares its hash: choose another prime`)
    table.set(hash, number)
  }
  for (const placeholder of PLACEHOLDERS) set(exact, placeholder, name(placeholder))

  function longestPrefix(characters: Uint8Array, from: number, to: number): number {
    const end = Math.min(to, from + LONGEST_PREFIX)
    let found = 0
    let hash = 0
    for (let at = from; at < end; at++) {
      hash = hashOf(characters, at, at + 1, hash)
      found = prefixes.get(hash) ?? found
    }
    return found
  }

  /** The number of a token that is not among the kept ones, or NONE if it is no word there. */
  function lookUp(text: string, { hashes, ends, characters }: Tokens, i: number, kept: Int32Array): number {
    const token = hashes[i]!
    const end = ends[i]!
    if (token === NOTHING) return NONE
    if (token === IDEOGRAPH) return singles.get(text.charCodeAt(end - 1)) ?? 0
    const whole = exact.get(token)
    if (whole !== undefined && !isAmbiguous(token)) return keep(kept, token, whole)

    // Braces around what is no placeholder do no more than part words.
    let from = startOf(characters, end)
    if (characters[from] === OPEN_BRACE) from++
    const to = beforeBrace(characters, end)
    if (from >= to) return keep(kept, token, NONE)
    const word = hashOf(characters, from, to)
    if (word === LETTER_E && isEmail(characters, to)) {
      hashes[i + 1] = NOTHING
      return exact.get(hashOf(characters, to + 1, beforeBrace(characters, ends[i + 1]!), word)) ?? 0
    }
    if ((word === LETTER_S || word === LETTER_T) && isEnding(characters, to)) return NONE
    const number = exact.get(word) ?? longestPrefix(characters, from, to)
    return isAmbiguous(word) ? number : keep(kept, token, number)
  }

  return {
    add(word) {
      const same = asWritten.get(word)
      if (same !== undefined) return same
      kept = null
      const stem = word.endsWith('*') ? word.slice(0, -1) : word
      const spelled = word.startsWith('{') ? word : folded(stem) + word.slice(stem.length)
      const known = numbers.get(spelled)
      const number = name(spelled)
      asWritten.set(word, number)
      if (known !== undefined) return known
      if (fold(stem.charCodeAt(0)) === SINGLE) singles.set(stem.charCodeAt(0), number)
      else if (stem === word) set(exact, stem, number)
      else {
        if (stem.length > LONGEST_PREFIX || stem.length < SHORTEST_PREFIX)
          throw new Error(`${word}: a beginning has ${SHORTEST_PREFIX} to ${LONGEST_PREFIX} letters`)
        set(prefixes, stem, number)
      }
      return number
    },
    size: () => spelling.length,
    prefixesOf(word) {
      const own = spelling[word]!
      const stem = own.endsWith('*') ? own.slice(0, -1) : own
      const stems = Array.from(stem, (_, i) => numbers.get(`${stem.slice(0, i + 1)}*`))
      return stems.filter((number) => number !== undefined && number !== word) as number[]
    },
    read(text, into) {
      kept ??= new Int32Array(2 << KEPT_BITS).fill(NONE)
      const recent = kept
      const tokens = tokensOf(text)
      const { hashes, count } = tokens
      const room = into.length
      let words = 0
      for (let i = 0; i < count && words < room; i++) {
        const hash = hashes[i]!
        const place = placeOf(hash)
        const word = recent[place] === hash ? recent[place + 1]! : lookUp(text, tokens, i, recent)
        into[words] = word
        // What is NONE the next word overwrites.
        words += 1 + (word >> 31)
      }
      return words
    },
  }
}

const SHORTEST_PREFIX = 3
const LONGEST_PREFIX = 24
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const APOSTROPHE = 39
const LETTER_M = 109

/** Instead of a number: no word. */
const NONE = -1
/** Instead of a hash: what was read together with the token before it. */
const NOTHING = 0
const hashOfOne = (character: number) => hashOf(Uint8Array.of(character), 0, 1)
const IDEOGRAPH = hashOfOne(SINGLE)
const LETTER_E = hashOfOne(101)
const LETTER_S = hashOfOne(115)
const LETTER_T = hashOfOne(116)
/** Whether it is a word, and which, its neighbours tell. */
const isAmbiguous = (word: number) => word === LETTER_E || word === LETTER_S || word === LETTER_T

/** 2 to the power of this many tokens are kept: some ten times the words that replies are made of. */
const KEPT_BITS = 14
const placeOf = (hash: number) => (hash >>> (32 - KEPT_BITS)) << 1
function keep(kept: Int32Array, token: number, number: number): number {
  kept[placeOf(token)] = token
  kept[placeOf(token) + 1] = number
  return number
}

/** One spelling for "größe" and "GRÖSSE" alike. */
const folded = (word: string) =>
  Array.from(word.toLowerCase(), (char) => {
    const letter = fold(char.charCodeAt(0))
    return letter === SINGLE ? char : String.fromCharCode(letter)
  }).join('')

const beforeBrace = (characters: Uint8Array, end: number) => (characters[end - 1] === CLOSE_BRACE ? end - 1 : end)

/** "e-mail" is the word "email". */
const isEmail = (characters: Uint8Array, end: number) =>
  characters[end] === DASH && (characters[end + 1]! | 32) === LETTER_M

/** The `t` of "doesn't" and the `s` of "sender's" are no words. */
const isEnding = (characters: Uint8Array, end: number) =>
  characters[end - 2] === APOSTROPHE && isWriting(characters[end - 3]!) && !isWriting(characters[end]!)
