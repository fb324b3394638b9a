import { ADDRESS } from './addresses.ts'
import { type Characters, END, isDigit, isLetter } from './characters.ts'
import { SAID_OF_NAME, SAID_OF_NAME_UNSPACED } from './name-phrases.ts'
import { isName, isPlainlyNoName, withoutEnd } from './name-shape.ts'

/** As far behind a name is looked for what is said of it. */
const AHEAD = 120
const QUOTES = '"\'`<“‘「'
const LEFT_TOKEN = /[^\s"`“”<>()[\]{},;:：、。「」『』（）]{1,256}/uy

/** Replaces the names before what is said of them: "jsmith... User unknown". `characters` are those of `text`. */
export function redactBeforePhrases(text: string, characters: Characters): string {
  const { codes, length } = characters
  let out = ''
  let copied = 0
  let from = QUOTES.includes(text[0] ?? ' ') ? 1 : 0
  while (from >= 0) {
    const name = isPlainlyNoName(codes, from) ? null : nameBefore(text, characters, from)
    if (name !== null) {
      out += text.slice(copied, from) + ADDRESS
      copied = name
    }
    from = beginningFrom(text, codes, { from: name ?? from, to: length })
  }
  return copied === 0 ? text : out + text.slice(copied)
}

// Where something may begin: behind what.
const AT_ONCE = 1
const WITH_BLANK = 2
const CODE = 3
const BEHIND = new Uint8Array(256)
for (const c of '\n|(') BEHIND[c.charCodeAt(0)] = AT_ONCE
for (const c of ':;,') BEHIND[c.charCodeAt(0)] = WITH_BLANK
for (const c of '245') BEHIND[c.charCodeAt(0)] = CODE

/** Where a reply may begin: at the start of a line, behind codes, behind a colon. -1 where it does nowhere. */
function beginningFrom(text: string, codes: Uint8Array, { from, to }: { from: number; to: number }): number {
  for (let at = from; at < to; at++) {
    const behind = BEHIND[codes[at]!]
    if (behind === 0) continue
    let start = at + 1
    if (behind === WITH_BLANK) start = codes[at + 1] === BLANK ? at + 2 : 0
    else if (behind === CODE) start = codeEnd(codes, at)
    if (start === 0) continue
    if (QUOTES.includes(text[start] ?? ' ') && isNameLetter(text, codes, start + 1)) return start + 1
    if (isNameLetter(text, codes, start)) return start
  }
  return -1
}
const BLANK = 32
const DASH = 45
const DOT = 46
const COLON = 58
const LOW_LINE = 95

/** Behind `550 ` or `5.1.1: `, which begins at `from`; 0 where neither does. */
function codeEnd(codes: Uint8Array, from: number): number {
  if (isDigit(codes[from + 1]!)) {
    const before = from === 0 ? BLANK : codes[from - 1]!
    if (isDigit(before) || isLetter(before) || before === LOW_LINE) return 0
    return isDigit(codes[from + 2]!) && isGap(codes[from + 3]!) ? from + 4 : 0
  }
  if (codes[from + 1] !== DOT) return 0
  let at = digitsEnd(codes, from + 2)
  if (at === from + 2 || codes[at] !== DOT) return 0
  const last = at + 1
  at = digitsEnd(codes, last)
  if (at === last) return 0
  if (codes[at] === COLON) at++
  return isGap(codes[at]!) ? at + 1 : 0
}
const isGap = (code: number) => code === BLANK || code === DASH

function digitsEnd(codes: Uint8Array, from: number): number {
  let at = from
  while (at < from + 3 && isDigit(codes[at]!)) at++
  return at
}

const FOREIGN_LETTER = /[\p{L}\p{N}]/uy
function isNameLetter(text: string, codes: Uint8Array, at: number): boolean {
  const code = codes[at]!
  if (code <= END) return isLetter(code) || isDigit(code)
  FOREIGN_LETTER.lastIndex = at
  return FOREIGN_LETTER.test(text)
}

/** Where the name ends that begins at `from`, if it is one that something is said of. */
function nameBefore(text: string, characters: Characters, from: number): number | null {
  LEFT_TOKEN.lastIndex = from
  const token = LEFT_TOKEN.exec(text)?.[0]
  if (token === undefined) return null
  if (!characters.isAscii) {
    const foreign = FOREIGN_BEHIND.exec(token)?.[1]
    if (foreign !== undefined && isName(foreign)) {
      const end = from + foreign.length
      return SAID_OF_NAME_UNSPACED.test(text.slice(end, end + AHEAD)) ? end : null
    }
  }
  const end = withoutEnd(text, from, LEFT_TOKEN.lastIndex)
  // Whether it is a name takes longest to tell.
  return isSaidOf(text.slice(end, end + AHEAD), characters) && isName(token) && !/^\p{Lu}+$/u.test(token) ? end : null
}
const FOREIGN_BEHIND = /^([\w.+-]{2,})(?=[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])/
const MARK_BETWEEN = /^(?:['’]s(?= )|["'`>”’」]?(?: ?\.{3}| ?:| ?-|,|;)?)(?: \(|\s+|$)/u

/** Is something of those that replies say of a user said at the start of `rest`? */
function isSaidOf(rest: string, { isAscii }: Characters): boolean {
  if (rest === '') return false
  const mark = MARK_BETWEEN.exec(rest)?.[0]
  if (mark === undefined) return !isAscii && SAID_OF_NAME_UNSPACED.test(rest.replace(/^["'」]/, ''))
  const said = rest.slice(mark.length)
  return SAID_OF_NAME.test(said) || (!isAscii && SAID_OF_NAME_UNSPACED.test(said))
}
