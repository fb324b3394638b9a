import leven from 'leven'
import type { Catalogue, Entry } from './catalogue.ts'

/** The codes that most people mean. */
const USUAL = ['550', '421', '554', '450', '552', '250', '451', '452', '553', '501', '535', '530']

/** What stands for a code that nobody registered: codes one digit off, of the same first digit where there are any. */
export function nearestCode(code: string, catalogue: Catalogue): { entries: Entry[]; why: string } | null {
  const first = code.slice(0, 1)
  const near = catalogue.entries
    .filter(({ kind, id }) => kind === 'code' && differing(id, code) === 1)
    .sort((a, b) => cost(a, code) - cost(b, code))
    .slice(0, 3)
  const [best] = near
  if (!best) return null
  const rule = MEANINGS[first] ? ` Whoever gets it goes by its first digit (RFC 5321, 4.2.1): ${MEANINGS[first]}.` : ''
  return { entries: near, why: `${code} is in no standard and not known from practice. Nearest is ${best.id}.${rule}` }
}

const MEANINGS: Record<string, string> = { 2: 'success', 3: 'go on', 4: 'a failure for now', 5: 'a failure for good' }

const differing = (a: string, b: string) => [...a].filter((digit, place) => digit !== b[place]).length

/** The first digit carries the meaning, so a slip there is less likely taken; then what is usual comes first. */
function cost({ id }: Entry, code: string): number {
  const usual = USUAL.indexOf(id)
  return (id[0] === code[0] ? 0 : 100) + (usual < 0 ? USUAL.length : usual)
}

/** A word cut short lacks at most so many letters for each that was typed: "tss" of "tss04", but not "soft" of "softbank". */
const MOST_MISSING = 0.7

/** The keys that what was typed may stand for, the nearest first: those that begin with it, then those that differ by a slip. */
export function nearestKeys(typed: string, catalogue: Catalogue): string[] {
  if (typed.length < 3 || typed.length > 40) return []
  const begun = catalogue.keys.filter(
    (key) => key.startsWith(typed) && key.length - typed.length <= MOST_MISSING * typed.length,
  )
  // A word that is one is no slip of another: "rate" is not "nate".
  if (catalogue.hasWord(typed)) return begun.filter((key) => /^\d+$/.test(key.slice(typed.length)))
  return [...new Set([...begun, ...slipsOf(typed, catalogue.keys, Math.max(1, Math.floor(typed.length / 4)))])]
}

/** Names of mailbox providers that a word may be a slip of, the nearest first: "outlok", "gmial". */
export function nearestNames(typed: string, names: readonly string[]): string[] {
  if (typed.length < 4 || typed.length > 40) return []
  const long = names.filter((name) => name.length >= 4)
  return slipsOf(typed, long, typed.length < 8 ? 1 : 2)
}

/** Those words that differ from what was typed by at most so many letters, the nearest first. */
function slipsOf(typed: string, words: readonly string[], most: number): string[] {
  const near: { word: string; distance: number }[] = []
  for (const word of words) {
    if (Math.abs(word.length - typed.length) > most || /^[\d.]+$/.test(word)) continue
    const distance = isSwapped(typed, word) ? 1 : leven(typed, word, { maxDistance: most + 1 })
    if (distance > 0 && distance <= most) near.push({ word, distance })
  }
  return near.sort((a, b) => a.distance - b.distance).map(({ word }) => word)
}

/** Two letters that follow each other in the wrong order are one slip of the pen, not two. */
function isSwapped(typed: string, word: string): boolean {
  if (typed.length !== word.length) return false
  const at = [...typed].findIndex((letter, i) => letter !== word[i])
  if (at < 0) return false
  const swapped = typed.slice(0, at) + (typed[at + 1] ?? '') + typed[at]! + typed.slice(at + 2)
  return swapped === word
}
