/** One place in a phrase: any of these ways of one word or several (by number), after at most `gap` other words. */
interface Place {
  ways: number[][]
  gap: number
}
export type Phrase = Place[]

/** What a line of a rule's `text` means: all of `all` are there, none of `none`. */
export interface Pattern {
  all: Phrase[]
  none: Phrase[]
}

export type Words = Readonly<Record<string, readonly string[]>>

const SHORT_GAP = 3
const LONG_GAP = 10
const CLASS = /^[A-Z][A-Z_]*$/

/**
 * Reads a line of `text`. Words follow each other; `..` lets up to 3 others between them, `...` up to 10; `a/b` is
 * either, `(a)` may be missing, `CAPITALS` are a class of words.yaml, `word*` any word that begins so; `&` joins phrases
 * that may stand anywhere, `& !phrase` must not. A line is several patterns where something may be missing.
 */
export function readPatterns(line: string, classes: Words, numbers: (word: string) => number[]): Pattern[] {
  const parts = line.split(' & ')
  const none = parts
    .filter((part) => part.startsWith('!'))
    .flatMap((part) => readPhrases(part.slice(1), classes, numbers))
  const positive = parts.filter((part) => !part.startsWith('!')).map((part) => readPhrases(part, classes, numbers))
  if (positive.length === 0) throw new Error(`"${line}" says only what must not be there`)
  return product(positive).map((all) => ({ all, none }))
}

/** Reads a line of `not`: one phrase, with and without what may be missing. */
export function readForbidden(line: string, classes: Words, numbers: (word: string) => number[]): Phrase[] {
  if (line.includes('&'))
    throw new Error(
      `"${line}" forbids a combination: a line of \`not\` is one phrase; write "& !..." in \`text\` instead`,
    )
  return readPhrases(line, classes, numbers)
}

/** A phrase, with and without what may be missing in it. */
function readPhrases(text: string, classes: Words, numbers: (word: string) => number[]): Phrase[] {
  const slots: { ways: string[][]; gap: number }[] = []
  let gap = 0
  for (const token of text.match(/\([^)]*\)|\S+/g) ?? []) {
    if (token === '..' || token === '...') {
      gap = token === '..' ? SHORT_GAP : LONG_GAP
      continue
    }
    const optional = token.startsWith('(') && token.endsWith(')')
    const body = optional ? token.slice(1, -1) : token
    if (/[()]/.test(body)) throw new Error(`"${text}" has brackets within a word: only a whole word may be missing`)
    const ways = alternatives(body, classes, text)
    slots.push({ ways: optional ? [...ways, []] : ways, gap })
    gap = 0
  }
  const gaps = slots.map((slot) => slot.gap)
  const choices = slots.map(({ ways }) => {
    const said = ways.filter((way) => way.length > 0)
    return said.length === 0 ? [null] : said.length === ways.length ? [said] : [said, null]
  })
  return product<string[][] | null>(choices)
    .map((choice) => places(choice, gaps, numbers))
    .filter((phrase) => phrase.length > 0)
}

function alternatives(body: string, classes: Words, text: string): string[][] {
  return body.split('/').flatMap((word) => {
    if (!CLASS.test(word)) return [split(word)]
    const members = classes[word]
    if (!members) throw new Error(`"${text}" speaks of ${word}, which is no class of words`)
    return members.flatMap((member) =>
      member.split(' ').every((one) => !CLASS.test(one))
        ? [member.split(' ').flatMap(split)]
        : product(member.split(' ').map((one) => alternatives(one, classes, text))).map((ways) => ways.flat()),
    )
  })
}

/** The words that the tokeniser would see: "cuda_nsu" are two, and so is every pair of ideographs. */
function split(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replace(/['’][ts](?![a-z])/g, '')
    .replaceAll('e-m', 'em')
  return (
    plain.match(
      /\{[a-z]+\}|[a-z0-9\u00c0-\u024f]+\*?|[\u0400-\u04ff]+\*?|[^\0-\u04ff\u2000-\u206f\u3000-\u303f\uff00-\uff0f]/g,
    ) ?? []
  )
}

function places(choice: (string[][] | null)[], gaps: number[], numbers: (word: string) => number[]): Phrase {
  const phrase: Phrase = []
  let pending = 0
  choice.forEach((ways, slot) => {
    pending = Math.max(pending, gaps[slot]!)
    if (ways === null) return
    // A word that has several spellings makes a way of each.
    phrase.push({ ways: ways.flatMap((way) => product(way.map(numbers))), gap: phrase.length === 0 ? 0 : pending })
    pending = 0
  })
  return phrase
}

function product<T>(lists: T[][]): T[][] {
  return lists.reduce<T[][]>((sofar, list) => sofar.flatMap((left) => list.map((right) => [...left, right])), [[]])
}
