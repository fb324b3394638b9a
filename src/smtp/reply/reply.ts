import { createCharacters, DASH, END, FOREIGN, isDigit, isLetter, isOneOf, setOf } from '../characters.ts'
import { ANSWERED, BLANKS, codePlaces, ENHANCED, LINE_END, TRANSPORT } from './code-places.ts'
import { enhancedAt, enhancedEnd, findEnhanced } from './enhanced.ts'
import { unfold } from './transport-folding.ts'

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
  let head = innermost(raw.length > LONGEST_RAW ? raw.slice(0, LONGEST_RAW) : raw)
  if ((head.seen & TRANSPORT) !== 0) {
    const unfolded = unfold(head.text)
    if (unfolded !== head.text) head = innermost(unfolded)
  }
  const { text, at, characters, repeats } = head
  if (at < 0) return read(null, text.replace(/^(?:smtp|dns|x-[a-z]{1,16}) ?; ?/i, ''), 0, head)
  const code = 100 * characters[at]! + 10 * characters[at + 1]! + characters[at + 2]! - 111 * ZERO
  return repeats.length === 0
    ? read(code, text, isQuotedBehind(characters, at) ? at + 5 : at + 3, head)
    : read(code, joined(head), 0, head)
}

interface Head {
  text: string
  /** Where the reply begins; -1 where there is none. */
  at: number
  /** Where the code and what hangs on it is repeated later on: [from, to) pairs. */
  repeats: readonly number[]
  /** The quotation mark that opens it, or ''. */
  quote: string
  /** The text's, and what of note is among them (see CodePlaces). */
  characters: Uint8Array
  seen: number
}

const charactersOf = createCharacters()
const NO_REPEATS: readonly number[] = []

/** The quotation mark before the code, or between it and its text ("550-'5.1.1 no such user'"), or ''. */
function quoteOf(text: string, characters: Uint8Array, at: number): string {
  if (at > 0 && isOneOf(QUOTES, characters[at - 1]!)) return text[at - 1]!
  return at >= 0 && isQuotedBehind(characters, at) ? text[at + 4]! : ''
}

const isQuotedBehind = (characters: Uint8Array, at: number) =>
  characters[at + 3] === DASH && isOneOf(QUOTES, characters[at + 4]!) && isDigit(characters[at + 5]!)

/** The last place in the text at which a reply begins. */
function innermost(text: string): Head {
  const { codes: characters, length } = charactersOf(text)
  let head = -1
  let repeats: number[] | null = null
  let multiline = false
  const { places, count, seen } = codePlaces(characters, length)
  for (let i = 0; i < count; i++) {
    const at = places[i]!
    if (characters[at] === TWO && at > 0) continue
    const again = head >= 0 && sameDigits(characters, head, at)
    if (!begins(text, characters, at, again && multiline, head < 0)) continue
    if (again && !wraps(characters, head, at)) {
      repeats ??= []
      repeats.push(at, afterPrefix(characters, at))
    } else if (head < 0 || saysSomething(characters, at + 3)) {
      head = at
      repeats = null
      multiline = characters[at + 3] === DASH
    }
  }
  return {
    text,
    at: head,
    repeats: repeats ?? NO_REPEATS,
    quote: quoteOf(text, characters, head),
    characters,
    seen,
  }
}

/** "550 RecipientError: 550 5.1.1 ...": the first is a wrapper, for only the second is told in full. */
const wraps = (characters: Uint8Array, outer: number, inner: number) =>
  characters[inner - 2] === COLON && enhancedAt(characters, inner + 4) > 0 && enhancedAt(characters, outer + 4) === 0

const BLANK = 32
const ZERO = 48
const TWO = 50
const COLON = 58

const AFTER_ENHANCED = setOf(' -:])#')
const MARKS = setOf(' \n-:;#]),')
const QUOTES = setOf('\'"`')
const BEFORE_REPLY = setOf('\n;\'"`|>')

