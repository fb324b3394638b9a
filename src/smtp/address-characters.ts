import { createCharacters, END } from './characters.ts'

/** What a character of a running text is to an address. */
export const OUTSIDE = 0
/** RFC 5322's `atext` that is no letter, and the full stop. */
export const MARK = 1
/** Letters and digits of writing that parts its words with blanks. */
export const SPACED = 2
/** Letters of writing that does not (Chinese, Japanese, Thai), or that hangs endings on foreign words (Korean). */
export const UNSPACED = 3
/** Nothing that is seen: joiners, soft hyphens, halves of a character beyond 16 bits. */
export const UNSEEN = 4

const ASCII = new Uint8Array(128)
for (const c of "!#$%&'*+-/=?^_`{|}~.") ASCII[c.charCodeAt(0)] = MARK
for (let c = 48; c < 123; c++) if (/[a-z0-9]/i.test(String.fromCharCode(c))) ASCII[c] = SPACED

const LETTER = /[\p{L}\p{M}\p{N}\p{So}\p{Sk}\p{Sm}]/u
const NO_BLANKS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}ー々〆]/u
const UNSEEN_MARK = /[\p{Cf}\p{Cs}]/u
// A typographic apostrophe, hyphens and a full-width full stop.
const FOREIGN_MARKS = '’‐‑．'
const kept = new Map<number, number>()

/** Which of these a UTF-16 unit is. */
export function kindOf(unit: number): number {
  if (unit < 128) return ASCII[unit]!
  const known = kept.get(unit)
  if (known !== undefined) return known
  const kind = foreign(String.fromCharCode(unit))
  kept.set(unit, kind)
  return kind
}

function foreign(character: string): number {
  if (FOREIGN_MARKS.includes(character)) return MARK
  if (UNSEEN_MARK.test(character)) return UNSEEN
  if (NO_BLANKS.test(character)) return UNSPACED
  return LETTER.test(character) ? SPACED : OUTSIDE
}

/** What is beyond ASCII is read as this and what it is. */
const BEYOND = END + 1
/** The characters of a text as numbers, in which `KINDS` finds what each is. What was read before is overwritten. */
export const readCharacters = createCharacters((unit) => BEYOND + kindOf(unit))
export const KINDS = new Uint8Array(256)
KINDS.set(ASCII)
for (const kind of [OUTSIDE, MARK, SPACED, UNSPACED, UNSEEN]) KINDS[BEYOND + kind] = kind
