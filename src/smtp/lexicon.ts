import { COLUMNS, CYRILLIC, foldAt, SEPARATOR, SINGLE } from './fold.ts'
import { PLACEHOLDERS } from './template.ts'

/**
 * The words that rules know, as a table of transitions, so that a text is cut into words and every word looked up in
 * one walk over its characters. A word is a number; 0 is any word that no rule knows.
 */
export interface Lexicon {
  /** The number of a word, or of all words that begin like it (`greylist*`). New words are added. */
  add(word: string): number
  /** How many there are. */
  size(): number
  /** All prefixes (their numbers) that a word falls under, itself excluded. */
  prefixesOf(word: number): number[]
  /** Writes the words of a text into `into`; returns how many. */
  read(text: string, into: Int32Array): number
}

const LATIN_ROOT = 0
const CYRILLIC_ROOT = 1

export function createLexicon(): Lexicon {
  let next = new Int32Array(COLUMNS * 1024)
  let exact = new Int32Array(1024)
  let prefix = new Int32Array(1024)
  let nodes = 2
  const singles = new Map<number, number>()
  const spelling: string[] = ['']
  const numbers = new Map<string, number>()

  const name = (word: string) => {
    const known = numbers.get(word)
    if (known !== undefined) return known
    numbers.set(word, spelling.length)
    return spelling.push(word) - 1
  }
  const placeholders = PLACEHOLDERS.map(name)

  function grow() {
    const wider = (old: Int32Array<ArrayBuffer>) => {
      const table = new Int32Array(old.length * 2)
      table.set(old)
      return table
    }
    next = wider(next)
    exact = wider(exact)
    prefix = wider(prefix)
  }

  function nodeOf(word: string): number {
    let node = foldAt(word, 0) >= CYRILLIC ? CYRILLIC_ROOT : LATIN_ROOT
    for (let i = 0; i < word.length; i++) {
      const at = node * COLUMNS + ((foldAt(word, i) & (CYRILLIC - 1)) - (foldAt(word, i) >= CYRILLIC ? 0 : 1))
      if (next[at] === 0) {
        if (nodes === exact.length) grow()
        next[at] = nodes++
      }
      node = next[at]!
    }
    return node
  }

  return {
    add(word) {
      const stem = word.endsWith('*') ? word.slice(0, -1) : word
      const number = name(word)
      if ((PLACEHOLDERS as readonly string[]).includes(word)) return number
      if (foldAt(stem, 0) === SINGLE) singles.set(stem.charCodeAt(0), number)
      else if (stem === word) exact[nodeOf(stem)] = number
      else prefix[nodeOf(stem)] = number
      return number
    },
    size: () => spelling.length,
    prefixesOf(word) {
      const own = spelling[word]!
      const found: number[] = []
      const stem = own.endsWith('*') ? own.slice(0, -1) : own
      for (let length = 1; length <= stem.length; length++) {
        const number = numbers.get(`${stem.slice(0, length)}*`)
        if (number !== undefined && number !== word) found.push(number)
      }
      return found
    },
    read(text, into) {
      const length = text.length
      let count = 0
      let at = 0
      while (at < length && count < into.length) {
        const fold = foldAt(text, at)
        if (fold === SEPARATOR) {
          const c = text.charCodeAt(at)
          if (c === 123) {
            const which = placeholderAt(text, at)
            if (which >= 0) {
              into[count++] = placeholders[which]!
              at += PLACEHOLDERS[which]!.length
              continue
            }
          } else if ((c === 39 || c === 0x2019) && isEnding(text, at)) at++
          at++
          continue
        }
        if (fold === SINGLE) {
          into[count++] = singles.get(text.charCodeAt(at)) ?? 0
          at++
          continue
        }
        const cyrillic = fold >= CYRILLIC
        const shift = cyrillic ? CYRILLIC : 1
        const start = at
        let node = cyrillic ? CYRILLIC_ROOT : LATIN_ROOT
        let alive = true
        let begins = 0
        let column = fold
        do {
          if (alive) {
            node = next[node * COLUMNS + column - shift]!
            if (node === 0) alive = false
            else if (prefix[node] !== 0) begins = prefix[node]!
          }
          at++
          // "e-mail" is the word "email".
          if (at === start + 1 && fold === 5 && text.charCodeAt(at) === 45 && (text.charCodeAt(at + 1) | 32) === 109)
            at++
          column = at < length ? foldAt(text, at) : SEPARATOR
        } while (column !== SEPARATOR && column !== SINGLE && column >= CYRILLIC === cyrillic)
        into[count++] = alive && exact[node] !== 0 ? exact[node]! : begins
      }
      return count
    },
  }
}

function placeholderAt(text: string, at: number): number {
  for (let i = 0; i < PLACEHOLDERS.length; i++) if (text.startsWith(PLACEHOLDERS[i]!, at)) return i
  return -1
}

/** The `t` of "doesn't" and the `s` of "sender's" are no words. */
function isEnding(text: string, apostrophe: number): boolean {
  const letter = text.charCodeAt(apostrophe + 1) | 32
  return (
    (letter === 116 || letter === 115) &&
    apostrophe > 0 &&
    foldAt(text, apostrophe - 1) !== SEPARATOR &&
    foldAt(text, apostrophe + 2) === SEPARATOR
  )
}
