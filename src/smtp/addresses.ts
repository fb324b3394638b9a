import { domainEnd, isHost } from './address-domain.ts'
import { localStart } from './address-local.ts'
import type { Characters } from './characters.ts'
import { isOrdinary } from './ordinary-words.ts'

/** What stands in place of an address, everywhere. */
export const ADDRESS = '{address}'

/** The ways in which an @ is written: itself, full-width, URL-encoded, quoted-printable, in HTML and JSON, spelled out. */
const SIGN =
  /[@＠﹫]|%(?:25){0,3}40|=40|&(?:amp;)?(?:#0{0,4}64|#x0{0,4}40|commat);|\\u0040|[([{]at[)\]}]| [([{]at[)\]}] /gi

/** May a sign stand in it? Told fast, and wrong only where there is none. */
export function mayHoldSign({ codes, length }: Characters): boolean {
  for (let at = 0; at < length; at++) {
    const place = SIGN_PLACES[codes[at]!]!
    if (place === 0) continue
    if (place === 1 || (isLetterA(codes[at + 1]!) && codes[at + 3]! < 128)) return true
  }
  return false
}
const isLetterA = (code: number) => code === 65 || code === 97
const SIGN_PLACES = new Uint8Array(256).fill(1, 128)
for (const c of '@%=&\\') SIGN_PLACES[c.charCodeAt(0)] = 1
for (const c of '([{') SIGN_PLACES[c.charCodeAt(0)] = 2

/** The longest that `<...>` around an address is looked for: RFC 5321 4.5.3.1.3 allows 256, and much is broken. */
const LONGEST_BRACKET = 400

/**
 * Replaces every e-mail address in a running text (RFC 5321, 5322 and 6531, whole or cut off), so that no `@` is left. An @
 * that nobody's name stands before becomes `(at)`. Each character is looked at a bounded number of times.
 */
export function redactAddresses(text: string): string {
  let out = ''
  let copied = 0
  let floor = 0
  let passed = 0
  let isBehindAddress = false
  SIGN.lastIndex = 0
  for (let sign = SIGN.exec(text); sign; sign = SIGN.exec(text)) {
    const at = sign.index
    // After one address another sign is taken as part of the same.
    if (at === copied && isBehindAddress) copied = domainEnd(text, at + sign[0].length)
    else {
      const found = addressAt(text, at, sign[0], floor)
      if (found === null) {
        if (++passed > MOST_PASSED) floor = at + sign[0].length
        continue
      }
      out += text.slice(copied, found.from) + (found.isName ? ADDRESS : '(at)')
      copied = found.to
      isBehindAddress = found.isName
    }
    floor = copied
    passed = 0
    SIGN.lastIndex = copied
  }
  return copied === 0 ? text : out + text.slice(copied)
}

/** As many signs that turn out to be none are looked back over: beyond it a text is made to cost time. */
const MOST_PASSED = 32

interface Found {
  from: number
  to: number
  /** False: an @ alone. */
  isName: boolean
}

/** The address around a sign, not reaching back before `floor`; null where the sign is none and may stay. */
function addressAt(text: string, at: number, sign: string, floor: number): Found | null {
  const behind = at + sign.length
  const isPlain = sign === '@'
  let from = localStart(text, at, floor)
  let to = domainEnd(text, behind)
  if (sign.length > 1 || !isPlain) {
    // What only may be an @ needs both sides.
    const isLoose = sign !== '＠' && sign !== '﹫'
    if (sign.startsWith(' ') && isOrdinary(text.slice(from, at))) return null
    if (
      from === at ||
      (/^ ?[([{]/.test(sign) && text.slice(at - 4, at).toLowerCase() === '(at)') ||
      (isLoose && !isHost(text.slice(behind, to)))
    )
      return null
  } else if (from === at && text[at - 1] === ' ' && at - 1 > floor) {
    // RFC 5322 allows blanks around it: "john @ example.com".
    const start = behind + (text[behind] === ' ' ? 1 : 0)
    const end = domainEnd(text, start)
    const name = localStart(text, at - 1, floor)
    if (name < at - 1 && isHost(text.slice(start, end)) && !isOrdinary(text.slice(name, at - 1))) {
      from = name
      to = end
    }
  }
  if (from === at) return routeAt(text, at) ?? { from: at, to: behind, isName: false }
  return bracketed(text, from, to, floor) ?? { from: withoutKey(text, from, at), to, isName: true }
}

/** A source route (`<@relay.example:john@example.com>`): all that is inside the brackets. */
function routeAt(text: string, at: number): Found | null {
  if (text[at - 1] !== '<') return null
  const limit = Math.min(text.length, at + LONGEST_BRACKET)
  let signs = 0
  for (let i = at; i < limit; i++) {
    const c = text[i]!
    if (c === '>') return signs > 1 ? { from: at, to: i, isName: true } : null
    if (c === '<' || c === '\n') return null
    if (c === '@') signs++
  }
  return null
}

/** What stands in `<...>` around an address is all of it, blanks included. */
function bracketed(text: string, from: number, to: number, floor: number): Found | null {
  const open = OPENS[text[to] ?? '']
  if (open === undefined) return null
  const limit = Math.max(floor, from - LONGEST_BRACKET)
  for (let i = from - 1; i >= limit; i--) {
    const c = text[i]!
    if (c === open) return isPersonal(text.slice(i + 1, from)) ? { from: i + 1, to, isName: true } : null
    if (c === text[to] || c === '\n') return null
  }
  return null
}
/** Words before an address in brackets are part of a name, unless they are a sentence. */
const isPersonal = (words: string) =>
  words.split(/\s+/).every((word) => word === '' || (!isOrdinary(word) && !/\d/.test(word)))
const OPENS: Record<string, string> = { '>': '<', '＞': '＜', '〉': '〈', '》': '《' }

/** Names of parameters before an address: `to=john@example.com`. Any other name may be the beginning of the address. */
const KEY =
  /(?:3D)?(?:to|from|cc|bcc|orig_to|rcpt|rcpt_to|recipient|recipients|sender|mailfrom|mail_from|from_addr|user|username|login|email|e-mail|mail|address|addr|id|e|m|r|u|q|p|emailaddress|e_mail|smtp\.mailfrom|header\.from|header\.i|envelope-from|envelope-to|reply-to|return-path|original-recipient|mailto)=(?:3D)?/iy

/** Past what stands before a local part in a link or a list of names and values. */
function withoutKey(text: string, from: number, at: number): number {
  let start = from
  if (text.startsWith('//', from) || text.startsWith('www.', from) || text[from - 1] === '/') {
    for (let i = from; i < at; i++) if (IN_LINK.includes(text[i]!)) start = i + 1
  }
  // Marks that quote an address or belong to a list; a name begins with none of them.
  while (start < at && !text.startsWith(ADDRESS, start) && MARKS.includes(text[start]!)) start++
  if (start === at) return from
  // A line end that is written as two characters is none of it.
  if (text[start - 1] === '\\' && 'nrt'.includes(text[start]!) && start + 1 < at) start++
  KEY.lastIndex = start
  const key = KEY.exec(text)
  return key && KEY.lastIndex < at ? KEY.lastIndex : start
}
const IN_LINK = '/?&#'
const MARKS = "'`{|}/=?!#&*\\"
