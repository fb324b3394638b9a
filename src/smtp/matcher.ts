import { compile, type Pattern, type Sequence, type TextRule } from './compile.ts'
import type { Words } from './phrase.ts'

export interface Matcher {
  /** Reads a text; the rounds then look at it. */
  read(text: string): void
  /** Calls `hit` with every rule of the round, before that number, whose phrases are there; `hit` may lower the number. */
  round(round: TextRule['round'], before: number): void
  /** How many words and how many patterns it holds. */
  size: { words: number; patterns: number }
}

export interface MatchEvents {
  /** May this rule be the answer at all, by the codes and the provider? */
  asked(rule: number): boolean
  /** Its phrases are there. Returns the number before which rules are still of interest. */
  hit(rule: number): number
}

const LONGEST = 2048

/**
 * One index over all rules. Reading a text marks the symbols (sets of words) that occur in it; a pattern is looked at only
 * if its rarest symbol does, and its order of words only if all of them do. So the cost follows the text, not the number
 * of rules.
 */
export function createMatcher(
  rules: readonly TextRule[],
  classes: Words,
  samples: readonly string[],
  events: MatchEvents,
): Matcher {
  const { lexicon, symbols, patterns, never } = compile(rules, classes, samples)
  // What is looked at most stands side by side in memory.
  const [neededFrom, needed] = flat(patterns.map((pattern) => pattern.needed))
  const [vetoFrom, vetoRarest] = flat(never.map((one) => one.map((veto) => veto.rarest)))
  const vetoes = never.flatMap((one) => one.map((veto) => veto.phrase))
  const rounds = ([0, 1, 2] as const).map((round) =>
    indexed(patterns, (pattern) => rules[pattern.rule]!.round === round, symbols.count()),
  )
  const [rowStart, rowSymbols] = flat(Array.from({ length: lexicon.size() }, (_, word) => symbols.ofWord(word)))
  const anchors = Uint8Array.from({ length: symbols.count() }, (_, symbol) =>
    rounds.reduce((bits, { from }, round) => bits | (from[symbol + 1]! > from[symbol]! ? 1 << round : 0), 0),
  )

  // The state of the text that is being read; all of it is overwritten by the next.
  const words = new Int32Array(LONGEST)
  let length = 0
  let reading = 0
  const seen = new Int32Array(symbols.count())
  const occurring = rounds.map(() => new Int32Array(symbols.count()))
  const occurrences = new Int32Array(rounds.length)

  function present(number: number): boolean {
    const end = neededFrom[number + 1]!
    for (let i = neededFrom[number]! + 2; i < end; i++) if (seen[needed[i]!] !== reading) return false
    const { ordered, none, rule } = patterns[number]!
    for (let i = 0; i < ordered.length; i++) if (!follows(ordered[i]!)) return false
    for (let i = 0; i < none.length; i++) if (follows(none[i]!)) return false
    return !vetoed(rule)
  }

  function vetoed(rule: number): boolean {
    const end = vetoFrom[rule + 1]!
    for (let i = vetoFrom[rule]!; i < end; i++) if (seen[vetoRarest[i]!] === reading && follows(vetoes[i]!)) return true
    return false
  }

  function follows(sequence: Sequence): boolean {
    const first = sequence.symbols[0]!
    if (seen[first] !== reading) return false
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
        const end = rowStart[word + 1]!
        for (let k = rowStart[word]!; k < end; k++) {
          const symbol = rowSymbols[k]!
          if (seen[symbol] === reading) continue
          seen[symbol] = reading
          const bits = anchors[symbol]!
          if (bits & 1) occurring[0]![occurrences[0]!++] = symbol
          if (bits & 2) occurring[1]![occurrences[1]!++] = symbol
          if (bits & 4) occurring[2]![occurrences[2]!++] = symbol
        }
      }
    },
    round(round, before) {
      const { from, numbers, rule, second } = rounds[round]!
      const there = occurring[round]!
      const count = occurrences[round]!
      let limit = before
      for (let i = 0; i < count; i++) {
        const end = from[there[i]! + 1]!
        for (let k = from[there[i]!]!; k < end; k++) {
          const number = rule[k]!
          if (number >= limit) break
          if (seen[second[k]!] !== reading) continue
          if (events.asked(number) && present(numbers[k]!)) limit = events.hit(number)
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
  /** The second-rarest symbol (the rarest, if there is no other): the check that most patterns fail. */
  second: Int32Array
}

function indexed(patterns: readonly Pattern[], belongs: (pattern: Pattern) => boolean, symbols: number): Index {
  const buckets: number[][] = Array.from({ length: symbols }, () => [])
  patterns.forEach((pattern, number) => {
    if (belongs(pattern)) buckets[pattern.needed[0]!]!.push(number)
  })
  const [from, numbers] = flat(buckets)
  return {
    from,
    numbers,
    rule: numbers.map((number) => patterns[number]!.rule),
    second: numbers.map((number) => patterns[number]!.needed[1] ?? patterns[number]!.needed[0]!),
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
