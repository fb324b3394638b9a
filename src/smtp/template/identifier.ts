import { DASH, DOT, isDigit, isLetter, isWordlike } from '../characters.ts'

const LOWER_A = 97
const DIGIT_0 = 48
const HASH = 35
const OPEN_PARENTHESIS = 40
const CLOSE_PARENTHESIS = 41
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93

/** Is it of the commonest form of a published code ("TSS04", "S3140"): one to five capitals, one to eight digits? */
export function isPublished(characters: Uint8Array, from: number, to: number): boolean {
  let digits = from
  while (digits < to && isLetter(characters[digits]!) && characters[digits]! < LOWER_A) digits++
  let end = digits
  while (end < to && isDigit(characters[end]!)) end++
  return end === to && digits > from && digits - from <= 5 && to > digits && to - digits <= 8
}

/** 4 for an IPv4 address, 3 for what has the shape of an enhanced status code, else 0. All are digits and full stops. */
export function dottedNumbers(characters: Uint8Array, from: number, to: number): number {
  let numbers = 1
  let value = 0
  let digits = 0
  let status = true
  for (let at = from; at < to; at++) {
    const c = characters[at]!
    if (c !== DOT) {
      value = 10 * value + c - DIGIT_0
      if (++digits > 3) return 0
      continue
    }
    if (digits === 0 || value > 255) return 0
    if (digits > 1) status = false
    numbers++
    value = 0
    digits = 0
  }
  if (digits === 0) return 0
  if (numbers === 4) return value <= 255 ? 4 : 0
  return numbers === 3 && status ? 3 : 0
}

/** Is it alone between brackets? "[291]" and "(554.30)" are codes of a provider, not amounts. */
export function isEnclosed(characters: Uint8Array, from: number, to: number): boolean {
  const close = characters[to]!
  if ((close !== CLOSE_BRACKET && close !== CLOSE_PARENTHESIS) || from === 0) return false
  const before = characters[from - 1]!
  const open = (before === DASH || before === HASH) && from > 1 ? characters[from - 2]! : before
  return open === (close === CLOSE_BRACKET ? OPEN_BRACKET : OPEN_PARENTHESIS)
}

/** As `maskCode`, for letters and digits only. */
export function maskWord(word: string): string | null {
  if (AMOUNT.test(word)) return word.replace(NUMBER, '{n}')
  if (CODE.test(word)) return null
  return BEYOND_ASCII.test(word) ? maskWithin(word) : '{id}'
}

/** Of a script that writes numbers without blanks around ("请5分钟后重试") what stands within is masked, not the whole. */
function maskWithin(word: string): string | null {
  const masked = word.replace(/[A-Za-z\d]+/g, (part) => (HAS_DIGIT.test(part) ? (maskWord(part) ?? part) : part))
  return masked === word ? null : masked
}
const BEYOND_ASCII = /[^\0-\x7f]/

/**
 * Masks numbers and ids in a word, keeps the codes that providers publish ("S3140", "AS16012611", "OFR_417",
 * "RP-001", "AUP#I-1000"). Null where it stays as it is. `characters` are those of the text that
 * the word begins in at `from`.
 */
export function maskCode(word: string, characters: Uint8Array, from: number): string | null {
  if (STATUS.test(word)) return null
  if (isEnclosed(characters, from, from + word.length) && BETWEEN_BRACKETS.test(word)) return null
  if (AMOUNT.test(word)) return word.replace(NUMBER, '{n}')
  if (word.length > LONGEST_WORD && !HAS_DIGIT.test(word)) return /^[\w+/=-]+$/.test(word) ? '{id}' : null
  return maskParts(word, characters, from)
}

const HAS_DIGIT = /\d/
/** What is longer is an id, even without a digit: no reply is known to use such a word ("UnsolicitedRateLimitError" has 25 letters). */
export const LONGEST_WORD = 40
/** An enhanced status code, or a provider's own that looks like one ("#id-5.9.4"). */
const STATUS = /^(?:id-)?\d\.\d\.\d{1,3}$/
const BETWEEN_BRACKETS = /^\d{1,3}$|^\d{3}\.\d{1,2}$/
/** A number, with what is measured after it: "300s", "10.5MB", "50%", "1/3". */
const AMOUNT = /^\d[\d.]*(?:[a-z]{1,2}|bytes|sec|secs|min|mins|hours?|days?)?$/i
const NUMBER = /^\d[\d.]*\d|^\d/
/** A published code: a few letters, some digits, perhaps a letter. */
const CODE = /^(?:[A-Z]{1,5}\d{1,8}[A-Z]?|[A-Z]{6,10}\d|[A-Za-z]{1,5}\d{1,3}|[a-zA-Z\d]{1,4})$/

/** Masks one after the other what stands between the marks of a word. */
function maskParts(word: string, characters: Uint8Array, from: number): string | null {
  let out = ''
  let copied = 0
  let masked = 0
  let previous = ''
  for (let at = 0; at < word.length; at++) {
    const start = at
    let digits = 0
    for (; at < word.length && isWordlike(characters[from + at]!); at++) if (isDigit(characters[from + at]!)) digits++
    if (at === start) continue
    const part = word.slice(start, at)
    const number = digits === part.length
    if (digits > 0 && !(number ? isNumbered(part, previous) : CODE.test(part))) {
      if (!number && BEYOND_ASCII.test(part)) return maskWithin(word)
      out += word.slice(copied, start) + (number && digits < 6 ? '{n}' : '{id}')
      copied = at
      masked++
    }
    previous = part
  }
  if (masked === 0) return null
  // A word made of several of them is one id: a queue's, a message's.
  return masked > 1 && !word.includes('=') ? '{id}' : out + word.slice(copied)
}

/** "OFR_417": digits that number a code are part of it. */
const isNumbered = (digits: string, code: string) => digits.length <= 8 && NUMBERED.test(code)
const NUMBERED = /^[A-Z]{1,5}\d{0,3}$|^ofr\d{0,3}$/
