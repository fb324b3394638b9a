import { isDigit } from './characters.ts'

/** Is it of the commonest form of a published code ("TSS04", "S3140")? One to five capitals, then up to eight digits. */
export function isPublished(characters: Uint8Array, from: number, to: number): boolean {
  let at = from
  while (at < to && characters[at]! >= 65 && characters[at]! <= 90) at++
  const digits = at
  while (at < to && isDigit(characters[at]!)) at++
  return at === to && digits > from && digits - from <= 5 && to > digits && to - digits <= 8
}

/** As `maskCode`, for letters and digits only. */
export function maskWord(word: string): string | null {
  if (AMOUNT.test(word)) return word.replace(NUMBER, '{n}')
  return CODE.test(word) ? null : '{id}'
}

/**
 * Masks numbers and ids in a word, keeps the codes that providers publish ("S3140", "AS16012611", "OFR_417",
 * "RP-001", "AUP#I-1000"). `enclosed`: it stands alone between brackets. Null where it stays as it is.
 */
export function maskCode(word: string, enclosed: boolean): string | null {
  if (PUBLISHED.test(word)) return null
  if (STATUS.test(word)) return null
  if (enclosed && (/^\d{1,3}$/.test(word) || /^\d{3}\.\d{1,2}$/.test(word))) return null
  if (!HAS_DIGIT.test(word)) return word.length > 40 && /^[\w+/=-]+$/.test(word) ? '{id}' : null
  if (AMOUNT.test(word)) return word.replace(NUMBER, '{n}')
  return maskParts(word)
}

const HAS_DIGIT = /\d/
/** The commonest form of a published code, told first. */
const PUBLISHED = /^[A-Z]{1,5}\d{1,8}$/
/** An enhanced status code, or a provider's own that looks like one ("#id-5.9.4"). */
const STATUS = /^(?:id-)?\d\.\d\.\d{1,3}$/
/** A number, with what is measured after it: "300s", "10.5MB", "50%", "1/3". */
const AMOUNT = /^\d[\d.]*(?:[a-z]{1,2}|bytes|sec|secs|min|mins|hours?|days?)?$/i
const NUMBER = /^\d[\d.]*\d|^\d/
/** A published code: a few letters, some digits, perhaps a letter. */
const CODE = /^(?:[A-Z]{1,5}\d{1,8}[A-Z]?|[A-Z]{6,10}\d|[A-Za-z]{1,5}\d{1,3}|[a-zA-Z\d]{1,4})$/
const MARKS = /([^A-Za-z\d\u0080-\uffff]+)/

function maskParts(word: string): string | null {
  const parts = word.split(MARKS)
  let masked = 0
  let previous = ''
  for (let i = 0; i < parts.length; i += 2) {
    const part = parts[i]!
    if (HAS_DIGIT.test(part) && !isCode(part, previous)) {
      parts[i] = /^\d+$/.test(part) && part.length < 6 ? '{n}' : '{id}'
      masked++
    }
    previous = part
  }
  if (masked === 0) return null
  // A word made of several of them is one id: a queue's, a message's.
  return masked > 1 && !word.includes('=') ? '{id}' : parts.join('')
}

/** "OFR_417": digits that number a code are part of it. */
const isCode = (part: string, previous: string) =>
  /^\d+$/.test(part) ? part.length <= 8 && /^[A-Z]{1,5}\d{0,3}$|^ofr\d{0,3}$/.test(previous) : CODE.test(part)
