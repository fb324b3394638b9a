import { APOSTROPHE, createFolding, foldAt, OPEN_BRACE, SEPARATOR, SINGLE, script } from './fold.ts'
import { PLACEHOLDERS, placeholderAt } from './template.ts'

/**
 * The words that rules know. A text is cut into words, folded and looked up in one walk over its characters. A word is a
 * number; 0 is any word that no rule knows.
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
  const singles = new Map<number, number>()
  const exact = createTable()
  const prefixes = createTable()
  // Whether any prefix may begin with these letters, by the last bits of their hash.
  const beginnings = new Uint8Array(1024)
  const foldsOf = createFolding()

  const name = (word: string) => {
    const known = numbers.get(word)
    if (known !== undefined) return known
    numbers.set(word, spelling.length)
    return spelling.push(word) - 1
  }
  const placeholders = PLACEHOLDERS.map(name)

  /** The longest prefix that the word `folds[from, to)` falls under. Asked only of words that are not known as a whole. */
  function longestPrefix(folds: Uint8Array, from: number, to: number): number {
    if (to - from < SHORTEST_PREFIX) return 0
    let hash = SEED
    let found = 0
    for (let at = from; at < to && at - from < LONGEST_PREFIX; at++) {
      hash = Math.imul(hash ^ folds[at]!, PRIME)
      if (at - from + 1 < SHORTEST_PREFIX) continue
      if (at - from + 1 === SHORTEST_PREFIX && beginnings[hash & 1023] === 0) return 0
      found = prefixes.get(hash) || found
    }
    return found
  }

  return {
    add(word) {
      const same = asWritten.get(word)
      if (same !== undefined) return same
      const stem = word.endsWith('*') ? word.slice(0, -1) : word
      const spelled = word.startsWith('{') ? word : folded(stem) + word.slice(stem.length)
      const known = numbers.get(spelled)
      const number = name(spelled)
      asWritten.set(word, number)
      if (known !== undefined) return known
      if (foldAt(stem, 0) === SINGLE) singles.set(stem.charCodeAt(0), number)
      else if (stem === word) exact.set(hashOf(stem), number)
      else {
        if (stem.length > LONGEST_PREFIX || stem.length < SHORTEST_PREFIX)
          throw new Error(`${word}: a beginning has ${SHORTEST_PREFIX} to ${LONGEST_PREFIX} letters`)
        beginnings[hashOf(stem.slice(0, SHORTEST_PREFIX)) & 1023] = 1
        prefixes.set(hashOf(stem), number)
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
      const { length } = text
      const room = into.length
      const folds = foldsOf(text)
      let count = 0
      let at = 0
      while (at < length && count < room) {
        const first = folds[at]!
        const alphabet = script(first)
        if (alphabet !== NO_SCRIPT) {
          const start = at
          let hash = SEED
          for (let fold = first; script(fold) === alphabet; fold = folds[++at]!) hash = Math.imul(hash ^ fold, PRIME)
          // "e-mail" is the word "email".
          if (at === start + 1 && isEmail(folds, text, start))
            for (let fold = folds[++at]!; script(fold) === alphabet; fold = folds[++at]!)
              hash = Math.imul(hash ^ fold, PRIME)
          into[count++] = exact.get(hash) || longestPrefix(folds, start, at)
        } else if (first === SINGLE) into[count++] = singles.get(text.charCodeAt(at++)) ?? 0
        else if (first === OPEN_BRACE) {
          const which = placeholderAt(text, at)
          if (which >= 0) into[count++] = placeholders[which]!
          at += which >= 0 ? PLACEHOLDERS[which]!.length : 1
        } else at += first === APOSTROPHE && isEnding(text, at) ? 2 : 1
      }
      return count
    },
  }
}

const SHORTEST_PREFIX = 3
const LONGEST_PREFIX = 24
const SEED = 0x811c9dc5 | 0
const PRIME = 0x01000193

const LETTER_E = foldAt('e', 0)
const LETTER_M = foldAt('m', 0)
const NO_SCRIPT = script(SEPARATOR)

const isEmail = (folds: Uint8Array, text: string, at: number) =>
  folds[at] === LETTER_E && folds[at + 1] === SEPARATOR && folds[at + 2] === LETTER_M && text[at + 1] === '-'

/** One spelling for "größe" and "GRÖSSE" alike. */
const folded = (word: string) =>
  Array.from(word, (char) => (foldAt(char, 0) === SINGLE ? char : String.fromCharCode(0x100 + foldAt(char, 0)))).join(
    '',
  )

/** FNV-1a over the folded characters. */
function hashOf(word: string): number {
  let hash = SEED
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ foldAt(word, i), PRIME)
  return hash
}

/**
 * Numbers by hash, in one small array. Two of our words never share a hash (`set` sees to it); an unknown word of a
 * text that shares one with a known word is taken for it: once in a million unknown words.
 */
function createTable() {
  let mask = 255
  let slots = new Int32Array(2 * (mask + 1))
  let used = 0
  function put(hash: number, number: number) {
    let at = hash & mask
    while (slots[2 * at + 1] !== 0) {
      if (slots[2 * at] === hash) throw new Error('two words share a hash: choose another seed')
      at = (at + 1) & mask
    }
    slots[2 * at] = hash
    slots[2 * at + 1] = number
    used++
  }
  return {
    get(hash: number): number {
      for (let at = hash & mask; ; at = (at + 1) & mask) {
        const number = slots[2 * at + 1]!
        if (number === 0 || slots[2 * at] === hash) return number
      }
    },
    set(hash: number, number: number) {
      if (3 * used > mask) {
        const old = slots
        mask = 2 * mask + 1
        slots = new Int32Array(2 * (mask + 1))
        used = 0
        for (let i = 0; i < old.length; i += 2) if (old[i + 1] !== 0) put(old[i]!, old[i + 1]!)
      }
      put(hash, number)
    },
  }
}

const isPart = (fold: number) => script(fold) !== NO_SCRIPT || fold === SINGLE

/** The `t` of "doesn't" and the `s` of "sender's" are no words. */
function isEnding(text: string, apostrophe: number): boolean {
  const letter = text.charCodeAt(apostrophe + 1) | 32
  return (
    (letter === 116 || letter === 115) &&
    apostrophe > 0 &&
    isPart(foldAt(text, apostrophe - 1)) &&
    (apostrophe + 2 >= text.length || !isPart(foldAt(text, apostrophe + 2)))
  )
}
