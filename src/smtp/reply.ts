import { unfold } from './unfold.ts'

/** What a server said: its code, its enhanced status code (RFC 3463) and the text without either. */
export interface Reply {
  code: number | null
  enhanced: string | null
  text: string
}

/** RFC 5321 4.5.3.1.5 allows 512 octets a line; several lines of text are kept, a pasted mailbox is not. */
const LONGEST = 4096
/** What a reply and a report around it may take; a reply that begins later is not looked for. */
const LONGEST_RAW = 16_384

/**
 * Reads a reply as ESPs, MTAs and delivery reports hand it over. Of replies quoted inside replies the innermost one
 * wins; a prefix repeated on every line is dropped. Never throws; time grows with the length only.
 */
export function parseReply(raw: string): Reply {
  const text = unfold(raw.length > LONGEST_RAW ? raw.slice(0, LONGEST_RAW) : raw)
  const head = innermost(text)
  if (head) return reply(Number(text.slice(head.at, head.at + 3)), joined(text, head), head.quote)
  return reply(null, text.replace(/^(?:smtp|dns|x-[a-z]{1,16}) ?; ?/i, ''), '')
}

interface Head {
  at: number
  /** Where the code and what hangs on it is repeated later on: [from, to) pairs. */
  repeats: number[]
  /** The quotation mark that opens it, or ''. */
  quote: string
}

/** The last place in the text at which a reply begins. */
function innermost(text: string): Head | null {
  let head: Head | null = null
  let multiline = false
  for (let at = 0; at + 3 <= text.length; at++) {
    const first = text.charCodeAt(at)
    if (first < 50 || first > 53 || !isCode(text, at, first)) continue
    const again = head !== null && sameDigits(text, head.at, at)
    if (!begins(text, at, again && multiline, head === null)) continue
    if (again && !wraps(text, head!.at, at)) head!.repeats.push(at, afterPrefix(text, at))
    else if (head === null || saysSomething(text, at + 3)) {
      head = { at, repeats: [], quote: quoteBefore(text, at) }
      multiline = text.charCodeAt(at + 3) === DASH
    }
    at += 3
  }
  return head
}

/** "550 RecipientError: 550 5.1.1 ...": the first is a wrapper, for only the second is told in full. */
const wraps = (text: string, outer: number, inner: number) =>
  text.charCodeAt(inner - 2) === 58 && enhancedAt(text, inner + 4) > 0 && enhancedAt(text, outer + 4) === 0

const DASH = 45
const isDigit = (c: number) => c >= 48 && c <= 57
const isLetter = (c: number) => (c >= 97 && c <= 122) || (c >= 65 && c <= 90)

/** Three digits of a reply code that stand alone: not part of a number, an address, a name or a link. */
function isCode(text: string, at: number, first: number): boolean {
  if (first === 51) return false
  if (!isDigit(text.charCodeAt(at + 1)) || !isDigit(text.charCodeAt(at + 2))) return false
  if (first === 50 && at > 0) return false
  if (at > 0 && !isOneOf(OPENERS, text, at - 1)) return false
  return at + 3 === text.length || isOneOf(FOLLOWERS, text, at + 3)
}

/** A set of ASCII characters, by their codes: each reply is asked for some dozens of times. */
function setOf(characters: string): Uint8Array {
  const set = new Uint8Array(128)
  for (const character of characters) set[character.charCodeAt(0)] = 1
  return set
}
const isOneOf = (set: Uint8Array, text: string, at: number) => {
  const c = text.charCodeAt(at)
  return c < 128 && set[c] === 1
}

const OPENERS = setOf(' \n:;,>\'"(`|')
const FOLLOWERS = setOf(' \n-:;,')
/** What may stand between a code and its enhanced code. */
const BEFORE_ENHANCED = setOf(' #[(-')
const AFTER_ENHANCED = setOf(' -:])#')
const MARKS = setOf(' \n-:;#]),')

/** Does a reply begin at this code, or is it only a number in a sentence? */
function begins(text: string, at: number, continued: boolean, first: boolean): boolean {
  let before = at - 1
  while (before >= 0 && text.charCodeAt(before) === 32) before--
  if (before < 0 || continued || enhancedAt(text, at + 4) > 0) return true
  const mark = text[before]!
  // "1,500 messages" is a number.
  if (mark === ',') return before === at - 1 && before > 0 && !isDigit(text.charCodeAt(before - 1))
  if ('\n;\'"`|>'.includes(mark)) return true
  if (mark === ':')
    return (
      first ||
      !/^ ?(?:[kmg]i?b|bytes|messages|recipients|seconds|minutes|hops|per)\b/i.test(text.slice(at + 3, at + 15))
    )
  if (text.charCodeAt(at + 3) === DASH) return isDigit(text.charCodeAt(at + 4))
  return /(?:said|returned|responded|replied|response|error|code)$/i.test(
    text.slice(Math.max(0, before - 9), before + 1),
  )
}

