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
  const { lexicon, symbols, patterns, never, commonest } = compile(rules, classes, samples)
  const count = symbols.count()
  const rows = Array.from({ length: lexicon.size() }, (_, word) => symbols.ofWord(word))
  // What is met most stands side by side in memory.
  const [from, index] = flat(indexed(patterns, rows), commonest)
  const ruleOf = Int32Array.from(patterns, ({ rule }) => rule)
  const roundOf = Uint8Array.from(patterns, ({ rule }) => rules[rule]!.round)
  // What a pattern asks for, in the order in which it is asked, side by side in memory.
  const [programStart, program] = flat(patterns.map(programOf))
  // The phrases that forbid a rule, under the rarest symbol of each.
  const grouped = never.map((one) => [...Map.groupBy(one, (veto) => veto.rarest)])
  const [vetoStart, vetoSymbols] = flat(grouped.map((group) => group.map(([symbol]) => symbol)))
  const [vetoPhrases, veto] = flat(
    grouped.flat().map(([, group]) => [group.length, ...group.flatMap(({ phrase }) => phraseOf(phrase))]),
  )

  // The text that is being read: its words, and for each symbol the places at which it occurs, a bit each. Of a text of
  // more than 32 words these are the places of all planes together, and `far` has them plane by plane.
  const words = new Int32Array(LONGEST)
  let length = 0
  let planes = 0
  const places = new Int32Array(count)
  /** Patterns whose rarest symbols occur. */
  let likely = new Int32Array(1024)
  let likelies = 0
  const far = new Int32Array(count * PLANES)
  const reached = new Int32Array(PLANES)
  const next = new Int32Array(PLANES)

  /** What `read` does besides, for a text of more than 32 words. */
  function readFar() {
    far.fill(0, 0, planes * count)
    for (let i = 0; i < length; i++) {
      const plane = (i >>> 5) * count
      let at = from[words[i]!]! + 1
      const last = at + index[at]!
      while (at < last) far[plane + index[++at]!]! |= 1 << i
    }
  }

  function present(number: number, rule: number): boolean {
    let at = programStart[number]!
    for (let left = program[at++]!; left > 0; left--) if (places[program[at++]!] === 0) return false
    for (let left = program[at++]!; left > 0; left--, at += 1 + 2 * program[at]!)
      if (!follows(program, at)) return false
    for (let left = program[at++]!; left > 0; left--, at += 1 + 2 * program[at]!) if (follows(program, at)) return false
    return !vetoed(rule)
  }

  /** Is one of the phrases there that forbid the rule? Mostly not even the rarest symbol of any of them is. */
  function vetoed(rule: number): boolean {
    const end = vetoStart[rule + 1]!
    for (let i = vetoStart[rule]!; i < end; i++) {
      if (places[vetoSymbols[i]!] === 0) continue
      let at = vetoPhrases[i]!
      for (let left = veto[at++]!; left > 0; left--, at += 1 + 2 * veto[at]!) if (follows(veto, at)) return true
    }
    return false
  }

  /** Is the phrase there that `list` holds from `at` on: its length, then a gap and a symbol for each of its places? */
  function follows(list: Int32Array, at: number): boolean {
    const end = at + 2 * list[at]!
    for (let i = at + 2; i <= end; i += 2) if (places[list[i]!] === 0) return false
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
    for (let plane = 0; plane < planes; plane++) reached[plane] = far[plane * count + list[at + 2]!]!
    for (let i = at + 3; i < end; i += 2) {
      next.fill(0)
      for (let shift = 1; shift <= list[i]! + 1; shift++)
        for (let plane = 0; plane < planes; plane++)
          next[plane]! |= (reached[plane]! << shift) | (plane > 0 ? reached[plane - 1]! >>> (32 - shift) : 0)
      for (let plane = 0; plane < planes; plane++) reached[plane] = next[plane]! & far[plane * count + list[i + 1]!]!
    }
    for (let plane = 0; plane < planes; plane++) if (reached[plane] !== 0) return true
    return false
  }

  return {
    read(text) {
      length = lexicon.read(text, words)
      planes = (length + 31) >>> 5
      places.fill(0)
      const most = mark(words, length, from, index, places)
      if (planes > 1) readFar()
      if (likely.length < most) likely = new Int32Array(2 * most)
      likelies = collect(words, length, from, index, places, likely)
    },
    round(round, before) {
      let limit = before
      for (let i = 0; i < likelies; i++) {
        const number = likely[i]!
        const rule = ruleOf[number]!
        if (rule < limit && roundOf[number] === round && events.asked(rule) && present(number, rule))
          limit = events.hit(rule)
      }
    },
    size: { words: lexicon.size(), patterns: patterns.length },
  }
}

