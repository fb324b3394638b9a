import { type Characters, createCharacters, END, FOREIGN, isOneOf, isWordlike, setOf } from '../characters.ts'
import { ADDRESS } from '../redact.ts'
import { hostTemplate } from './host.ts'
import { dottedNumbers, isEnclosed, isPublished, LONGEST_WORD, maskCode, maskWord } from './identifier.ts'

/** What may stand in a template in place of what differs from reply to reply. */
export const PLACEHOLDERS = [ADDRESS, '{ip}', '{host}', '{id}', '{n}', '{time}'] as const

/**
 * The template of a reply's text: addresses, IPs, hosts, ids, times and numbers masked, codes and keywords kept
 * ("TSS04", "S3140", "UnsolicitedRateLimitError"). Idempotent, in one pass over the text.
 */
export function mask(text: string): string {
  const { codes, length } = charactersAt(depth++)(text)
  const masked = maskPart(text, codes, 0, length)
  depth--
  return masked ?? text
}

/** What stands for `text[from, to)`, which may be part of a run; null where it stays as it is. */
function maskPart(text: string, characters: Uint8Array, from: number, to: number): string | null {
  let out = ''
  let copied = from
  for (let at = tellingRun(characters, from, to); at < to; at = tellingRun(characters, at, to)) {
    const run = at
    let kinds = 0
    for (; at < to; at++) {
      const kind = KINDS[characters[at]!]!
      if (kind === SEPARATOR) break
      kinds |= kind
    }
    let start = run
    let end = at
    if (at - run <= LONGEST_RUN && !isCompound(kinds)) {
      end = coreEnd(characters, start, at)
      if (!(kinds & AT)) start = coreStart(characters, start, end)
      if (start === end) continue
      if (start > run || end < at) kinds = kindsOf(characters, start, end)
    }
    const masked = maskRun(text, characters, start, end, kinds)
    if (masked === null) continue
    out += text.slice(copied, start) + masked
    copied = end
  }
  return copied === from ? null : out + text.slice(copied, to)
}

/** Where the next run, from `from` on, begins that is more than a word; `to` where there is none. */
function tellingRun(characters: Uint8Array, from: number, to: number): number {
  let before = 0
  let run = 0
  for (let at = from; at < to; at++) {
    const parts = PARTS[characters[at]!]!
    run = (run + 1) & (parts >> IN_RUN)
    if ((parts & (before | ALONE)) !== 0 || run > LONGEST_WORD) return at + 1 - run
    before = (parts & JOINT) << 1
  }
  return to
}

/** How many texts are being masked: parts of one are masked while it is read, each in an array of its own. */
let depth = 0
const levels: ((text: string) => Characters)[] = []
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
/** Nothing but one placeholder: it parts nothing. */
const isLone = (masked: string) => masked.charCodeAt(0) === OPEN_BRACE && masked.indexOf('}') === masked.length - 1
const OPEN_BRACE = 123

// Kinds of characters.
const SEPARATOR = 0
const LETTER = 1
const DIGIT = 2
const DOT = 4
const AT = 8
const COLON = 16
const SLASH = 32
const EQUALS = 64
const PERCENT = 128
const MARK = 256
/** What IPs and times hold besides digits, and what may stand around them. */
const MARKS = DOT | COLON | EQUALS | PERCENT | MARK
/** What links, pairs of name and value and encoded addresses hold: punctuation may be part of them. */
const COMPOUND = SLASH | EQUALS | PERCENT

/** A link of letters only, no longer than this, is a page and nothing particular. */
const LONGEST_PLAIN_URL = 60

/** Nothing that a person would read goes on so long without a blank. */
const LONGEST_RUN = 512

const KINDS = new Uint16Array(END + 1)
for (let c = 33; c < 127; c++) {
  const char = String.fromCharCode(c)
  if (/[a-z]/i.test(char)) KINDS[c] = LETTER
  else if (/\d/.test(char)) KINDS[c] = DIGIT
  else if (char === '.') KINDS[c] = DOT
  else if (char === '@') KINDS[c] = AT
  else if (char === ':') KINDS[c] = COLON
  else if (char === '/') KINDS[c] = SLASH
  else if (char === '=') KINDS[c] = EQUALS
  else if (char === '%') KINDS[c] = PERCENT
  else KINDS[c] = '()<>[]{}"\',;|`'.includes(char) ? SEPARATOR : MARK
}
KINDS[FOREIGN] = LETTER

// What tells that a run is more than a word: a digit, an `@`, or something behind a full stop, a colon or a slash. The
// walk looks for both at once, with the Shift-And method.
const JOINT = 1
const BEHIND_JOINT = 2
const ALONE = 4
/** From this bit on ones for what is no separator. */
const IN_RUN = 3
const PARTS = Uint16Array.from(KINDS, (kind) => {
  if (kind === SEPARATOR) return 0
  const alone = kind & (DIGIT | AT) ? ALONE : 0
  return (0xff << IN_RUN) | BEHIND_JOINT | alone | (kind & (DOT | COLON | SLASH) ? JOINT : 0)
})

