import { kindOf, OUTSIDE, SPACED, UNSEEN, UNSPACED } from './address-characters.ts'

/** Much longer than RFC 5321 allows: what is quoted or in parentheses is looked for no further. */
const LONGEST = 4096

/**
 * Where the local part that ends at `at` begins, not before `floor`: atoms, quoted strings and comments in any order, as
 * RFC 5322 has them. `at` itself where there is none.
 */
export function localStart(text: string, at: number, floor: number): number {
  let start = at
  for (;;) {
    const before = start
    const c = text[start - 1]
    if (start <= floor || c === undefined) return start
    if (c in OPENING) start = quoteStart(text, start, floor) ?? start
    else if (c === ')') start = commentStart(text, start, floor) ?? start
    else if (c === ';') start = entityStart(text, start, floor) ?? start
    if (start === before) start = runStart(text, start, floor)
    if (start === before && c === '"') start = runStart(text, start - 1, floor)
    if (start === before) return pastPassword(text, start, floor)
    // The writing changed: what stands before is the sentence.
    if (kindOf(text.charCodeAt(start - 1)) === UNSPACED && start > floor) return start
    if (c === "'" && start > floor && kindOf(text.charCodeAt(start - 1)) === OUTSIDE) return start
    // Behind a quotation, what stands before belongs to it only where a full stop joins them.
    if (c in OPENING && text[start - 1] !== '.' && kindOf(text.charCodeAt(start - 1)) !== SPACED) return start
    if (c === ')' && text[start - 1] === ' ' && start - 1 > floor) start--
    if (text.startsWith('. ', start) && text[start - 1] === ' ' && start - 1 > floor) start--
    else if (text[start - 1] === '"' && text[start] !== '.') return start
    else if (text[start - 1] === ' ' && text[start - 2] === '.' && text[start - 3] === ' ' && start - 2 > floor) start--
  }
}

const OPENING: Record<string, string> = { '"': '"', '”': '“', '»': '«', '」': '「', '』': '『', "'": "'", '’': '‘' }

/** Where the quotation begins that ends before `end`. */
function quoteStart(text: string, end: number, floor: number): number | null {
  const close = text[end - 1]!
  const open = OPENING[close]!
  // In JSON, and in JSON within JSON, backslashes tell a quotation inside the quotation.
  const depth = backslashesBefore(text, end - 1)
  const limit = Math.max(floor, end - (close === '"' ? LONGEST : SHORT))
  for (let i = end - 2 - depth; i >= limit; i--) {
    if (text[i] !== open || backslashesBefore(text, i) !== depth) continue
    // An apostrophe inside a word opens nothing.
    if (close === "'" && i > 0 && kindOf(text.charCodeAt(i - 1)) === SPACED) continue
    return i - depth
  }
  return null
}

const MOST_BACKSLASHES = 15
function backslashesBefore(text: string, at: number): number {
  let count = 0
  while (count < MOST_BACKSLASHES && text[at - 1 - count] === '\\') count++
  return count
}

/** Quotation marks that are apostrophes too are looked for within a local part of usual length. */
const SHORT = 80

/** Where the comment begins that ends before `end`; comments nest. */
function commentStart(text: string, end: number, floor: number): number | null {
  let depth = 0
  for (let i = end - 1; i >= Math.max(floor, end - LONGEST); i--) {
    if (text[i] === ')') depth++
    else if (text[i] === '(' && --depth === 0) return i
  }
  return null
}

/** `&quot;john smith&quot;`, and characters that HTML writes as numbers (`&#46;`). */
function entityStart(text: string, end: number, floor: number): number | null {
  const [entity] =
    /&(?:#\d{1,6}|#x[0-9a-f]{1,5}|quot|period|apos|lowbar|hyphen|plus);$/i.exec(
      text.slice(Math.max(floor, end - 10), end),
    ) ?? []
  if (entity === undefined) return null
  if (entity !== '&quot;') return end - entity.length
  for (let i = end - 12; i >= Math.max(floor, end - LONGEST); i--) if (text.startsWith('&quot;', i)) return i
  return null
}

/** Back over atoms and full stops, to where the writing changes between one with blanks and one without. */
function runStart(text: string, end: number, floor: number): number {
  let i = end
  let nearest = 0
  let parted = -1
  for (; i > floor; i--) {
    const kind = kindOf(text.charCodeAt(i - 1))
    if (kind === OUTSIDE) {
      const jump = joinedBefore(text, i, floor)
      if (jump === i) break
      i = jump + 1
      continue
    }
    if (kind === UNSPACED && nearest === SPACED && parted < 0) parted = i
    if (kind === SPACED || kind === UNSPACED) nearest = kind
  }
  // Inside brackets or quotes all of it is the address.
  if (parted < 0 || ENCLOSING.includes(text[i - 1] ?? ' ')) return skipUnseen(text, i, end)
  return parted
}
const ENCLOSING = '<"＜'

function skipUnseen(text: string, from: number, to: number): number {
  let i = from
  while (i < to && kindOf(text.charCodeAt(i)) === UNSEEN && !isHalf(text.charCodeAt(i))) i++
  return i
}
const isHalf = (unit: number) => unit >= 0xd800 && unit < 0xe000

/** Where a run goes on before what does not belong to it: a soft line break of quoted-printable, a quoted character. */
function joinedBefore(text: string, i: number, floor: number): number {
  if (text[i - 1] === '\n') {
    const line = text[i - 2] === '\r' ? i - 2 : i - 1
    if (line - 1 > floor && text[line - 1] === '=') return line - 1
    return i
  }
  if (text[i - 1] === '\\') {
    // The same two as JSON writes them.
    for (const escaped of ['=\\r\\', '=\\'])
      if (text.slice(i - escaped.length, i) === escaped && i - escaped.length >= floor && text[i] === 'n')
        return i - escaped.length
    if (text[i] === '\\') return i - 1
  }
  // RFC 821 wrote `Joe\,Smith`.
  if (text[i - 2] === '\\' && i - 2 >= floor && text[i - 1]! > ' ' && text[i - 1] !== '"') return i - 2
  return i
}

/** In `https://john:secret@host` the name is before the colon. */
function pastPassword(text: string, start: number, floor: number): number {
  if (text[start - 1] !== ':' || start - 1 <= floor) return start
  let i = start - 1
  while (i > floor && kindOf(text.charCodeAt(i - 1)) !== OUTSIDE) i--
  return text.startsWith('//', i) && i + 2 < start - 1 && text[i - 1] === ':' ? i + 2 : start
}
