import { compile, type Pattern, type Sequence, type TextRule } from './compile.ts'
import { flat, type Numbers } from './packed-lists.ts'
import type { Words } from './phrase.ts'
import { addTerm, collect, createReading, createTermIndex, EARLY, LATE, mark, markFar } from './term-index.ts'

export interface Matcher {
  /** Reads a text; the others then look at it. */
  read(text: string): void
  /** Calls `hit` with every early rule whose phrases are there. */
  each(hit: (rule: number) => void): void
  /** The first of the other rules, before that number, whose phrases are there; that number where there is none. */
  first(before: number): number
  /** How many words and how many patterns it holds. */
  size: { words: number; patterns: number }
}

/** Places in a text are bits; what is past 256 words is not looked at. */
const PLANES = 8
const LONGEST = 32 * PLANES
/** More than a text is known to hold: words and collocations, and symbols that collocations are in. */
const MOST_TERMS = LONGEST + 256
const MOST_SPANS = 8192
/** So many likely patterns are tried before they are sorted. */
const FEW = 12
/** More than there are patterns. */
const BEYOND = 0x3fff_ffff
const spanField = () => new Int32Array(MOST_SPANS)

/**
 * One index over all rules. Reading a text notes where each symbol (a set of words) occurs; a pattern is looked at only
 * if its rarest symbols do, and its order of words only if all of them do. So the cost follows the text, not the number
 * of rules. A phrase is followed through all places at once, bit by bit, so that no text is slow.
 */