/** Does a reply begin at this code, or is it only a number in a sentence? */
function begins(text: string, characters: Uint8Array, at: number, continued: boolean, first: boolean): boolean {
  let before = at - 1
  while (before >= 0 && characters[before] === BLANK) before--
  if (before < 0 || continued || enhancedAt(characters, at + 4) > 0) return true
  // "ID:440:1:2" numbers something.
  if (characters[at + 3] === COLON && isDigit(characters[at + 4]!)) return false
  if (isQuotedBehind(characters, at)) return true
  const mark = text[before]!
  // "1,500 messages" is a number.
  if (mark === ',') return before === at - 1 && before > 0 && !isDigit(characters[before - 1]!)
  if (isOneOf(BEFORE_REPLY, characters[before]!)) return true
  if (mark === ':')
    return (
      first ||
      !/^ ?(?:[kmg]i?b|bytes|messages|recipients|seconds|minutes|hops|per)\b/i.test(text.slice(at + 3, at + 15))
    )
  if (characters[at + 3] === DASH) return isDigit(characters[at + 4]!)
  return /(?:said|returned|responded|replied|response|error|code)$/i.test(
    text.slice(Math.max(0, before - 9), before + 1),
  )
}

const sameDigits = (characters: Uint8Array, a: number, b: number) =>
  characters[a] === characters[b] && characters[a + 1] === characters[b + 1] && characters[a + 2] === characters[b + 2]

/** Is there a word after this place? "Error code: 554" ends a sentence, it does not begin a reply. */
function saysSomething(characters: Uint8Array, from: number): boolean {
  let letters = 0
  for (let i = from; i < from + 200 && letters < 3; i++) {
    const c = characters[i]!
    if (c === END) break
    letters = isLetter(c) || c >= FOREIGN ? letters + 1 : 0
  }
  return letters >= 2
}

/** Behind a code, its enhanced code and the punctuation between. */
function afterPrefix(characters: Uint8Array, at: number): number {
  const end = enhancedAt(characters, at + 4)
  let i = end > 0 ? end : at + 3
  while (isOneOf(AFTER_ENHANCED, characters[i]!)) i++
  return i
}

/** The innermost reply with its repeated prefixes taken out. */
function joined({ text, at, repeats }: Head): string {
  let out = ''
  let from = at + 3
  for (let i = 0; i < repeats.length; i += 2) {
    const cut = repeats[i]!
    if (cut > from) out += text.slice(from, cut)
    from = Math.max(from, repeats[i + 1]!)
  }
  return out + text.slice(from)
}

/** What `body` says from `start` on, behind the code. It is the text of the head or was made of it. */
function read(code: number | null, body: string, start: number, head: Head): Reply {
  const whole = body === head.text
  const characters = whole ? head.characters : charactersOf(body).codes
  const seen = whole ? head.seen : ANYTHING
  let from = skipMarks(characters, start)
  let enhanced: string | null = null
  const end = enhancedEnd(characters, from)
  if (end > 0) {
    enhanced = body.slice(from, end)
    from = skipMarks(characters, end)
  } else if ((seen & ENHANCED) !== 0) enhanced = findEnhanced(body, characters, from)
  return { code, enhanced, text: trimmed(body, characters, from, head.quote, seen) }
}

/** What may be in a text that was not looked through. */
const ANYTHING = -1

/** Past blanks and the marks that stand between codes and text. */
function skipMarks(characters: Uint8Array, from: number): number {
  let i = from
  while (isOneOf(MARKS, characters[i]!)) i++
  // A bracket is skipped only where it holds an enhanced code.
  return (characters[i] === 91 || characters[i] === 40) && enhancedAt(characters, i) > 0
    ? skipMarks(characters, i + 1)
    : i
}

function trimmed(body: string, characters: Uint8Array, from: number, quote: string, seen: number): string {
  let to = Math.min(body.length, from + LONGEST)
  // Postfix adds which command was answered; that belongs to the session, not to the reply.
  const command = (seen & ANSWERED) === 0 ? -1 : body.lastIndexOf(COMMAND, to - COMMAND.length)
  if (command > from) to = command
  const close = quote ? body.lastIndexOf(quote, to - 1) : -1
  if (close > from && close > to - 40) to = close
  const text = body.slice(from, to)
  if ((seen & (BLANKS | LINE_END)) !== 0 && (text.includes('  ') || text.includes('\n')))
    return text.replace(UNEVEN, ' ').trim()
  return isInk(characters[from]!) && isInk(characters[to - 1]!) ? text : text.trim()
}

/** Space that is not a single blank. */
const UNEVEN = /\s\s+|[^\S ]/g
const COMMAND = '(in reply to '
const isInk = (character: number) => character > BLANK && character < FOREIGN
