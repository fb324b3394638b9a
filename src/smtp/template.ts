import { createCharacters, END, FOREIGN, isOneOf, setOf } from './characters.ts'
import { hostTemplate } from './host.ts'
import { maskCode } from './identifier.ts'
import { ADDRESS } from './redact.ts'

/** What may stand in a template in place of what differs from reply to reply. */
export const PLACEHOLDERS = [ADDRESS, '{ip}', '{host}', '{id}', '{n}', '{time}'] as const

/**
 * The template of a reply's text: addresses, IPs, hosts, ids, times and numbers masked, codes and keywords kept
 * ("TSS04", "S3140", "UnsolicitedRateLimitError"). Idempotent, in one pass over the text.
 */
export function mask(text: string): string {
  const characters = charactersAt(depth++)(text)
  let out = ''
  let copied = 0
  const { length } = text
  for (let at = telling(characters, 0, length); at < length; at = telling(characters, at, length)) {
    let start = at
    while (start > 0 && KINDS[characters[start - 1]!] !== SEPARATOR) start--
    let kinds = 0
    at = start
    for (let kind = KINDS[characters[at]!]!; kind !== SEPARATOR; kind = KINDS[characters[++at]!]!) kinds |= kind
    const masked = maskRun(text, start, at, kinds)
    if (masked === null || masked === text.slice(start, at)) continue
    out += text.slice(copied, start) + (isLone(masked) ? masked : settled(masked))
    copied = at
  }
  depth--
  return copied === 0 ? text : out + text.slice(copied)
}

/** The next place, from `at` on, which tells that the run there is more than a word; `length` where there is none. */
function telling(characters: Uint8Array, from: number, length: number): number {
  let at = from
  let state = 0
  let run = 0
  for (; at < length; at++) {
    const parts = PARTS[characters[at]!]!
    state = ((state << 1) | BEGINNINGS) & parts
    run = (run + 1) & (parts >> IN_RUN)
    if ((state & TELLING) !== 0 || run > LONGEST_WORD) break
  }
  return at
}

/** How many texts are being masked: parts of one are masked while it is read, each in an array of its own. */
let depth = 0
const levels: ((text: string) => Uint8Array)[] = []
const charactersAt = (level: number) => (levels[level] ??= createCharacters())

/** A placeholder parts what stood together, and the parts may be more to mask: they are read again. */
function settled(masked: string): string {
  let text = masked
  for (let round = 0; round < 8; round++) {
    const again = mask(text)
    if (again === text) break
    text = again
  }
  return text
}
/** Nothing but one placeholder. */
const isLone = (text: string) => text.charCodeAt(0) === OPEN_BRACE && text.indexOf('}') === text.length - 1

const SEPARATOR = 0
const LETTER = 1
const DIGIT = 2
const DOT = 4
const AT = 8
const COLON = 16
const SLASH = 32
const MARK = 64
const OPEN_BRACE = 123

/** Longer than any word that a reply is known to use ("UnsolicitedRateLimitError" has 25 letters). */
const LONGEST_WORD = 40

/** A link of letters only, no longer than this, is a page and nothing particular. */
const LONGEST_PLAIN_URL = 60

/** Nothing that a person would read goes on so long without a blank. */
const LONGEST_RUN = 512

const KINDS = new Uint8Array(END + 1)
for (let c = 33; c < 127; c++) {
  const char = String.fromCharCode(c)
  if (/[a-z]/i.test(char)) KINDS[c] = LETTER
  else if (/\d/.test(char)) KINDS[c] = DIGIT
  else if (char === '.') KINDS[c] = DOT
  else if (char === '@') KINDS[c] = AT
  else if (char === ':') KINDS[c] = COLON
  else if (char === '/') KINDS[c] = SLASH
  else KINDS[c] = '()<>[]{}"\',;|`'.includes(char) ? SEPARATOR : MARK
}
KINDS[FOREIGN] = LETTER

// What tells that a run is more than a word: a digit, an `@`, or something behind a full stop, a colon or a slash. The
// walk looks for both at once, with the Shift-And method.
const JOINT = 1
const BEHIND_JOINT = 2
const ALONE = 4
const BEGINNINGS = JOINT | ALONE
const TELLING = BEHIND_JOINT | ALONE
/** From this bit on ones for what is no separator. */
const IN_RUN = 3
const PARTS = Uint16Array.from(KINDS, (kind) => {
  if (kind === SEPARATOR) return 0
  const alone = kind & (DIGIT | AT) ? ALONE : 0
  return (0xff << IN_RUN) | BEHIND_JOINT | alone | (kind & (DOT | COLON | SLASH) ? JOINT : 0)
})

