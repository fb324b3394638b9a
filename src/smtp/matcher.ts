import { createLexicon } from './lexicon.ts'
import { type Phrase, readPatterns, type Words } from './phrase.ts'
import { createSymbols } from './symbols.ts'

/** In which of its three rounds a rule is asked: who speaks, which lists are named, what is the cause. */
export type Round = 0 | 1 | 2

export interface MatcherRule {
  round: Round
  /** Lines of phrases, any of which is enough. */
  text: readonly string[]
  /** Phrases that must not be there. */
  not: readonly string[]
}

export interface Matcher {
  /** Reads a text; the rounds then look at it. */
  read(text: string): void
  /**
   * Calls `hit` with the number of each rule of that round whose phrases are in the text and that `asked` wants to
   * know of, until `hit` returns a number: from then on only rules before that one are looked at.
   */
  round(round: Round, before: number): void
  /** How many words and how many patterns it holds. */
  size: { words: number; patterns: number }
}

/** A pattern ready to be looked for. Symbols stand for sets of words. */
interface Compiled {
  rule: number
  /** Every symbol that must occur somewhere, the rarest first. */
  needed: Int32Array
  all: Sequence[]
  none: Sequence[]
  /** The same for all patterns of a rule. */
  never: Sequence[]
}
interface Sequence {
  symbols: Int32Array
  gaps: Int32Array
}

const LONGEST = 2048

/**
 * Compiles rules, in the order in which they win, into one index. Reading a text marks the symbols that occur in it;
 * a pattern is looked at only if its rarest symbol does, and its order of words only if all of them do. So the cost
 * follows the text, not the number of rules. `samples` tell which words are common.
 */
export function createMatcher(
  rules: readonly MatcherRule[],
  classes: Words,
  samples: readonly string[],
  events: { asked(rule: number): boolean; hit(rule: number): number },
): Matcher {
  const lexicon = createLexicon()
  const symbols = createSymbols()
  const patterns = rules.flatMap((rule, number) => compileRule(rule, number, classes, lexicon.add, symbols.of))
  symbols.inherit(lexicon.size(), lexicon.prefixesOf)

  const words = new Int32Array(LONGEST)
  const frequency = new Float64Array(symbols.count())
  for (const sample of samples) {
    const count = lexicon.read(sample, words)
    for (let i = 0; i < count; i++) for (const symbol of symbols.ofWord(words[i]!)) frequency[symbol]!++
  }
  for (const { needed } of patterns) needed.sort((a, b) => frequency[a]! - frequency[b]!)

  const index = [0, 1, 2].map((round) => indexed(patterns, (one) => rules[one.rule]!.round === round, symbols.count()))
  const [rows, row] = flat(Array.from({ length: lexicon.size() }, (_, word) => symbols.ofWord(word)))
  const anchors = new Uint8Array(symbols.count())
  index.forEach(({ from }, round) => {
    for (let symbol = 0; symbol < anchors.length; symbol++)
      if (from[symbol + 1]! > from[symbol]!) anchors[symbol]! |= 1 << round
  })
  const seen = new Int32Array(symbols.count())
  const occurring = [0, 1, 2].map(() => new Int32Array(symbols.count()))
  const occurrences = new Int32Array(3)
  let length = 0
  let reading = 0

  function present(pattern: Compiled): boolean {
    const { needed, all, none, never } = pattern
    for (let i = 2; i < needed.length; i++) if (seen[needed[i]!] !== reading) return false
    for (let i = 0; i < all.length; i++) if (all[i]!.symbols.length > 1 && !follows(all[i]!)) return false
    for (let i = 0; i < none.length; i++) if (follows(none[i]!)) return false
    for (let i = 0; i < never.length; i++) if (follows(never[i]!)) return false
    return true
  }

  function follows(sequence: Sequence): boolean {
    const first = sequence.symbols[0]!
    if (seen[first] !== reading) return false
    if (sequence.symbols.length === 1) return true
    if (seen[sequence.symbols[1]!] !== reading) return false
    for (let at = 0; at < length; at++)
      if (symbols.has(first, words[at]!) && continues(sequence, 1, at + 1)) return true
    return false
  }

  function continues(sequence: Sequence, place: number, from: number): boolean {
    if (place === sequence.symbols.length) return true
    const symbol = sequence.symbols[place]!
    const to = Math.min(length - 1, from + sequence.gaps[place]!)
    for (let at = from; at <= to; at++)
      if (symbols.has(symbol, words[at]!) && continues(sequence, place + 1, at + 1)) return true
    return false
  }

  return {
    read(text) {
      length = lexicon.read(text, words)
      reading++
      occurrences.fill(0)
      for (let i = 0; i < length; i++) {
        const word = words[i]!
        if (word === 0) continue
        const end = rows[word + 1]!
        for (let k = rows[word]!; k < end; k++) {
          const symbol = row[k]!
          if (seen[symbol] === reading) continue
          seen[symbol] = reading
          const rounds = anchors[symbol]!
          if (rounds === 0) continue
          for (let round = 0; round < 3; round++)
            if (rounds & (1 << round)) occurring[round]![occurrences[round]!++] = symbol
        }
      }
    },
    round(round, before) {
      const { from, numbers, rule, second } = index[round]!
      const there = occurring[round]!
      const count = occurrences[round]!
      let limit = before
      for (let i = 0; i < count; i++) {
        const end = from[there[i]! + 1]!
        for (let k = from[there[i]!]!; k < end; k++) {
          const number = rule[k]!
          if (number >= limit) break
          if (second[k]! >= 0 && seen[second[k]!] !== reading) continue
          if (events.asked(number) && present(patterns[numbers[k]!]!)) limit = events.hit(number)
        }
      }
    },
    size: { words: lexicon.size(), patterns: patterns.length },
  }
}

