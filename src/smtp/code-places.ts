import { END } from './characters.ts'

export interface CodePlaces {
  /** Where three digits stand that may be a reply code, as many as `count` says; the next text overwrites them. */
  places: Int32Array
  count: number
  /** Which of BLANKS, PARENTHESIS and TRANSPORT are in the text. */
  seen: number
}

// A reply code stands alone: it is not part of a number, an address, a name or a link.
const OPENER = 1
const FIRST_DIGIT = 2
const SECOND_DIGIT = 4
const THIRD_DIGIT = 8
const LAST_PART = 4
const FOLLOWER = 1 << LAST_PART
const BLANK = 32
/** Two blanks in a row. */
export const BLANKS = 64
export const PARENTHESIS = 128
/** What `unfold` looks for. */
export const TRANSPORT = 256
const BEGINNINGS = OPENER | BLANK | PARENTHESIS | TRANSPORT

/** Which of these each character may be. */
const PARTS = new Uint16Array(END + 1)
const allow = (characters: string, parts: number) => {
  for (const character of characters) PARTS[character.charCodeAt(0)]! |= parts
}
allow(' \n:;,>\'"(`|', OPENER)
allow('245', FIRST_DIGIT)
allow('0123456789', SECOND_DIGIT | THIRD_DIGIT)
allow(' \n-:;,', FOLLOWER)
allow(' ', BLANK | BLANKS)
allow('(', PARENTHESIS)
allow('\\\n\r=_&\t', TRANSPORT)
PARTS[END] = FOLLOWER

let places = new Int32Array(1024)

/**
 * Finds what looks like a reply code, and what needs a closer look, by the Shift-And method: a bit of `state` for each
 * part that could end here, so that nothing branches on the characters.
 */
export function codePlaces(characters: Uint8Array, length: number): CodePlaces {
  if (places.length <= length) places = new Int32Array(2 * length)
  const into = places
  let count = 0
  let state = OPENER
  let seen = 0
  for (let end = 0; end <= length; end++) {
    state = ((state << 1) | BEGINNINGS) & PARTS[characters[end]!]!
    seen |= state
    into[count] = end - 3
    count += (state & FOLLOWER) >> LAST_PART
  }
  return { places: into, count, seen }
}