/** Notes in `places` where each symbol occurs. Returns a number that is no lower than that of the likely patterns. */
function mark(words: Int32Array, length: number, from: Int32Array, index: Int32Array, places: Int32Array): number {
  let most = 0
  for (let i = 0; i < length; i++) {
    let at = from[words[i]!]!
    most += index[at]!
    const last = ++at + index[at]!
    // Which symbols a text holds is beyond a processor's guess: there is no branch on them here.
    while (at < last) places[index[++at]!]! |= 1 << i
  }
  return most
}

/** Writes the patterns whose three rarest symbols occur into `likely`; returns how many. */
function collect(
  words: Int32Array,
  length: number,
  from: Int32Array,
  index: Int32Array,
  places: Int32Array,
  likely: Int32Array,
): number {
  let count = 0
  for (let i = 0; i < length; i++) {
    let at = from[words[i]!]!
    const last = at + index[at]!
    for (at += 2 + index[at + 1]!; at < last; at += 3) {
      likely[count] = index[at]!
      const second = places[index[at + 1]!]!
      const third = places[index[at + 2]!]!
      // 1 where neither is 0.
      count += ((second | -second) & (third | -third)) >>> 31
    }
  }
  return count
}

/**
 * For each word how long its list is, how many symbols it is in, these, and then the patterns whose rarest symbol is
 * one of them, in the order in which their rules win: the number and the next two symbols by rarity (the rarest again,
 * if there are no others).
 */
function indexed(patterns: readonly Pattern[], rows: readonly (readonly number[])[]): number[][] {
  const bySymbol = new Map<number, number[]>()
  patterns.forEach((pattern, number) => {
    const [rarest, second = rarest, third = rarest] = pattern.needed as unknown as [number, number?, number?]
    const bucket = bySymbol.get(rarest)
    if (bucket) bucket.push(number, second, third)
    else bySymbol.set(rarest, [number, second, third])
  })
  return rows.map((row) => {
    const list = [row.length, ...row, ...row.flatMap((symbol) => bySymbol.get(symbol) ?? [])]
    return [1 + list.length, ...list]
  })
}

/** What a pattern still asks for after its three rarest symbols: other symbols, phrases, and phrases that must not be there. */
function programOf({ needed, ordered, none }: Pattern): number[] {
  const rest = [...needed.slice(3)]
  return [rest.length, ...rest, ordered.length, ...ordered.flatMap(phraseOf), none.length, ...none.flatMap(phraseOf)]
}

const phraseOf = ({ symbols, gaps }: Sequence): number[] => [
  symbols.length,
  ...Array.from(symbols).flatMap((symbol, i) => [gaps[i]!, symbol]),
]

/** Lists of numbers as one: where each begins, and all of them, in the given order. */
function flat(lists: readonly ArrayLike<number>[], order = lists.map((_, i) => i)): [Int32Array, Int32Array] {
  const from = new Int32Array(lists.length + 1)
  const all = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0))
  let end = 0
  for (const i of order) {
    from[i] = end
    all.set(lists[i]!, end)
    end += lists[i]!.length
  }
  from[lists.length] = end
  return [from, all]
}
