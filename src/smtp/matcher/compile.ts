import { type Collocations, createCollocations } from './collocations.ts'
import { createLexicon, type Lexicon } from './lexicon.ts'
import { type Phrase, readForbidden, readPatterns, type Words } from './phrase.ts'
import { misspellings } from './spelling.ts'
import { createSymbols } from './symbols.ts'

/** What the matcher looks for. */
export interface TextRule {
  /** Does it tell who speaks or what is named? All of these are heard, before the first of the others. */
  early: boolean
  /** Lines of phrases, any of which is enough. */
  text: readonly string[]
  /** Phrases that must not be there. */
  not: readonly string[]
}

/** A phrase as symbols, each of which stands for a set of words, after at most so many other words. */
export interface Sequence {
  symbols: Int32Array
  gaps: Int32Array
}

export interface Pattern {
  rule: number
  /** Every symbol that must occur somewhere, the rarest first. */
  needed: Int32Array
  /** Those phrases whose order matters. */
  ordered: readonly Sequence[]
  /** Phrases that must not be there. */
  none: readonly Sequence[]
}

/** A phrase that forbids its rule, and its rarest symbol, without which it cannot be there. */
interface Veto {
  rarest: number
  phrase: Sequence
}

export interface Compiled {
  lexicon: Lexicon
  collocations: Collocations
  /** How many symbols there are. */
  symbols: number
  /** The symbols that each term is in: the words by their numbers, behind them the collocations. */
  rows: readonly (readonly number[])[]
  /** The terms, the commonest first. */
  commonest: readonly number[]
  patterns: readonly Pattern[]
  /** For each rule what must not be there. */
  never: readonly (readonly Veto[])[]
}

/** Compiles the phrases of rules, which come in the order in which they win. `samples` tell which words are common. */
export function compile(rules: readonly TextRule[], classes: Words, samples: readonly string[]): Compiled {
  const lexicon = createLexicon()
  const symbols = createSymbols()
  const sequence = (phrase: Phrase): Sequence => ({
    symbols: Int32Array.from(phrase, (place) => symbols.of(place.ways)),
    gaps: Int32Array.from(phrase, (place) => place.gap),
  })
  const wrong = misspellings(classes)
  const spellings = (word: string) => [word, ...(wrong.get(word) ?? [])].map(lexicon.add)
  const read = (line: string) => readPatterns(line, classes, spellings)
  const drafts = rules.map((rule) => ({
    never: rule.not.flatMap((line) => readForbidden(line, classes, spellings)).map(sequence),
    patterns: rule.text.flatMap(read).map(({ all, none }) => ({ all: all.map(sequence), none: none.map(sequence) })),
  }))
  const words = lexicon.size()
  const members = symbols.members(words, lexicon.prefixesOf)
  const collocations = createCollocations(
    members.collocations.map(({ way }) => way),
    words,
    lexicon.prefixesOf,
  )
  const rows = [...members.words, ...members.collocations.map((one) => one.symbols)]

  const frequencyOfTerm = frequencies(lexicon, collocations, rows.length, samples)
  const frequency = new Float64Array(symbols.count())
  for (const [term, times] of frequencyOfTerm.entries()) for (const symbol of rows[term]!) frequency[symbol]! += times
  const commonest = Array.from(frequencyOfTerm.keys()).sort((a, b) => frequencyOfTerm[b]! - frequencyOfTerm[a]!)
  const rarestFirst = (some: Iterable<number>) => Int32Array.from(some).sort((a, b) => frequency[a]! - frequency[b]!)
  const never = drafts.map((draft) =>
    draft.never.map((phrase): Veto => ({ rarest: rarestFirst(phrase.symbols)[0]!, phrase })),
  )
  const patterns = drafts.flatMap((draft, rule) =>
    draft.patterns.map(({ all, none }): Pattern => {
      const needed = rarestFirst(new Set(all.flatMap((one) => [...one.symbols])))
      return { rule, needed, ordered: all.filter((one) => one.symbols.length > 1), none }
    }),
  )
  return { lexicon, collocations, symbols: symbols.count(), rows, commonest, patterns, never }
}

/** How often each term occurs in the samples. */
function frequencies(
  lexicon: Lexicon,
  collocations: Collocations,
  terms: number,
  samples: readonly string[],
): Float64Array {
  const words = new Int32Array(1024)
  const frequency = new Float64Array(terms)
  for (const sample of samples) {
    const count = lexicon.read(sample, words)
    for (let i = 0; i < count; i++) frequency[words[i]!]!++
    for (let at = 0; at < count; at++)
      collocations.walk(words, count, at, (number) => {
        frequency[lexicon.size() + number]!++
      })
  }
  return frequency
}
