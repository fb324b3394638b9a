/** Beyond ASCII: what is writing, and the blanks and full-width punctuation that part words. */
export const FOREIGN = 128
const FOREIGN_MARK = 129
/** What stands behind the text, so that looking ahead needs no bounds. */
export const END = 130
const AHEAD = 4
/** A character may be so many bytes. */
const MOST_BYTES = 4

/** The characters of a text, as many as `length` says; the next text overwrites them. */
export interface Characters {
  codes: Uint8Array
  length: number
  isAscii: boolean
}

/**
 * Reads the characters of whole texts as numbers, each text into the same array: ASCII as it is, FOREIGN or FOREIGN_MARK
 * for what is beyond it, at last END. A string is slow to ask for one character after the other, above all one that is
 * part of another; even its length is, as there are many kinds of strings.
 */
export function createCharacters(beyondAscii = kindOf): (text: string) => Characters {
  const encoder = new TextEncoder()
  const characters = { codes: new Uint8Array(32_768), length: 0, isAscii: true }
  return (text) => {
    let { codes } = characters
    let { read, written } = encoder.encodeInto(text, codes)
    if (written + MOST_BYTES + AHEAD > codes.length) {
      codes = new Uint8Array(MOST_BYTES * text.length + MOST_BYTES + AHEAD)
      characters.codes = codes
      ;({ read, written } = encoder.encodeInto(text, codes))
    }
    // Beyond ASCII a character takes more than one byte.
    if (written !== read)
      for (let at = 0; at < read; at++) {
        const c = text.charCodeAt(at)
        codes[at] = c < FOREIGN ? c : beyondAscii(c)
      }
    for (let at = read; at < read + AHEAD; at++) codes[at] = END
    characters.length = read
    characters.isAscii = written === read
    return characters
  }
}

function kindOf(c: number): number {
  const mark =
    c === 0xa0 || (c >= 0x2000 && c <= 0x206f) || (c >= 0x3000 && c <= 0x3003) || (c >= 0xff00 && c <= 0xff0f)
  return mark ? FOREIGN_MARK : FOREIGN
}

export const DASH = 45
export const DOT = 46
export const isDigit = (character: number): boolean => character >= 48 && character <= 57
export const isLetter = (character: number): boolean =>
  (character >= 97 && character <= 122) || (character >= 65 && character <= 90)
/** Writing and digits, as against marks and blanks. */
export const isWordlike = (character: number): boolean =>
  isLetter(character) || isDigit(character) || character === FOREIGN

/** A set of ASCII characters. */
export function setOf(characters: string): Uint8Array {
  const set = new Uint8Array(END + 1)
  for (const character of characters) set[character.charCodeAt(0)] = 1
  return set
}
export const isOneOf = (set: Uint8Array, character: number): boolean => set[character] === 1