/** What stands for `text[from, to)`, a run without blanks, brackets or quotes; null where it stays as it is. */
function maskRun(text: string, characters: Uint8Array, from: number, to: number, kinds: number): string | null {
  if (to - from > LONGEST_RUN) return '{id}'
  if (kinds & SLASH && isLink(text, characters, from, to)) return maskLink(text, characters, from, to, kinds)
  if (kinds & AT) return isAddress(characters, from, to, kinds) ? ADDRESS : maskAddresses(text.slice(from, to))
  if (kinds & COMPOUND) return maskCompound(text, characters, from, to, kinds)
  const masked = maskCore(text, characters, from, to, kinds)
  // A known domain is left as it is when it is read again.
  return masked === null || isLone(masked) || masked.startsWith('{host}.') ? masked : settled(masked)
}

function maskCompound(text: string, characters: Uint8Array, from: number, to: number, kinds: number): string | null {
  if (kinds & PERCENT) {
    const run = text.slice(from, to)
    if (run.includes('%40')) return maskAddresses(run.replaceAll('%40', '@'))
  }
  const equals = kinds & EQUALS ? text.indexOf('=', from) : from
  if (equals > from && equals < to - 1) return maskPair(text, characters, from, equals + 1, to)
  const end = coreEnd(characters, from, to)
  const start = coreStart(characters, from, end)
  const core = maskCore(text, characters, start, end, kinds)
  return core === null ? null : settled(text.slice(from, start) + core + text.slice(end, to))
}

/** A name up to its `=`, and its value. */
function maskPair(text: string, characters: Uint8Array, from: number, value: number, to: number): string | null {
  const name = maskPart(text, characters, from, value)
  const masked = maskPart(text, characters, value, to)
  if (name === null && masked === null) return null
  const pair = (name ?? text.slice(from, value)) + (masked ?? text.slice(value, to))
  // As long as all before the first placeholder stayed, the name was read together with it already.
  const first = pair.indexOf('{')
  const same = name === null && first >= 0 && text.startsWith(pair.slice(0, first), from)
  return same ? pair : settled(pair)
}

// Punctuation around a run is not part of it, but a mark before an `@` may be part of the address.
const isCompound = (kinds: number) => (kinds & COMPOUND) !== 0 || (kinds & (AT | MARK)) === (AT | MARK)
function coreStart(characters: Uint8Array, from: number, to: number): number {
  let start = from
  while (start < to && !isWordlike(characters[start]!)) start++
  return start
}
function coreEnd(characters: Uint8Array, from: number, to: number): number {
  let end = to
  while (end > from && !(KINDS[characters[end - 1]!]! & (LETTER | DIGIT | AT))) end--
  return end
}

function kindsOf(characters: Uint8Array, from: number, to: number): number {
  let kinds = 0
  for (let at = from; at < to; at++) kinds |= KINDS[characters[at]!]!
  return kinds
}

/** One `@`, and nothing around the address. */
function isAddress(characters: Uint8Array, from: number, to: number, kinds: number): boolean {
  if (kinds & (COLON | SLASH | EQUALS) || !isWordlike(characters[from]!) || !isWordlike(characters[to - 1]!))
    return false
  let ats = 0
  for (let at = from; at < to; at++) ats += KINDS[characters[at]!] === AT ? 1 : 0
  return ats === 1
}

/** A run without the punctuation around it. */
function maskCore(text: string, characters: Uint8Array, from: number, to: number, kinds: number): string | null {
  // What is met most is told without a regular expression.
  if (kinds === DIGIT) return to - from <= 3 && isEnclosed(characters, from, to) ? null : '{n}'
  if (kinds === (LETTER | DIGIT)) return isPublished(characters, from, to) ? null : maskWord(text.slice(from, to))
  if (kinds === (DIGIT | DOT)) {
    const numbers = dottedNumbers(characters, from, to)
    if (numbers === 4) return '{ip}'
    if (numbers === 3) return null
  }
  if (!(kinds & (DIGIT | DOT)) && to - from <= LONGEST_WORD) return null
  const core = text.slice(from, to)
  const addressOrTime = kinds & DIGIT && kinds & MARKS ? maskAddressOrTime(core, kinds) : null
  if (addressOrTime !== null) return addressOrTime
  const host = kinds & DOT ? hostTemplate(core, characters, from) : null
  if (host !== null) return host === core ? null : host
  return kinds & DIGIT || core.length > LONGEST_WORD ? maskCode(core, characters, from) : null
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
  const ip = kinds & DOT ? IPV4.exec(core) : null
  if (!ip) return DATE.test(core) ? '{time}' : null
  const rest = core.slice(ip[0].length)
  if (rest === '') return '{ip}'
  if (!/^[a-z\d-]/i.test(rest)) return `{ip}${mask(rest)}`
  return null
}

