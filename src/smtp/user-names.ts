import { isHost } from './address-domain.ts'
import { ADDRESS } from './addresses.ts'
import {
  CONNECTORS,
  MISSING,
  type Noun,
  nounFrom,
  PREDICATE,
  PREDICATE_UNSPACED,
  SAID_OF_NAME,
  SAID_OF_NAME_UNSPACED,
} from './name-phrases.ts'
import { isOrdinary } from './ordinary-words.ts'

/** Words between what announces a name and the name: "user does not exist in this domain: x". */
const MOST_BETWEEN = 8
const AHEAD = 120
/** As far before the noun is looked for what says that nobody is there. */
const BEFORE = 12

/** Replaces the names that replies tell without a domain: "No such user: jsmith", "jsmith... User unknown". */
export function redactNames(text: string): string {
  return behindNouns(beforePhrases(text))
}

function behindNouns(text: string): string {
  let out = ''
  let copied = 0
  let next = 0
  for (let noun = nounFrom(text, 0); noun; noun = nounFrom(text, next)) {
    next = noun.to
    const name = noun.isUnspaced ? nameAmidst(text, noun.to) : nameBehind(text, noun)
    if (!name) continue
    out += text.slice(copied, name.from) + ADDRESS
    copied = name.to
    next = name.to
  }
  return copied === 0 ? text : out + text.slice(copied)
}

interface Stretch {
  from: number
  to: number
}

