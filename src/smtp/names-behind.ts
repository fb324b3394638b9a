import { ADDRESS } from './addresses.ts'
import { type Characters, END, isDigit, isLetter } from './characters.ts'
import { CONNECTORS, MISSING, type Noun, nounFrom, PREDICATE, PREDICATE_UNSPACED } from './name-phrases.ts'
import { isName, isPlainlyNoName, withoutEnd } from './name-shape.ts'
import { isOrdinary, isOrdinaryAt } from './ordinary-words.ts'
import { wordTable } from './word-table.ts'

/** Words between what announces a name and the name: "user does not exist in this domain: x". */
const MOST_BETWEEN = 8
const AHEAD = 120
/** As far before the noun is looked for what says that nobody is there. */
const BEFORE = 12

/** Replaces the names behind what announces them: "No such user: jsmith". `characters` are those of `text`. */
export function redactBehindNouns(text: string, characters: Characters): string {
  let out = ''
  let copied = 0
  let next = 0
  for (let noun = nounFrom(text, characters, 0); noun; noun = nounFrom(text, characters, next)) {
    next = noun.to
    const name = noun.isUnspaced ? nameAmidst(text, noun.to) : nameBehind(text, characters.codes, noun)
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

const SEPARATOR =
  /[ \t]{0,2}(\[[\d.]+\])?((?:[:：=]|\.{3}|->|=>|--?(?= )|–|—)?)[ \t]{0,2}(["'`“‘«„「『（(<[＜]{0,2})[ \t]?/uy

/** The name that stands behind a noun, if one does. */
function nameBehind(text: string, codes: Uint8Array, { from: begin, to: end }: Noun): Stretch | null {
  // Cyrus names its mailboxes so: `user.jsmith`, `user/jsmith`.
  if ('./^!'.includes(text[end] ?? ' ')) {
    CYRUS.lastIndex = end
    const name = CYRUS.exec(text)?.[1]
    return name === undefined || isOrdinary(name)
      ? null
      : { from: end + 1, to: withoutEnd(text, end + 1, CYRUS.lastIndex) }
  }
  const { at, isAdjacent } = pastWords(text, codes, end)
  let isMarked = false
  let start = at + 1
  if (!isBlankBeforeWord(codes, at)) {
    if (!mayGoOn(codes, at)) return null
    SEPARATOR.lastIndex = at
    const [, , mark = '', quotes = ''] = SEPARATOR.exec(text) ?? []
    start = SEPARATOR.lastIndex
    if (start === at) return null
    if (quotes !== '' && !/^[([（]/.test(quotes)) return quoted(text, start, quotes)
    isMarked = mark !== '' || quotes !== ''
  }
  if (isPlainlyNoName(codes, start)) return null
  const isMissing = MISSING.test(text.slice(Math.max(0, begin - BEFORE), at))
  return bare(text, start, { isMarked, isAdjacent, isMissing })
}

const WORD = /[ \t]{1,2}([\p{L}\p{M}][\p{L}\p{M}'’-]*)(?![\p{L}\p{M}\p{N}_+=@]|\.[\p{L}\p{N}])/uy
const isConnectorAt = wordTable(CONNECTORS)

/** Past the ordinary words that begin at `from`, and whether all of them bind a name to its noun. */
function pastWords(text: string, codes: Uint8Array, from: number): { at: number; isAdjacent: boolean } {
  let at = from
  let isAdjacent = true
  for (let n = 0; n < MOST_BETWEEN; n++) {
    let begin = at
    while (begin < at + 2 && isBlank(codes[begin]!)) begin++
    if (begin === at || (codes[begin]! <= END && !isLetter(codes[begin]!))) break
    let to = begin
    while (isLetter(codes[to]!) || codes[to] === APOSTROPHE || codes[to] === DASH) to++
    if (endsWord(codes, to)) {
      if (!isOrdinaryAt(codes, begin, to)) break
      isAdjacent &&= isConnectorAt(codes, begin, to)
    } else {
      WORD.lastIndex = at
      const word = WORD.exec(text)?.[1]
      if (word === undefined || !isOrdinary(word)) break
      isAdjacent &&= CONNECTORS.has(word.toLowerCase())
      to = WORD.lastIndex
    }
    at = to
  }
  return { at, isAdjacent }
}

const APOSTROPHE = 39
const DASH = 45
const DOT = 46
const isBlank = (code: number) => code === 32 || code === 9
const isAlphanumeric = (code: number) => isLetter(code) || isDigit(code)

/** Does a word certainly end here? Only a regular expression tells of what is beyond ASCII. */
function endsWord(codes: Uint8Array, at: number): boolean {
  const code = codes[at]!
  if (code > END || isDigit(code) || JOINS[code] === 1) return false
  return code !== DOT || (codes[at + 1]! <= END && !isAlphanumeric(codes[at + 1]!))
}
const JOINS = new Uint8Array(256)
for (const c of '_+=@') JOINS[c.charCodeAt(0)] = 1

/** The separator that is met most: one blank. */
const isBlankBeforeWord = (codes: Uint8Array, at: number) => isBlank(codes[at]!) && isAlphanumeric(codes[at + 1]!)

/** What no separator begins with ends it: most nouns end a clause. */
function mayGoOn(codes: Uint8Array, at: number): boolean {
  const code = codes[at]!
  if (code === DOT) return codes[at + 1] === DOT
  return code > END || GOES_ON[code] === 1
}
const GOES_ON = new Uint8Array(256)
for (const c of ' \t[:-="\'`(<') GOES_ON[c.charCodeAt(0)] = 1

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
  '"': /["”]/,
  "'": /['’]/,
  '`': /['`’]/,
  '“': /[”"]/,
  '„': /[“”"]/,
  '‘': /[’']/,
  '«': /»/,
  '「': /」/,
  '『': /』/,
  '<': />/,
  '＜': /＞/,
}

/** What stands in quotes behind a noun is a name, unless it is made of ordinary words or is a sentence. */
function quoted(text: string, start: number, quotes: string): Stretch | null {
  const closing = CLOSING[quotes.at(-1)!]
  if (!closing) return null
  const ahead = text.slice(start, start + AHEAD + 1)
  const end = ahead.search(closing)
  if (end < 0) return null
  const to = start + end
  const content = ahead.slice(0, end)
  if (content.includes('\n')) return null
  const words = content.trim().split(/\s+/)
  return words.length <= 3 && words.some((word) => isName(word)) ? { from: start, to } : null
}

/** Longer than any name may be, so that a text without blanks is not read again and again. */
const TOKEN = /[^\s"`“”«»„<>()[\]{},;:：、。，；「」『』（）！？]{1,256}/uy

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
