import { isHost } from './address-domain.ts'
import { END } from './characters.ts'
import { isOrdinary, isOrdinaryAt } from './ordinary-words.ts'

/** Without the marks that end a sentence or a quotation. */
export function withoutEnd(text: string, from: number, to: number): number {
  let end = to
  while (end > from + 1 && ".!?'’*|".includes(text[end - 1]!)) end--
  return end - 2 >= from && text[end - 1] === 's' && "'’".includes(text[end - 2]!) ? end - 2 : end
}

const END_OF_HOST =
  /\.(?:com|net|org|edu|gov|mil|int|info|biz|local|lan|internal|localdomain|invalid|test|example|arpa|\p{L}{2})$/iu
/** Codes and marks of vendors, not people: `TSS04`, `AUP#1260`, `RESOLVER.ADR.RecipNotFound`, `5.1.1`, `#4.4.2`. */
const CODES = [
  /^[#\d.:/%$\\-]+$/,
  /^[A-Z]{1,8}[-_#:.]?\d[\w#:.-]*$/,
  /^[A-Z]{2,}[._][\w.]*$/,
  /^\w*#\w*$/,
  /^[A-Z]{1,3}$/,
  /:\/\//,
  /^www\./,
  /^\//,
  /[{}]/,
]
const isCode = (word: string) =>
  CODES.some((code) => code.test(word)) || (/\d/.test(word) && /^[A-Z\d_.#-]+$/.test(word))

/** Writing whose words nothing parts: what stands there may be a whole sentence. */
const WITHOUT_BLANKS = /[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/

/** May a word be somebody's name? */
export function isName(token: string): boolean {
  if (isOrdinary(token)) return false
  const word = token.replace(/(?<![.!?'’])[.!?'’]+$/, '').replace(/['’]s$/, '')
  if (word.length < 2 || word.length > 200 || !/\p{L}|\d{5}/u.test(word)) return false
  if (/^\d{5,}$/.test(word)) return true
  if (isCode(word) || isOrdinary(word) || WITHOUT_BLANKS.test(word)) return false
  if (isHost(word) && END_OF_HOST.test(word)) return false
  const parts = word.split(/[._/=+&-]+|(?<=\p{Ll})(?=\p{Lu})/u).filter((part) => part.length > 1)
  return (
    parts.length === 0 ||
    (parts.some((part) => !isOrdinary(part) && !/^\d+$/.test(part)) &&
      !(/\p{Ll}\p{Lu}/u.test(word) && parts.some(isOrdinary)))
  )
}

/** Much longer than any name, so that a text without blanks is not read again and again. */
const LONGEST_TOKEN = 256
const ENDS = new Uint8Array(256)
for (let unit = 0; unit < 128; unit++) ENDS[unit] = /[\s"`<>()[\]{},;:]/.test(String.fromCharCode(unit)) ? 1 : 0
ENDS[END] = 1
const ZERO = 48
const NINE = 57
const DOT = 46

/**
 * Is the token that begins at `from` a code, or one of the words that replies are made of? It tells what stands in nearly
 * every reply without a regular expression; `isName` tells the rest.
 */
export function isPlainlyNoName(codes: Uint8Array, from: number): boolean {
  const limit = from + LONGEST_TOKEN
  let at = from
  let others = 0
  for (; ENDS[codes[at]!] === 0 && at < limit; at++) {
    const code = codes[at]!
    if (code > 127) return false
    if (code !== DOT && (code < ZERO || code > NINE)) others++
  }
  // Beyond ASCII other characters end a token.
  if (codes[at]! > END) return false
  // Five digits in a row may be the number of an account.
  if (others === 0) return at - from < 5 || codes[from + 1] === DOT
  while (at > from && SENTENCE_END[codes[at - 1]!] === 1) at--
  return isOrdinaryAt(codes, from, at)
}
const SENTENCE_END = new Uint8Array(256)
for (const c of '.!?') SENTENCE_END[c.charCodeAt(0)] = 1
