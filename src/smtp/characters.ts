/** Beyond ASCII: what is writing, and the blanks and full-width punctuation that part words. */
export const FOREIGN = 128
const FOREIGN_MARK = 129
/** What stands behind the text, so that looking ahead needs no bounds. */
export const END = 130
const AHEAD = 4

/**
 * Reads the characters of whole texts as numbers, each text into the same array, which the next one overwrites: ASCII
 * as it is, FOREIGN or FOREIGN_MARK for what is beyond it, at last END. A string is slow to ask for one character after
 * the other, above all one that is part of another.
 */
export function createCharacters(beyondAscii = kindOf): (text: string) => Uint8Array {
  const encoder = new TextEncoder()
  let characters = new Uint8Array(8192)
  return (text) => {
    const { length } = text
    if (characters.length < length + AHEAD) characters = new Uint8Array(2 * length + AHEAD)
    // Beyond ASCII a character takes more than one byte.
    if (encoder.encodeInto(text, characters).written !== length)
      for (let at = 0; at < length; at++) {
        const c = text.charCodeAt(at)
        characters[at] = c < FOREIGN ? c : beyondAscii(c)
      }
    for (let at = length; at < length + AHEAD; at++) characters[at] = END
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