const WORD = /[ \t]{1,2}([\p{L}\p{M}][\p{L}\p{M}'’-]*)(?![\p{L}\p{M}\p{N}_+=@]|\.[\p{L}\p{N}])/uy
const SEPARATOR =
  /[ \t]{0,2}(\[[\d.]+\])?((?:[:：=]|\.{3}|->|=>|--?(?= )|–|—)?)[ \t]{0,2}(["'`“‘«„「『（(<[＜]{0,2})[ \t]?/uy
const TOKEN = /[^\s"`“”«»„<>()[\]{},;:：、。，；「」『』（）！？]+/uy

/** The name that stands behind a noun, if one does. */
function nameBehind(text: string, { from: begin, to: end }: Noun): Stretch | null {
  // Cyrus names its mailboxes so: `user.jsmith`, `user/jsmith`.
  if ('./^!'.includes(text[end] ?? ' ')) {
    CYRUS.lastIndex = end
    const name = CYRUS.exec(text)?.[1]
    return name === undefined || isOrdinary(name)
      ? null
      : { from: end + 1, to: withoutEnd(text, end + 1, CYRUS.lastIndex) }
  }
  let at = end
  let isAdjacent = true
  for (let n = 0; n < MOST_BETWEEN; n++) {
    WORD.lastIndex = at
    const word = WORD.exec(text)?.[1]
    if (word === undefined || !isOrdinary(word)) break
    at = WORD.lastIndex
    if (!CONNECTORS.has(word.toLowerCase())) isAdjacent = false
  }
  SEPARATOR.lastIndex = at
  const [, , mark = '', quotes = ''] = SEPARATOR.exec(text) ?? []
  const start = SEPARATOR.lastIndex || at
  if (start === at) return null
  if (quotes !== '' && !/^[([（]/.test(quotes)) return quoted(text, start, quotes)
  const isMissing = MISSING.test(text.slice(Math.max(0, begin - BEFORE), at))
  return bare(text, start, { isMarked: mark !== '' || quotes !== '', isAdjacent, isMissing })
}

const CYRUS = /[./^!]([\p{L}\p{N}][^\s"'<>(),;:]*)/uy
const AMIDST =
  /[^\s\p{Script=Latin}\p{N}。、，,{}@]{0,12}[\s"'“「『（(<:：]{0,3}([\p{Script=Latin}\p{N}][\p{Script=Latin}\p{N}._+-]{1,128})/uy

/** A name in Latin letters behind a noun of writing without blanks. */
function nameAmidst(text: string, end: number): Stretch | null {
  AMIDST.lastIndex = end
  const name = AMIDST.exec(text)?.[1]
  if (name === undefined || !isName(name)) return null
  const from = AMIDST.lastIndex - name.length
  return { from, to: withoutEnd(text, from, AMIDST.lastIndex) }
}

const CLOSING: Record<string, RegExp> = {
  '"': /["”]/g,
  "'": /['’]/g,
  '`': /['`’]/g,
  '“': /[”"]/g,
  '„': /[“”"]/g,
  '‘': /[’']/g,
  '«': /»/g,
  '「': /」/g,
  '『': /』/g,
  '<': />/g,
  '＜': /＞/g,
}

/** What stands in quotes behind a noun is a name, unless it is made of ordinary words or is a sentence. */
function quoted(text: string, start: number, quotes: string): Stretch | null {
  const closing = CLOSING[quotes.at(-1)!]
  if (!closing) return null
  closing.lastIndex = start
  const to = closing.exec(text)?.index ?? -1
  if (to < 0 || to - start > AHEAD || text.slice(start, to).includes('\n')) return null
  const content = text.slice(start, to)
  const words = content.trim().split(/\s+/)
  return words.length <= 3 && words.some((word) => isName(word)) ? { from: start, to } : null
}

interface Standing {
  /** Behind a colon or the like. */
  isMarked: boolean
  /** Right behind the noun. */
  isAdjacent: boolean
  /** Behind words such as "unknown". */
  isMissing: boolean
}

function bare(text: string, start: number, { isMarked, isAdjacent, isMissing }: Standing): Stretch | null {
  let to = start
  for (let n = 0; n < 3; n++) {
    TOKEN.lastIndex = to === start ? start : to + 1
    if (to !== start && text[to] !== ' ') break
    const token = TOKEN.exec(text)?.[0]
    // A second and a third word belong to a name where they are written like one.
    if (token === undefined || !isName(token) || (n > 0 && !/^\p{Lu}/u.test(token))) break
    to = withoutEnd(text, TOKEN.lastIndex - token.length, TOKEN.lastIndex)
  }
  if (to === start) return null
  const name = text.slice(start, to)
  const rest = text.slice(to, to + 40)
  if (rest.startsWith('://')) return null
  const isLast =
    /^(?:$|[ \t]*(?:[\r\n,;:!?"'”’)\]}>|(（]|\.(?:\s|$|\.)|(?:-|–|\.{3}) |$)|[。、，；：！？」』）])/u.test(rest)
  const goesOn = PREDICATE.test(rest) || PREDICATE_UNSPACED.test(rest)
  const isShaped = /[\d._+-]/.test(name.slice(1, -1)) || /\d$/.test(name) || /[^\p{Lu}]\p{Lu}/u.test(name)
  if (isMarked) return isLast || goesOn || isShaped ? { from: start, to } : null
  if (isAdjacent) return isLast || goesOn ? { from: start, to } : null
  return isMissing && isLast && (isShaped || /^\p{Ll}/u.test(name)) ? { from: start, to } : null
}

/** Without the marks that end a sentence or a quotation. */
function withoutEnd(text: string, from: number, to: number): number {
  let end = to
  while (end > from + 1 && /[.!?'’*|]/.test(text[end - 1]!)) end--
  const possessive = /['’]s$/.exec(text.slice(Math.max(from, end - 2), end))
  return possessive ? end - 2 : end
}

const END_OF_HOST =
  /\.(?:com|net|org|edu|gov|mil|int|info|biz|local|lan|internal|localdomain|invalid|test|example|arpa|\p{L}{2})$/iu
/** Codes and marks of vendors, not people: `TSS04`, `AUP#1260`, `RESOLVER.ADR.RecipNotFound`, `5.1.1`, `#4.4.2`. */
const CODE =
  /^(?:[#\d.:/%$\\-]+|[A-Z]{1,8}[-_#:.]?\d[\w#:.-]*|[A-Z\d_.#-]*\d[A-Z\d_.#-]*|[A-Z]{2,}[._][\w.]*|\w*#\w*|[A-Z]{1,3}|.*:\/\/.*|www\..*|\/.*|.*[{}].*)$/u

/** Writing whose words nothing parts: what stands there may be a whole sentence. */
const WITHOUT_BLANKS = /[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/

/** May a word be somebody's name? */
function isName(token: string): boolean {
  const word = token.replace(/[.!?'’]+$/, '').replace(/['’]s$/, '')
  if (word.length < 2 || word.length > 200 || !/\p{L}|\d{5}/u.test(word)) return false
  if (/^\d{5,}$/.test(word)) return true
  if (CODE.test(word) || isOrdinary(word) || WITHOUT_BLANKS.test(word)) return false
  if (isHost(word) && END_OF_HOST.test(word)) return false
  const parts = word.split(/[._/=+&-]+|(?<=\p{Ll})(?=\p{Lu})/u).filter((part) => part.length > 1)
  return (
    parts.length === 0 ||
    (parts.some((part) => !isOrdinary(part) && !/^\d+$/.test(part)) &&
      !(/\p{Ll}\p{Lu}/u.test(word) && parts.some(isOrdinary)))
  )
}

/** Where a reply begins: at the start of a line, behind codes, behind a colon. */
const BEGINNING = /(?:[\n|]|\b[245]\d\d[ -]|[245]\.\d{1,3}\.\d{1,3}:?[ -]|: |; |\(|, )["'`<“‘「]?(?=[\p{L}\p{N}])/gu
const QUOTES = '"\'`<“‘「'
const LEFT_TOKEN = /[^\s"`“”<>()[\]{},;:：、。「」『』（）]+/uy

/** The names before what is said of them. */
function beforePhrases(text: string): string {
  let out = ''
  let copied = 0
  BEGINNING.lastIndex = 0
  let from = QUOTES.includes(text[0] ?? ' ') ? 1 : 0
  while (true) {
    const name = nameBefore(text, from)
    if (name !== null) {
      out += text.slice(copied, from) + ADDRESS
      copied = name
      BEGINNING.lastIndex = name
    }
    if (!BEGINNING.test(text)) break
    from = BEGINNING.lastIndex
  }
  return copied === 0 ? text : out + text.slice(copied)
}

/** Where the name ends that begins at `from`, if it is one that something is said of. */
function nameBefore(text: string, from: number): number | null {
  LEFT_TOKEN.lastIndex = from
  const token = LEFT_TOKEN.exec(text)?.[0]
  if (token === undefined) return null
  const foreign = /^([\w.+-]{2,})(?=[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])/.exec(token)?.[1]
  if (foreign !== undefined && isName(foreign))
    return SAID_OF_NAME_UNSPACED.test(text.slice(from + foreign.length, from + foreign.length + AHEAD))
      ? from + foreign.length
      : null
  if (!isName(token) || /^\p{Lu}+$/u.test(token)) return null
  const end = withoutEnd(text, from, LEFT_TOKEN.lastIndex)
  const rest = text.slice(end, end + AHEAD)
  const mark = /^(?:['’]s(?= )|["'`>”’」]?(?: ?\.{3}| ?:| ?-|,|;)?)(?: \(|\s+|$)/u.exec(rest)?.[0]
  if (mark === undefined) return SAID_OF_NAME_UNSPACED.test(rest.replace(/^["'」]/, '')) ? end : null
  return SAID_OF_NAME.test(rest.slice(mark.length)) || SAID_OF_NAME_UNSPACED.test(rest.slice(mark.length)) ? end : null
}