const sameDigits = (text: string, a: number, b: number) =>
  text.charCodeAt(a) === text.charCodeAt(b) &&
  text.charCodeAt(a + 1) === text.charCodeAt(b + 1) &&
  text.charCodeAt(a + 2) === text.charCodeAt(b + 2)

/** Is there a word after this place? "Error code: 554" ends a sentence, it does not begin a reply. */
function saysSomething(text: string, from: number): boolean {
  const to = Math.min(text.length, from + 200)
  let letters = 0
  for (let i = from; i < to && letters < 3; i++) {
    const c = text.charCodeAt(i)
    letters = isLetter(c) || c > 127 ? letters + 1 : 0
  }
  return letters >= 2
}

function quoteBefore(text: string, at: number): string {
  const mark = at > 0 ? text[at - 1]! : ''
  return mark === "'" || mark === '"' || mark === '`' ? mark : ''
}

/** The end of an enhanced status code that starts at or just after `at` (behind `#`, `[`, `(` or a blank), or 0. */
function enhancedAt(text: string, at: number): number {
  let i = at
  while (i < at + 3 && isOneOf(BEFORE_ENHANCED, text, i)) i++
  return enhancedEnd(text, i)
}

/** RFC 3463: class 2, 4 or 5, a subject (registered up to 7), a detail of up to three digits. Returns its end, or 0. */
function enhancedEnd(text: string, at: number): number {
  const kind = text.charCodeAt(at)
  if (kind < 50 || kind > 53 || kind === 51 || text.charCodeAt(at + 1) !== 46) return 0
  const subject = text.charCodeAt(at + 2)
  if (subject < 48 || subject > 55 || text.charCodeAt(at + 3) !== 46 || !isDigit(text.charCodeAt(at + 4))) return 0
  let end = at + 5
  while (end < at + 7 && isDigit(text.charCodeAt(end))) end++
  const next = text.charCodeAt(end)
  const dotted = next === 46 && isDigit(text.charCodeAt(end + 1))
  return isDigit(next) || isLetter(next) || dotted ? 0 : end
}

/** Behind a code, its enhanced code and the punctuation between. */
function afterPrefix(text: string, at: number): number {
  const end = enhancedAt(text, at + 4)
  let i = end > 0 ? end : at + 3
  while (isOneOf(AFTER_ENHANCED, text, i)) i++
  return i
}

/** The innermost reply with its repeated prefixes taken out. */
function joined(text: string, head: Head): string {
  if (head.repeats.length === 0) return text.slice(head.at + 3)
  let out = ''
  let from = head.at + 3
  for (let i = 0; i < head.repeats.length; i += 2) {
    const cut = head.repeats[i]!
    if (cut > from) out += text.slice(from, cut)
    from = Math.max(from, head.repeats[i + 1]!)
  }
  return out + text.slice(from)
}

function reply(code: number | null, body: string, quote: string): Reply {
  let from = skipMarks(body, 0)
  let enhanced: string | null = null
  let end = enhancedEnd(body, from)
  if (end > 0) {
    enhanced = body.slice(from, end)
    from = skipMarks(body, end)
  } else {
    for (let at = body.indexOf('.', from); at > 0 && end === 0; at = body.indexOf('.', at + 1)) {
      const before = at > 1 ? body.charCodeAt(at - 2) : 32
      if (isDigit(before) || isLetter(before) || before === 46 || before === DASH) continue
      end = enhancedEnd(body, at - 1)
      if (end > 0) enhanced = body.slice(at - 1, end)
    }
  }
  return { code, enhanced, text: trimmed(body, from, quote) }
}

/** Past blanks and the marks that stand between codes and text. */
function skipMarks(text: string, from: number): number {
  let i = from
  while (isOneOf(MARKS, text, i)) i++
  // A bracket is skipped only where it holds an enhanced code.
  return (text[i] === '[' || text[i] === '(') && enhancedAt(text, i) > 0 ? skipMarks(text, i + 1) : i
}

function trimmed(body: string, from: number, quote: string): string {
  let text = body.slice(from, from + LONGEST)
  // Postfix adds which command was answered; that belongs to the session, not to the reply.
  const command = text.includes('(') ? text.lastIndexOf('(in reply to ') : -1
  if (command > 0) text = text.slice(0, command)
  const close = quote ? text.lastIndexOf(quote) : -1
  if (close > 0 && close > text.length - 40) text = text.slice(0, close)
  return (text.includes('  ') || text.includes('\n') ? text.replace(/\s+/g, ' ') : text).trim()
}
