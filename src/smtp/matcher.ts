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

/** Places in a text are bits; what is past 256 words is not looked at. */
const PLANES = 8
const LONGEST = 32 * PLANES
/** The bit of the round in which most patterns are asked. */
const LAST_ROUND = 1 << 2

/**
 * One index over all rules. Reading a text notes where each symbol (a set of words) occurs; a pattern is looked at only
 * if its rarest symbol does, and its order of words only if all of them do. So the cost follows the text, not the number
 * of rules. A phrase is followed through all places at once, bit by bit, so that no text is slow.
 */
export function createMatcher(
  rules: readonly TextRule[],
  classes: Words,
  samples: readonly string[],
  events: MatchEvents,
): Matcher {
  const { lexicon, symbols, patterns, never } = compile(rules, classes, samples)
  const count = symbols.count()
  const rounds = ([0, 1, 2] as const).map((round) =>
    indexed(patterns, (pattern) => rules[pattern.rule]!.round === round, count),
  )
  const [rowStart, rowSymbols] = flat(Array.from({ length: lexicon.size() }, (_, word) => symbols.ofWord(word)))
  // What a pattern asks for, in the order in which it is asked, side by side in memory.
  const [programStart, program] = flat(patterns.map(programOf))
  // The phrases that forbid a rule, under the rarest symbol of each.
  const grouped = never.map((one) => [...Map.groupBy(one, (veto) => veto.rarest)])
  const [vetoStart, vetoSymbols] = flat(grouped.map((group) => group.map(([symbol]) => symbol)))
  const [vetoPhrases, veto] = flat(
    grouped.flat().map(([, group]) => [group.length, ...group.flatMap(({ phrase }) => phraseOf(phrase))]),
  )
  const anchors = Uint8Array.from({ length: count }, (_, symbol) =>
    rounds.reduce((bits, { from }, round) => bits | (from[symbol + 1]! > from[symbol]! ? 1 << round : 0), 0),
  )

  // The state of the text that is being read; all of it is overwritten by the next.
  const words = new Int32Array(LONGEST)
  let planes = 0
  let reading = 0
  const seen = new Int32Array(count)
  const places = new Int32Array(count * PLANES)
  const occurring = new Int32Array(count)
  let occurrences = 0
  // Few symbols begin a pattern of the first two rounds: those that do are kept apart.
  const early = new Int32Array(count)
  let earlies = 0
  const reached = new Int32Array(PLANES)
  const next = new Int32Array(PLANES)

  /** Notes that a symbol occurs under which there are patterns. */
  function note(symbol: number) {
    if ((anchors[symbol]! & LAST_ROUND) !== 0) occurring[occurrences++] = symbol
    if ((anchors[symbol]! & ~LAST_ROUND) !== 0) early[earlies++] = symbol
  }

  /** What `read` does, for a text of more than 32 words. */
  function readFar(length: number) {
    for (let i = 0; i < length; i++) {
      const word = words[i]!
      const end = rowStart[word + 1]!
      for (let k = rowStart[word]!; k < end; k++) {
        const symbol = rowSymbols[k]!
        if (seen[symbol] !== reading) {
          seen[symbol] = reading
          for (let plane = 0; plane < planes; plane++) places[plane * count + symbol] = 0
          if (anchors[symbol] !== 0) note(symbol)
        }
        places[(i >>> 5) * count + symbol]! |= 1 << (i & 31)
      }
    }
  }

  function present(number: number, rule: number): boolean {
    let at = programStart[number]!
    for (let left = program[at++]!; left > 0; left--) if (seen[program[at++]!] !== reading) return false
    for (let left = program[at++]!; left > 0; left--, at += 1 + 2 * program[at]!)
      if (!follows(program, at)) return false
    for (let left = program[at++]!; left > 0; left--, at += 1 + 2 * program[at]!) if (follows(program, at)) return false
    return !vetoed(rule)
  }

  /** Is one of the phrases there that forbid the rule? Mostly not even the rarest symbol of any of them is. */
  function vetoed(rule: number): boolean {
    const end = vetoStart[rule + 1]!
    for (let i = vetoStart[rule]!; i < end; i++) {
      if (seen[vetoSymbols[i]!] !== reading) continue
      let at = vetoPhrases[i]!
      for (let left = veto[at++]!; left > 0; left--, at += 1 + 2 * veto[at]!) if (follows(veto, at)) return true
    }
    return false
  }

  /** Is the phrase there that `list` holds from `at` on: its length, then a gap and a symbol for each of its places? */
  function follows(list: Int32Array, at: number): boolean {
    const end = at + 2 * list[at]!
    for (let i = at + 2; i <= end; i += 2) if (seen[list[i]!] !== reading) return false
    if (planes > 1) return followsFar(list, at, end)
    let here = places[list[at + 2]!]!
    for (let i = at + 3; i < end && here !== 0; i += 2) {
      let ahead = here << 1
      for (let shift = list[i]!; shift > 0; shift--) ahead |= ahead << 1
      here = ahead & places[list[i + 1]!]!
    }
    return here !== 0
  }

  /** The same over several planes of 32 places, with what each carries into the next. */
  function followsFar(list: Int32Array, at: number, end: number): boolean {
    for (let plane = 0; plane < planes; plane++) reached[plane] = places[plane * count + list[at + 2]!]!
    for (let i = at + 3; i < end; i += 2) {
      next.fill(0)
      for (let shift = 1; shift <= list[i]! + 1; shift++)
        for (let plane = 0; plane < planes; plane++)
          next[plane]! |= (reached[plane]! << shift) | (plane > 0 ? reached[plane - 1]! >>> (32 - shift) : 0)
      for (let plane = 0; plane < planes; plane++) reached[plane] = next[plane]! & places[plane * count + list[i + 1]!]!
    }
    for (let plane = 0; plane < planes; plane++) if (reached[plane] !== 0) return true
    return false
  }

  return {
    read(text) {
      const length = lexicon.read(text, words)
      planes = (length + 31) >>> 5
      const now = ++reading
      occurrences = 0
      earlies = 0
      if (planes > 1) return readFar(length)
      for (let i = 0; i < length; i++) {
        const word = words[i]!
        const end = rowStart[word + 1]!
        for (let k = rowStart[word]!; k < end; k++) {
          const symbol = rowSymbols[k]!
          if (seen[symbol] === now) {
            places[symbol]! |= 1 << i
            continue
          }
          seen[symbol] = now
          places[symbol] = 1 << i
          if (anchors[symbol] !== 0) note(symbol)
        }
      }
    },
    round(round, before) {
      const { from, entries } = rounds[round]!
      const symbols = round === 2 ? occurring : early
      const end = round === 2 ? occurrences : earlies
      let limit = before
      for (let i = 0; i < end; i++) {
        const symbol = symbols[i]!
        const last = 3 * from[symbol + 1]!
        for (let k = 3 * from[symbol]!; k < last; k += 3) {
          const rule = entries[k]!
          if (rule >= limit) break
          if (seen[entries[k + 1]!] !== reading) continue
          if (events.asked(rule) && present(entries[k + 2]!, rule)) limit = events.hit(rule)
        }
      }
    },
    size: { words: lexicon.size(), patterns: patterns.length },
  }
}

