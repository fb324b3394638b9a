import { ADDRESS, redactAddresses } from './addresses.ts'
import type { Characters } from './characters.ts'

// What is shorter holds no address: "a@b.co" takes eight characters of base64.
const BASE64 = /(?:=\?[\w-]+\?[bq]\?[^?\s]{1,400}\?=)|[A-Za-z0-9+/_-]{12,}={0,2}/gi
const LONGEST = 16_384

/** Replaces runs of base64 and encoded words (RFC 2047) that hold an address: links to unblock carry such. */
export function redactCoded(text: string, characters: Characters): string {
  return !mayHoldCode(text, characters) ? text : text.replace(BASE64, (run) => (holdsAddress(run) ? ADDRESS : run))
}

/** Is there an encoded word, or a run that is long enough, has both cases, and two characters that an @ may be coded in? */
function mayHoldCode(text: string, { codes, length }: Characters): boolean {
  // A run of so many characters has one of each so many.
  for (let at = SHORTEST - 1; at < length; at += SHORTEST) {
    if (CODE_KINDS[codes[at]!] === 0) continue
    let from = at
    while (from > 0 && CODE_KINDS[codes[from - 1]!] !== 0) from--
    while (CODE_KINDS[codes[at]!] !== 0) at++
    if (at - from >= SHORTEST && mayBeAddress(codes, from, at)) return true
  }
  return text.includes('=?')
}

function mayBeAddress(codes: Uint8Array, from: number, to: number): boolean {
  let said = 0
  let before = 0
  for (let at = from; at < to; at++) {
    const kind = CODE_KINDS[codes[at]!]!
    said |= (kind & BOTH_CASES) | ((before & (kind >> BEHIND)) !== 0 ? PAIR : 0)
    before = kind & FIRST
  }
  return said === (BOTH_CASES | PAIR)
}
const SHORTEST = 12

// Of a character of base64. An @ is 01000000 in bits, and base64 takes six of them: it begins a pair with all of them in the first,
// with four, or with two.
const UPPER = 1
const LOWER = 2
const BOTH_CASES = UPPER | LOWER
const PAIR = 4
const PAIRS: readonly (readonly [RegExp, RegExp])[] = [
  [/Q/, /[A-P]/],
  [/[EUk0]/, /[A-D]/],
  [/[BFJNRVZdhlptx159]/, /A/],
]
const BEHIND = PAIRS.length
const FIRST = 0b111 << BEHIND
const OTHER = 1 << 15
const CODE_KINDS = new Uint16Array(256)
for (let unit = 43; unit < 123; unit++) {
  const character = String.fromCharCode(unit)
  if (!/[\w+/-]/.test(character)) continue
  CODE_KINDS[unit] = OTHER | (/[A-Z]/.test(character) ? UPPER : 0) | (/[a-z]/.test(character) ? LOWER : 0)
  for (const [i, [first, second]] of PAIRS.entries()) {
    if (first.test(character)) CODE_KINDS[unit]! |= 1 << (BEHIND + i)
    if (second.test(character)) CODE_KINDS[unit]! |= 1 << (2 * BEHIND + i)
  }
}

function holdsAddress(run: string): boolean {
  if (run.startsWith('=?')) {
    const [, , kind = '', body = ''] = run.split('?')
    const said = /b/i.test(kind)
      ? decoded(body)
      : body
          .replaceAll('_', ' ')
          .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    return said !== null && /@/.test(said)
  }
  // A word of a sentence or a host is none: base64 of an address has both cases or digits.
  if (!/[A-Z]/.test(run) || !/[a-z]/.test(run)) return false
  const said = decoded(run)
  return said !== null && redactAddresses(said).includes(ADDRESS)
}

/** The text that is coded, or null where it is none. */
function decoded(run: string): string | null {
  const base64 = run
    .slice(0, LONGEST)
    .replace(/(?<!=)=+$/, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
  try {
    const said = atob(base64.slice(0, base64.length - (base64.length % 4 === 1 ? 1 : 0)))
    // An address is readable; what is left of it may be anything.
    return /[\w.+-]@[\w-]/.test(said) ? said : null
  } catch {
    return null
  }
}
