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
  const kindAt = kindsOf(text, depth++)
  let out = ''
  let copied = 0
  const length = text.length
  let at = 0
  while (at < length) {
    let kinds = kindAt[at]!
    if (kinds === SEPARATOR) {
      at = text.charCodeAt(at) === OPEN_BRACE ? afterPlaceholder(text, at) : at + 1
      continue
    }
    const start = at
    for (let kind = kindAt[++at]!; kind !== SEPARATOR; kind = kindAt[++at]!) kinds |= kind
    // Most runs are words, some with a full stop or a colon behind.
    if (at - start <= LONGEST_WORD) {
      if ((kinds & ~(LETTER | MARK)) === 0) continue
      if (kinds === (LETTER | DOT) && text.indexOf('.', start) === at - 1) continue
      if (kinds === (LETTER | COLON) && text.indexOf(':', start) === at - 1) continue
    }
    const masked = maskRun(text, start, at, kinds)
    if (masked === null || masked === text.slice(start, at)) continue
    out += text.slice(copied, start) + (isLone(masked) ? masked : settled(masked))
    copied = at
  }
  depth--
  return copied === 0 ? text : out + text.slice(copied)
}

/** How many texts are being masked: parts of one are masked while it is read, each in an array of its own. */
let depth = 0
const levels: Uint8Array[] = []
const encoder = new TextEncoder()

/** The kind of each character of the text, and a separator behind them. */
function kindsOf(text: string, level: number): Uint8Array {
  const length = text.length
  let kinds = levels[level]
  if (kinds === undefined || kinds.length <= length) {
    kinds = new Uint8Array(Math.max(1024, 2 * length))
    levels[level] = kinds
  }
  // A string that is part of another is slow to walk over.
  const { read, written } = encoder.encodeInto(text, kinds)
  if (read === length && written === length) for (let at = 0; at < length; at++) kinds[at] = KINDS[kinds[at]!]!
  else
    for (let at = 0; at < length; at++) {
      const c = text.charCodeAt(at)
      kinds[at] = c < 128 ? KINDS[c]! : foreign(c)
    }
  kinds[length] = SEPARATOR
  return kinds
}

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

const KINDS = new Uint8Array(128)
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

/** No-break and ideographic blanks and full-width punctuation part words; all else beyond ASCII is writing. */
function foreign(c: number): number {
  const parts =
    c === 0xa0 || (c >= 0x2000 && c <= 0x206f) || (c >= 0x3000 && c <= 0x3003) || (c >= 0xff00 && c <= 0xff0f)
  return parts ? SEPARATOR : LETTER
}

function afterPlaceholder(text: string, at: number): number {
  const which = placeholderAt(text, at)
  return which < 0 ? at + 1 : at + PLACEHOLDERS[which]!.length
}

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
  return c >= 128 || (KINDS[c]! & (LETTER | DIGIT)) !== 0
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
  const start = run.indexOf('//') < 0 ? 0 : run.indexOf('//') + 2
  let end = start
  while (end < run.length && !'/?#:'.includes(run[end]!)) end++
  const host = run.slice(start, end)
  const shown = host.includes('@')
    ? maskAddresses(host)
    : /\d/.test(host)
      ? (maskAddressOrTime(host, DOT | COLON) ?? hostTemplate(host) ?? host)
      : host
  let out = mask(run.slice(0, Math.max(0, start - 2))) + run.slice(Math.max(0, start - 2), start) + shown
  for (const part of run.slice(end).split(URL_PARTS)) out += URL_MARK.test(part) ? part : maskUrlPart(part)
  return out
}
const URL_PARTS = /([/?#&=:~+!*$]+)/
const URL_MARK = /^[/?#&=:~+!*$]*$/

/** A word of a path or a query stays if it is one that people gave a name to ("550-bl23.html", "TECH246726"). */
function maskUrlPart(part: string): string {
  if (part.length <= LONGEST_WORD && LETTERS.test(part)) return part
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
