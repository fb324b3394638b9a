import { kindOf, MARK, OUTSIDE, SPACED, UNSEEN, UNSPACED } from './address-characters.ts'

// RFC 5321 4.5.3.1.2: 255 octets; an address literal or a comment is no longer.
const LONGEST = 260

/** Where the domain that begins at `from` ends: a name of any writing, an address literal; `from` itself where it is cut off. */
export function domainEnd(text: string, from: number): number {
  let i = from
  if (text[i] === '(') {
    const close = closing(text, i, ')')
    if (close > 0) i = close
  }
  if (text[i] === '[') {
    const close = closing(text, i, ']')
    if (close > 0) return close
    i++
  }
  const end = nameEnd(text, i)
  return end === i && i > from ? i : trimmed(text, i, end)
}

function closing(text: string, from: number, close: string): number {
  const limit = Math.min(text.length, from + LONGEST)
  for (let i = from + 1; i < limit; i++) {
    if (text[i] === close) return i + 1
    if (text[i] === '\n' || text[i] === '@') break
  }
  return 0
}

function nameEnd(text: string, from: number): number {
  let dots = 0
  let last = 0
  let parted = -1
  let i = from
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (isDot(c)) {
      // "example.comは存在しません.詳細": the writing changed behind a whole name already.
      if (parted >= 0 && dots > 0) return parted
      // A full stop of Chinese or Japanese is one of a name only between letters.
      if (c === IDEOGRAPHIC && (dots > 0 || kindOf(text.charCodeAt(i + 1)) !== SPACED)) break
      if (parted >= 0 && kindOf(text.charCodeAt(i + 1)) !== SPACED && kindOf(text.charCodeAt(i + 1)) !== UNSPACED) break
      dots++
      last = 0
      parted = -1
      continue
    }
    const kind = kindOf(c)
    if (c < 128 ? kind !== SPACED && c !== HYPHEN && c !== LOW_LINE : kind === OUTSIDE || kind === MARK) {
      if (c === EQUALS && softBreak(text, i) > 0) {
        i = softBreak(text, i) - 1
        continue
      }
      break
    }
    if (kind === UNSPACED && last === SPACED && parted < 0) {
      parted = i
      if (dots > 0) return parted
    }
    if (kind === SPACED || kind === UNSPACED) last = kind
  }
  return parted >= 0 ? parted : i
}

const IDEOGRAPHIC = 0x3002
const HYPHEN = 45
const LOW_LINE = 95
const EQUALS = 61
const isDot = (unit: number) => unit === 46 || unit === 0xff0e || unit === 0xff61 || unit === IDEOGRAPHIC

/** Behind a soft line break of quoted-printable, or 0. */
function softBreak(text: string, at: number): number {
  if (text[at + 1] === '\n') return at + 2
  return text[at + 1] === '\r' && text[at + 2] === '\n' ? at + 3 : 0
}

/** Without the full stop of the sentence. */
function trimmed(text: string, from: number, to: number): number {
  let end = to
  while (end > from) {
    const kind = kindOf(text.charCodeAt(end - 1))
    if (kind === SPACED || kind === UNSPACED) break
    if (kind === UNSEEN && text.charCodeAt(end - 1) >= 0xd800 && text.charCodeAt(end - 1) < 0xe000) break
    end--
  }
  return end
}

/** Is it a name with a full stop and an end of letters, or an address literal? */
export const isHost = (text: string): boolean =>
  text.startsWith('[') || /[\p{L}\p{N}]\.\p{L}[\p{L}\p{N}-]{1,62}$/u.test(text.slice(-LONGEST))