/** Which of PLACEHOLDERS stands at the opening brace there, or -1. */
export function placeholderAt(text: string, at: number): number {
  const first = text.charCodeAt(at + 1)
  for (let i = 0; i < PLACEHOLDERS.length; i++)
    if (PLACEHOLDERS[i]!.charCodeAt(1) === first && text.startsWith(PLACEHOLDERS[i]!, at)) return i
  return -1
}

/** What stands for `text[from, to)`, a run without blanks, brackets or quotes; null where it stays as it is. */
function maskRun(text: string, from: number, to: number, kinds: number): string | null {
  if (to - from > LONGEST_RUN) return '{id}'
  // What is met most is told without a regular expression.
  if (kinds === DIGIT) return to - from <= 3 && enclosed(text, from, to) ? null : '{n}'
  if (kinds === (DIGIT | DOT)) {
    const numbers = dottedNumbers(text, from, to)
    if (numbers === 4) return '{ip}'
    if (numbers === 3) return null
  }
  const run = text.slice(from, to)
  if (kinds & AT && !(kinds & (COLON | SLASH)) && isAddress(run)) return ADDRESS
  if (kinds & SLASH && (run.includes('://') || run.startsWith('//') || run.startsWith('www.')))
    return kinds & (DIGIT | AT) || run.length > LONGEST_PLAIN_URL || run.includes('%') ? maskUrl(run) : null
  if (kinds & AT) return maskAddresses(run)
  if (kinds & MARK && run.includes('%40')) return maskAddresses(run.replaceAll('%40', '@'))
  const equals = kinds & MARK ? run.indexOf('=') : -1
  if (equals > 0 && equals < run.length - 1) return `${mask(run.slice(0, equals + 1))}${mask(run.slice(equals + 1))}`
  return maskPlain(run, kinds, text, from)
}