/** The patterns of one round by their rarest symbol, in the order in which their rules win, side by side in memory. */
interface Index {
  /** Where a symbol's patterns begin; they end where the next one's begin. */
  from: Int32Array
  numbers: Int32Array
  rule: Int32Array
  /** Its second-rarest symbol, or -1: the check that most patterns fail. */
  second: Int32Array
}

function indexed(patterns: readonly Compiled[], belongs: (pattern: Compiled) => boolean, symbols: number): Index {
  const buckets: number[][] = Array.from({ length: symbols }, () => [])
  patterns.forEach((pattern, number) => {
    if (belongs(pattern)) buckets[pattern.needed[0]!]!.push(number)
  })
  const [from, numbers] = flat(buckets)
  return {
    from,
    numbers,
    rule: numbers.map((number) => patterns[number]!.rule),
    second: numbers.map((number) => patterns[number]!.needed[1] ?? -1),
  }
}

/** Lists of numbers as one: where each begins, and all of them. */
function flat(lists: readonly ArrayLike<number>[]): [Int32Array, Int32Array] {
  const from = new Int32Array(lists.length + 1)
  lists.forEach((list, i) => {
    from[i + 1] = from[i]! + list.length
  })
  const all = new Int32Array(from[lists.length]!)
  lists.forEach((list, i) => {
    all.set(list, from[i]!)
  })
  return [from, all]
}

function compileRule(
  rule: MatcherRule,
  number: number,
  classes: Words,
  word: (text: string) => number,
  symbol: (words: number[]) => number,
): Compiled[] {
  const sequence = (phrase: Phrase): Sequence => ({
    symbols: Int32Array.from(phrase, (place) => symbol(place.words)),
    gaps: Int32Array.from(phrase, (place) => place.gap),
  })
  const never = rule.not
    .flatMap((line) => readPatterns(line, classes, word))
    .flatMap((pattern) => pattern.all.map(sequence))
  return rule.text
    .flatMap((line) => readPatterns(line, classes, word))
    .map(({ all, none }) => {
      const sequences = all.map(sequence)
      const needed = new Set(sequences.flatMap((one) => [...one.symbols]))
      return { rule: number, needed: Int32Array.from(needed), all: sequences, none: none.map(sequence), never }
    })
}