/** The patterns of one round by their rarest symbol, in the order in which their rules win. */
interface Index {
  /** Where a symbol's patterns begin; they end where the next one's begin. */
  from: Int32Array
  /** For each its rule, its second-rarest symbol (the rarest, if there is no other) and its own number. */
  entries: Int32Array
}

function indexed(patterns: readonly Pattern[], belongs: (pattern: Pattern) => boolean, symbols: number): Index {
  const buckets: number[][] = Array.from({ length: symbols }, () => [])
  patterns.forEach((pattern, number) => {
    if (belongs(pattern)) buckets[pattern.needed[0]!]!.push(number)
  })
  const [from, numbers] = flat(buckets)
  const entries = Int32Array.from({ length: 3 * numbers.length }, (_, i) => {
    const number = numbers[Math.floor(i / 3)]!
    const { rule, needed } = patterns[number]!
    return [rule, needed[1] ?? needed[0]!, number][i % 3]!
  })
  return { from, entries }
}

/** What a pattern still asks for after its two rarest symbols: other symbols, phrases, and phrases that must not be there. */
function programOf({ needed, ordered, none }: Pattern): number[] {
  const rest = [...needed.slice(2)]
  return [rest.length, ...rest, ordered.length, ...ordered.flatMap(phraseOf), none.length, ...none.flatMap(phraseOf)]
}

const phraseOf = ({ symbols, gaps }: Sequence): number[] => [
  symbols.length,
  ...Array.from(symbols).flatMap((symbol, i) => [gaps[i]!, symbol]),
]

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