/** 4 for an IPv4 address, 3 for what has the shape of an enhanced status code, else 0. */
function dottedNumbers(text: string, from: number, to: number): number {
  let numbers = 1
  let value = 0
  let digits = 0
  let status = true
  for (let at = from; at < to; at++) {
    const c = text.charCodeAt(at)
    if (c !== 46) {
      value = 10 * value + c - 48
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

/** One `@`, and nothing around the address. */
const isAddress = (run: string) =>
  run.indexOf('@') === run.lastIndexOf('@') &&
  !run.includes('=') &&
  isWordlike(run, 0) &&
  isWordlike(run, run.length - 1)

function maskPlain(run: string, kinds: number, text: string, from: number): string | null {
  // Punctuation around the run is not part of it.
  let start = 0
  let end = run.length
  while (start < end && !isWordlike(run, start)) start++
  while (end > start && !isWordlike(run, end - 1)) end--
  if (start === end) return null
  const core = start === 0 && end === run.length ? run : run.slice(start, end)
  // What holds no digit is a host name, or stays.
  const result =
    kinds & DIGIT
      ? ((kinds & (COLON | DOT | MARK) ? (maskAddressOrTime(core, kinds) ?? maskDotted(core, kinds)) : null) ??
        maskCode(core, enclosed(text, from + start, from + end)))
      : (maskDotted(core, kinds) ?? (core.length > LONGEST_WORD ? maskCode(core, false) : null))
  if (result === null || result === core) return null
  return run.slice(0, start) + result + run.slice(end)
}

const isWordlike = (run: string, at: number) => {
  const c = run.charCodeAt(at)
  return c >= FOREIGN || (KINDS[c]! & (LETTER | DIGIT)) !== 0
}

/** Is it alone between brackets? "[291]" and "(554.30)" are codes of a provider, not amounts. */
function enclosed(text: string, from: number, to: number): boolean {
  const before = text.charCodeAt(from - 1)
  const open = before === 45 || before === 35 ? text.charCodeAt(from - 2) : before
  const close = text.charCodeAt(to)
  return (open === 91 && close === 93) || (open === 40 && close === 41)
}

const IPV4 = /^(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\d.]*\.\d)/
const IPV6 = /^(?:ipv6:)?(?=[0-9a-f]*:[0-9a-f:]*:)[0-9a-f:]{2,39}(?:\.\d{1,3}){0,3}$/i
const CLOCK = /^\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?z?$/i
const DATE = /^\d{4}-\d\d-\d\d(?:[t_]?[\d:.+-]{0,24}z?)?$|^\d{1,2}[./]\d{1,2}[./]\d{4}$/i

function maskAddressOrTime(core: string, kinds: number): string | null {
  const first = core.charCodeAt(0)
  const digit = first >= 48 && first <= 57
  if (kinds & COLON) {
    if (digit && CLOCK.test(core)) return '{time}'
    if (IPV6.test(core)) return '{ip}'
  }
  if (!digit) return null
  if (DATE.test(core)) return '{time}'
  const ip = kinds & DOT ? IPV4.exec(core) : null
  if (!ip) return null
  const rest = core.slice(ip[0].length)
  if (rest === '') return '{ip}'
  if (!/^[a-z\d-]/i.test(rest)) return `{ip}${mask(rest)}`
  return null
}

function maskDotted(core: string, kinds: number): string | null {
  return kinds & DOT ? hostTemplate(core) : null
}

/** Keeps where a link leads and what it is about, masks what is particular to this one message. */
function maskUrl(run: string): string {
  const slashes = run.indexOf('//')
  const start = slashes < 0 ? 0 : slashes + 2
  let end = start
  while (end < run.length && !isOneOf(HOST_ENDS, run.charCodeAt(end))) end++
  const scheme = run.slice(0, Math.max(0, slashes))
  let out = (SCHEME.test(scheme) ? scheme : mask(scheme)) + run.slice(Math.max(0, slashes), start)
  out += maskUrlHost(run.slice(start, end))
  while (end < run.length) {
    const marks = end
    while (end < run.length && isOneOf(URL_MARKS, run.charCodeAt(end))) end++
    const part = end
    while (end < run.length && !isOneOf(URL_MARKS, run.charCodeAt(end))) end++
    out += run.slice(marks, part) + maskUrlPart(run.slice(part, end))
  }
  return out
}
const SCHEME = /^(?:https?:)?$/i

function maskUrlHost(host: string): string {
  if (host.includes('@')) return maskAddresses(host)
  return HAS_DIGIT.test(host) ? (maskAddressOrTime(host, DOT | COLON) ?? hostTemplate(host) ?? host) : host
}
const HAS_DIGIT = /\d/

const HOST_ENDS = setOf('/?#:')
const URL_MARKS = setOf('/?#&=:~+!*$')

/** A word of a path or a query stays if it is one that people gave a name to ("550-bl23.html", "TECH246726"). */
function maskUrlPart(part: string): string {
  if (part === '' || (part.length <= LONGEST_WORD && LETTERS.test(part))) return part
  if (part.includes('@')) return maskAddresses(part)
  const ip = maskAddressOrTime(part, DOT)
  if (ip) return ip
  if (NAMED.test(part)) return part
  return '{id}'
}
const NAMED = /^\d{1,8}$|^[a-z]{1,10}\d{1,8}$|^ip\d[a-z]+$|^(?:[a-z]+\d{0,4}|\d{3})(?:[.-](?:[a-z]+\d{0,4}|\d{1,3}))*$/i
const LETTERS = /^[A-Za-z_.-]+$/

/** Every address in the run, and no `@` left. What stands before a colon (`mailto:`) or `to=` is no part of it. */
function maskAddresses(run: string): string {
  const first = run.indexOf('@')
  const colon = run.lastIndexOf(':', first)
  const key = run.indexOf('=') === run.lastIndexOf('=', first) ? (/^[a-z]{1,10}=/i.exec(run)?.[0].length ?? 0) : 0
  const local = Math.max(colon + 1, key < first ? key : 0)
  let end = first + 1
  while (end < run.length && (isWordlike(run, end) || '._-'.includes(run[end]!))) end++
  while (end > first + 1 && !isWordlike(run, end - 1)) end--
  const rest = run.slice(end)
  const before = run.slice(0, local)
  return `${before === '' ? '' : mask(before)}${ADDRESS}${rest.includes('@') ? maskRest(rest) : mask(rest)}`
}

/** After one address another `@` is taken as part of the same. */
const maskRest = (rest: string): string => mask(rest.slice(rest.lastIndexOf('@') + 1))
