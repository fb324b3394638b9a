import { type Characters, createCharacters } from './characters.ts'

/** Cyrillic letters from here on. */
export const CYRILLIC = 192
/** Writing without blanks, or a script without capitals that we do not fold: every character is a word. */
export const SINGLE = 255
const SEPARATOR = 32
const APOSTROPHE = 39

/** Letters that Unicode does not take apart, and the two that lie outside the Cyrillic run. */
const LOOSE: Record<string, string> = {
  ß: 's',
  æ: 'a',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  ı: 'i',
  œ: 'o',
  þ: 't',
  ё: 'е',
  і: 'и',
}

const TABLE = Uint8Array.from({ length: 0x530 }, (_, c) => (c < 128 ? c : plain(String.fromCharCode(c))))

/** Reads the characters of whole texts like `createCharacters`, those beyond ASCII as `fold` has them. */
export const createFolding = (): ((text: string) => Characters) => createCharacters(fold)

/** A character in one byte: ASCII as it is, of any other letter capitals and accents folded away. */
export function fold(c: number): number {
  if (c < 0x530) return TABLE[c]!
  // General punctuation, symbols, and the ideographic and full-width punctuation.
  if (c < 0x1e00 || (c > 0x2fff && c < 0xfe00)) return c > 0x2fff && c < 0x3040 ? SEPARATOR : SINGLE
  if (c < 0x1f00) return plain(String.fromCharCode(c))
  if (c >= 0xff10 && c <= 0xff5a) return plain(String.fromCharCode(c).normalize('NFKC'))
  return c === 0x2019 ? APOSTROPHE : SEPARATOR
}

function plain(char: string): number {
  const letter = char.toLowerCase().normalize('NFD')[0]!
  const c = (LOOSE[letter] ?? letter).charCodeAt(0)
  if (c < 128) return c
  if (c >= 0x430 && c <= 0x44f) return CYRILLIC + (c - 0x430)
  return /\p{L}/u.test(letter) ? SINGLE : SEPARATOR
}
