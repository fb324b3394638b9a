import { END } from '../characters.ts'

export interface CodePlaces {
  /** Where three digits stand that may be a reply code, as many as `count` says; the next text overwrites them. */
  places: Int32Array
  count: number
  /** Which of BLANKS, LINE_END, ANSWERED, TRANSPORT and ENHANCED are in the text. */
  seen: number
}

// A reply code stands alone: it is not part of a number, an address, a name or a link.
const OPENER = 1
const FIRST_DIGIT = 1 << 1
const SECOND_DIGIT = 1 << 2
const THIRD_DIGIT = 1 << 3
const FOLLOWER = 1 << 4
const BLANK = 1 << 5
/** Two blanks in a row. */
export const BLANKS = 1 << 6
/** "(in", as in "(in reply to RCPT TO command)". */
const PARENTHESIS = 1 << 7
const LETTER_I = 1 << 8
export const ANSWERED = 1 << 9
export const LINE_END = 1 << 10
const ESCAPE = 1 << 11
const ESCAPED = 1 << 12
const CONTROL = 1 << 13
/** What `unfold` may change. */
export const TRANSPORT = LINE_END | ESCAPED | CONTROL
/** An enhanced status code: "5.1.1". */
const CLASS = 1 << 14
const FIRST_DOT = 1 << 15
const SUBJECT = 1 << 16
const SECOND_DOT = 1 << 17
export const ENHANCED = 1 << 18
const BEGINNINGS = OPENER | BLANK | PARENTHESIS | LINE_END | ESCAPE | CONTROL | CLASS

/** Which of these each character may be. */
const PARTS = new Int32Array(END + 1)
const allow = (characters: string, parts: number) => {
  for (const character of characters) PARTS[character.charCodeAt(0)]! |= parts
}
allow(' \n:;,>\'"(`|', OPENER)
allow('245', FIRST_DIGIT | CLASS)
allow('01234567', SUBJECT)
allow('0123456789', SECOND_DIGIT | THIRD_DIGIT | ENHANCED)
allow('.', FIRST_DOT | SECOND_DOT)
allow(' \n-:;,', FOLLOWER)
allow(' ', BLANK | BLANKS)
allow('(', PARENTHESIS)
allow('i', LETTER_I)
allow('n', ANSWERED)
allow('\n', LINE_END)
// "\\n" as it is written, "=20" and its like, "_said:_" and "&lt;", by their first two characters.
allow('\\=_&', ESCAPE)
allow('n23CEsl', ESCAPED)
allow('\r\t', CONTROL)
PARTS[END] = FOLLOWER

let places = new Int32Array(1024)

/**
 * Finds what looks like a reply code, and what needs a closer look, by the Shift-And method: a bit of `state` for each
 * part that could end here, so that nothing branches on the characters, but for the rare code.
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
    if ((state & FOLLOWER) !== 0) into[count++] = end - 3
  }
  return { places: into, count, seen }
}