/** Does it lead to a page? */
function isLink(text: string, characters: Uint8Array, from: number, to: number): boolean {
  let slashes = slashesIn(characters, from, to)
  while (slashes > from && KINDS[characters[slashes - 1]!] !== COLON) slashes = slashesIn(characters, slashes + 1, to)
  return slashes >= 0 || text.startsWith('www.', from)
}

/** Where the first `//` is, or -1. */
function slashesIn(characters: Uint8Array, from: number, to: number): number {
  for (let at = from + 1; at < to; at++)
    if (KINDS[characters[at]!] === SLASH && KINDS[characters[at - 1]!] === SLASH) return at - 1
  return -1
}

/** Keeps where a link leads and what it is about, masks what is particular to this one message. */
function maskLink(text: string, characters: Uint8Array, from: number, to: number, kinds: number): string | null {
  if (!(kinds & (DIGIT | AT | PERCENT)) && to - from <= LONGEST_PLAIN_URL) return null
  const slashes = Math.max(from, slashesIn(characters, from, to))
  let out = maskPart(text, characters, from, slashes) ?? ''
  let copied = out === '' ? from : slashes
  let start = slashes
  while (start < slashes + 2 && KINDS[characters[start]!] === SLASH) start++
  let end = start
  while (end < to && !isOneOf(HOST_ENDS, characters[end]!)) end++
  let masked = maskLinkHost(text, characters, start, end)
  while (true) {
    if (masked !== null) {
      out += text.slice(copied, start) + masked
      copied = end
    }
    if (end === to) break
    start = end
    while (start < to && LINK_KINDS[characters[start]!] === SEPARATOR) start++
    let partKinds = 0
    for (end = start; end < to; end++) {
      const kind = LINK_KINDS[characters[end]!]!
      if (kind === SEPARATOR) break
      partKinds |= kind
    }
    masked = maskLinkPart(text, start, end, partKinds)
  }
  return copied === from ? null : settled(out + text.slice(copied, to))
}

/** Only what is particular of a host: most links lead to a provider's own pages. */
function maskLinkHost(text: string, characters: Uint8Array, from: number, to: number): string | null {
  const kinds = kindsOf(characters, from, to)
  if ((kinds & (AT | DIGIT)) === 0) return null
  const host = text.slice(from, to)
  if (kinds & AT) return maskAddresses(host)
  const masked = maskAddressOrTime(host, DOT) ?? hostTemplate(host, characters, from)
  return masked === host ? null : masked
}

const HOST_ENDS = setOf('/?#:')
/** What the parts of a link behind its host are made of. A dash joins letters, whatever is left is a MARK. */
const LINK_KINDS = KINDS.map((kind, c) => {
  const char = String.fromCharCode(c)
  if ('/?#&=:~+!*$'.includes(char)) return SEPARATOR
  if ('_-'.includes(char)) return LETTER
  return c < FOREIGN && kind & (LETTER | DIGIT | DOT) ? kind : MARK
})

/** A word of a path or a query stays if it is one that people gave a name to ("550-bl23.html", "TECH246726"). */
function maskLinkPart(text: string, from: number, to: number, kinds: number): string | null {
  if (!(kinds & ~(LETTER | DOT)) && to - from <= LONGEST_WORD) return null
  const part = text.slice(from, to)
  if (part.includes('@')) return maskAddresses(part)
  return maskAddressOrTime(part, DOT) ?? (NAMED.test(part) ? null : '{id}')
}
const NAMED = /^\d{1,8}$|^[a-z]{1,10}\d{1,8}$|^ip\d[a-z]+$|^(?:[a-z]+\d{0,4}|\d{3})(?:[.-](?:[a-z]+\d{0,4}|\d{1,3}))*$/i

/** Every address in the run, and no `@` left. What stands before a colon (`mailto:`) or `to=` is no part of it. */
function maskAddresses(run: string): string {
  const first = run.indexOf('@')
  const colon = run.lastIndexOf(':', first)
  const key = run.indexOf('=') === run.lastIndexOf('=', first) ? (/^[a-z]{1,10}=/i.exec(run)?.[0].length ?? 0) : 0
  const local = Math.max(colon + 1, key < first ? key : 0)
  let end = first + 1
  while (end < run.length && (isWordlikeAt(run, end) || '._-'.includes(run[end]!))) end++
  while (end > first + 1 && !isWordlikeAt(run, end - 1)) end--
  const rest = run.slice(end)
  const before = run.slice(0, local)
  return `${before === '' ? '' : mask(before)}${ADDRESS}${rest.includes('@') ? maskRest(rest) : mask(rest)}`
}

const isWordlikeAt = (run: string, at: number) => isWordlike(Math.min(run.charCodeAt(at), FOREIGN))

/** After one address another `@` is taken as part of the same. */
const maskRest = (rest: string): string => mask(rest.slice(rest.lastIndexOf('@') + 1))