export function createMatcher(
  rules: readonly TextRule[],
  classes: Words,
  samples: readonly string[],
  /** May this rule be the answer at all, by the codes and the provider? */
  asked: (rule: number) => boolean,
): Matcher {
  const compiled = compile(rules, classes, samples)
  const { lexicon, collocations, symbols, rows, patterns } = compiled
  const index = createTermIndex(compiled, ({ rule }) => (rules[rule]!.early ? EARLY : LATE))
  // Behind the last pattern stands one of no rule.
  const noPattern = patterns.length
  const ruleOf = Int32Array.from([...patterns, { rule: rules.length }], ({ rule }) => rule)
  // What a pattern asks for, in the order in which it is asked, side by side in memory.
  const [programStart, program] = flat(patterns.map(programOf))
  // The phrases that forbid a rule, under the rarest symbol of each.
  const grouped = compiled.never.map((one) => [...Map.groupBy(one, (veto) => veto.rarest)])
  const [vetoStart, vetoSymbols] = flat(grouped.map((group) => group.map(([symbol]) => symbol)))
  const [vetoPhrases, veto] = flat(
    grouped.flat().map(([, group]) => [group.length, ...group.flatMap(({ phrase }) => phraseOf(phrase))]),
  )

  /** The symbols, and one that is none (see TermIndex). */
  const stride = symbols + 1
  // The text that is being read: its words and where each symbol begins, a bit for each place. Of a text of more than 32
  // words these are the places of all planes together; `far` has them by plane.
  const words = new Int32Array(LONGEST)
  const reading = createReading(MOST_TERMS)
  let planes = 0
  const places = new Int32Array(stride)
  const far = new Int32Array(stride * PLANES)
  // Where collocations begin and end. Those of a symbol are chained from `lastSpan` on, 0 being none; `alone` is 1 where
  // no single word of the symbol stands where the collocation begins.
  const lastSpan = new Int32Array(symbols)
  const spans = { symbol: spanField(), start: spanField(), end: spanField(), alone: spanField(), before: spanField() }
  let lastOfAll = 0
  // Patterns whose rarest symbols occur.
  const early = new Int32Array(MOST_TERMS * index.most)
  let earlies = 0
  const late = new Int32Array(MOST_TERMS * index.most)
  let lates = 0
  const allowed = new Int32Array(PLANES)
  const reached = new Int32Array(PLANES)

  function clear() {
    places.fill(0)
    for (let i = 1; i <= lastOfAll; i++) lastSpan[spans.symbol[i]!] = 0
    lastOfAll = 0
  }

  /** Adds a collocation to the terms. */
  function add(number: number, start: number, end: number) {
    const term = lexicon.size() + number
    const row = rows[term]!
    if (reading.count === MOST_TERMS || lastOfAll + row.length >= MOST_SPANS) return
    addTerm(term, index, reading)
    for (const symbol of row) {
      const span = ++lastOfAll
      spans.symbol[span] = symbol
      spans.start[span] = start
      spans.end[span] = end
      spans.alone[span] = ((places[symbol]! >>> start) & 1) ^ 1
      spans.before[span] = lastSpan[symbol]!
      places[symbol]! |= 1 << start
      lastSpan[symbol] = span
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
  function follows(list: Numbers, at: number): boolean {
    const end = at + 2 * list[at]!
    for (let i = at + 2; i <= end; i += 2) if (places[list[i]!] === 0) return false
    if (planes > 1) return followsFar(list, at, end)
    let here = endsOf(list[at + 2]!, -1)
    for (let i = at + 3; i < end && here !== 0; i += 2) {
      let ahead = here << 1
      for (let shift = list[i]!; shift > 0; shift--) ahead |= ahead << 1
      here = endsOf(list[i + 1]!, ahead)
    }
    return here !== 0
  }

  /** Where the symbol ends, if it begins at one of the places `starts`. */
  function endsOf(symbol: number, starts: number): number {
    const ends = starts & places[symbol]!
    return lastSpan[symbol] === 0 ? ends : endsOfSpans(symbol, starts, ends)
  }

  function endsOfSpans(symbol: number, starts: number, singles: number): number {
    let ends = singles
    const { start, end, alone, before } = spans
    for (let i = lastSpan[symbol]!; i > 0; i = before[i]!) ends &= ~(alone[i]! << start[i]!)
    for (let i = lastSpan[symbol]!; i > 0; i = before[i]!) ends |= ((starts >>> start[i]!) & 1) << end[i]!
    return ends
  }

  /** The same over several planes of 32 places, with what each carries into the next. */
  function followsFar(list: Numbers, at: number, end: number): boolean {
    allowed.fill(-1)
    reachFar(list[at + 2]!)
    for (let i = at + 3; i < end; i += 2) {
      allowed.fill(0)
      for (let shift = 1; shift <= list[i]! + 1; shift++)
        for (let plane = 0; plane < planes; plane++)
          allowed[plane]! |= (reached[plane]! << shift) | (plane > 0 ? reached[plane - 1]! >>> (32 - shift) : 0)
      reachFar(list[i + 1]!)
    }
    for (let plane = 0; plane < planes; plane++) if (reached[plane] !== 0) return true
    return false
  }

  function reachFar(symbol: number) {
    for (let plane = 0; plane < planes; plane++) reached[plane] = allowed[plane]! & far[plane * stride + symbol]!
    const { start, end, before } = spans
    for (let i = lastSpan[symbol]!; i > 0; i = before[i]!)
      reached[end[i]! >>> 5]! |= ((allowed[start[i]! >>> 5]! >>> (start[i]! & 31)) & 1) << (end[i]! & 31)
  }

  const holds = (number: number) => asked(ruleOf[number]!) && present(number, ruleOf[number]!)

  /** The lowest number of a likely pattern from `next` on. Which it is nobody can guess: there is no branch on it. */
  function lowest(next: number): number {
    const end = lates
    let number = noPattern
    for (let i = 0; i < end; i++) {
      // What comes before `next` counts as beyond them all.
      const one = late[i]! | (((late[i]! - next) >> 31) & BEYOND)
      number += (one - number) & ((one - number) >> 31)
    }
    return number
  }

  return {
    read(text) {
      clear()
      const length = lexicon.read(text, words)
      planes = (length + 31) >>> 5
      mark(words, length, index, places, reading)
      if (planes > 1) {
        far.fill(0, 0, planes * stride)
        markFar(reading, index, stride, far)
      }
      const { pairs, paired } = reading
      for (let i = 0; i < paired; i++) collocations.walk(words, length, pairs[i]!, add)
      earlies = collect(EARLY, reading, index, places, early)
      lates = collect(LATE, reading, index, places, late)
    },
    each(hit) {
      for (let i = 0; i < earlies; i++) if (holds(early[i]!)) hit(ruleOf[early[i]!]!)
    },
    first(before) {
      // Patterns come in the order of their rules, and mostly the first that is likely is the answer.
      let next = 0
      for (let tries = 0; tries < FEW; tries++) {
        const number = lowest(next)
        const rule = ruleOf[number]!
        if (rule >= before) return before
        if (holds(number)) return rule
        next = number + 1
      }
      for (const number of late.subarray(0, lates).sort()) {
        if (ruleOf[number]! >= before) break
        if (number >= next && holds(number)) return ruleOf[number]!
      }
      return before
    },
    size: { words: lexicon.size(), patterns: noPattern },
  }
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
