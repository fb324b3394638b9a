import { createCharacters, FOREIGN } from './characters.ts'

/** Latin letters and digits are 1 to 36, Cyrillic letters from here on. */
const CYRILLIC = 64
/** What parts words; two of them may mean more. */
export const SEPARATOR = 192
export const APOSTROPHE = 193
export const OPEN_BRACE = 194
/** Writing without blanks, or a script without capitals that we do not fold: every character is a word. */
export const SINGLE = 255

/** Letters that Unicode does not take apart, and the two that lie outside the Cyrillic run. */
const LOOSE: Record<string, number> = {
  ß: 19,
  æ: 1,
  ø: 15,
  đ: 4,
  ł: 12,
  ı: 9,
  œ: 15,
  þ: 20,
  ё: CYRILLIC + 5,
  і: CYRILLIC + 8,
}

const TABLE = new Uint8Array(0x530)
for (let c = 0; c < TABLE.length; c++) TABLE[c] = fold(String.fromCharCode(c))

/** Folds whole texts, each into the same array, which the next text overwrites. Behind the text stands a separator. */
export function createFolding(): (text: string) => Uint8Array {
  const charactersOf = createCharacters()
  let folds = new Uint8Array(8192)
  return (text) => {
    const { length } = text
    if (folds.length <= length) folds = new Uint8Array(2 * length)
    const into = folds
    const characters = charactersOf(text)
    let all = 0
    for (let at = 0; at < length; at++) {
      const c = characters[at]!
      all |= c
      into[at] = TABLE[c]!
    }
    if (all >= FOREIGN) for (let at = 0; at < length; at++) if (characters[at]! >= FOREIGN) into[at] = foldAt(text, at)
    into[length] = SEPARATOR
    return into
  }
}

/** What a character is to the tokeniser: a separator, a letter (capitals and accents folded away), or a word by itself. */
export function foldAt(text: string, at: number): number {
  const c = text.charCodeAt(at)
  if (c < 0x530) return TABLE[c]!
  // General punctuation, symbols, and the ideographic and full-width punctuation.
  if (c < 0x1e00 || (c > 0x2fff && c < 0xfe00)) return c > 0x2fff && c < 0x3040 ? SEPARATOR : SINGLE
  if (c < 0x1f00) return fold(text[at]!)
  if (c >= 0xff10 && c <= 0xff5a) return fold(text[at]!.normalize('NFKC'))
  return c === 0x2019 ? APOSTROPHE : SEPARATOR
}

function fold(char: string): number {
  const plain = char.toLowerCase().normalize('NFD')[0]!
  const c = plain.charCodeAt(0)
  if (c >= 97 && c <= 122) return c - 96
  if (c >= 48 && c <= 57) return c - 47 + 26
  if (c >= 0x430 && c <= 0x44f) return CYRILLIC + (c - 0x430)
  if (plain === "'") return APOSTROPHE
  if (plain === '{') return OPEN_BRACE
  return LOOSE[plain] ?? (/\p{L}/u.test(plain) ? SINGLE : SEPARATOR)
}

/** Letters of different alphabets do not make one word: 0 for Latin, 64 for Cyrillic, 192 for what is no part of a word. */
export const script = (folded: number): number => folded & 192
