import { DASH, DOT, isDigit, isLetter, isOneOf, setOf } from '../characters.ts'

/** What may stand between a code and its enhanced code. */
const BETWEEN = setOf(' #[(-')

/** The end of an enhanced status code that starts at or just after `at` (behind `#`, `[`, `(` or a blank), or 0. */
export function enhancedAt(characters: Uint8Array, at: number): number {
  let i = at
  while (i < at + 3 && isOneOf(BETWEEN, characters[i]!)) i++
  return enhancedEnd(characters, i)
}

/** RFC 3463: class 2, 4 or 5, a subject (registered up to 7), a detail of up to three digits. Returns its end, or 0. */
export function enhancedEnd(characters: Uint8Array, at: number): number {
  const kind = characters[at]!
  if (kind < 50 || kind > 53 || kind === 51 || characters[at + 1] !== DOT) return 0
  const subject = characters[at + 2]!
  if (subject < 48 || subject > 55 || characters[at + 3] !== DOT || !isDigit(characters[at + 4]!)) return 0
  let end = at + 5
  while (end < at + 7 && isDigit(characters[end]!)) end++
  const next = characters[end]!
  const dotted = next === DOT && isDigit(characters[end + 1]!)
  return isDigit(next) || isLetter(next) || dotted ? 0 : end
}

/** The first enhanced status code from `from` on that is no part of a word or a number, or null. */
export function findEnhanced(text: string, characters: Uint8Array, from: number): string | null {
  for (let dot = text.indexOf('.', from + 1); dot > 0; dot = text.indexOf('.', dot + 1)) {
    const before = dot > from + 1 ? characters[dot - 2]! : 32
    if (isDigit(before) || isLetter(before) || before === DOT || before === DASH) continue
    const end = enhancedEnd(characters, dot - 1)
    if (end > 0) return text.slice(dot - 1, end)
  }
  return null
}
