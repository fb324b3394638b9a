import { CAUSES, type Cause, type Signal } from '../smtp/causes.ts'
import { isAttempt } from './counts.ts'
import type { Finding, Slice } from './finding.ts'
import { sliceKey } from './topology.ts'

/** What a rule asks of results; every given list must contain the value (`template`: one of the words). */
interface RuleFilter {
  code?: readonly number[]
  enhanced?: readonly string[]
  cause?: readonly Cause[]
  signal?: readonly Signal[]
  template?: readonly string[]
  provider?: readonly string[]
  source?: readonly string[]
  ip?: readonly string[]
  senderDomain?: readonly string[]
}

/** Times in minutes. `for`: in each of so many minutes up to now. */
export type RuleTest =
  | { kind: 'rate'; more: number; min: number; minutes: number; for: number }
  | { kind: 'count'; more: number; minutes: number; for: number }
  | { kind: 'absent'; minutes: number }

export interface AlertRule {
  name: string
  when: RuleFilter
  test: RuleTest
  severity: 'low' | 'medium' | 'high' | 'critical'
}

/** So many results of one kind, with the reply that came. */
export interface RuleResult {
  slice: Slice
  outcome: 'delivered' | 'deferred' | 'bounced' | 'dropped' | 'complained'
  reply: {
    code: number | null
    enhanced: string | null
    cause: Cause
    signal: Signal | null
    template: string
  } | null
  n: number
}

/** Everything that is known of one source's minute; `add`: on top of what was known, else instead of it. */
export interface RuleMinute {
  minute: Date
  source: string
  results: readonly RuleResult[]
  add?: boolean
}

interface Tally {
  slice: Slice
  attempts: number
  failures: number
}

export interface RuleWatch {
  /** Takes what has become known (a source's minute instead of what was known of it) and says which rules hold at `at`. */
  advance(at: Date, changes: Iterable<RuleMinute>): Finding[]
}

const MINUTE = 60_000
/** A rule that no longer holds is told as recovered for so many minutes. */
const REMEMBER = 60
/** Mail that is absent must have been there within this time. */
const DAY = 1440

/** Evaluates the user's own rules. Late minutes count as if they had come in time: nothing but sums of minutes is kept. */
export function createRuleWatch(rules: readonly AlertRule[]): RuleWatch {
  const watches = rules.map((rule) => watchRule(rule))
  return {
    advance(at, changes) {
      const minutes = [...changes]
      return watches.flatMap((watch) => watch(at, minutes))
    },
  }
}

function watchRule(rule: AlertRule): (at: Date, changes: readonly RuleMinute[]) => Finding[] {
  const known = new Map<number, Map<string, Tally[]>>()
  const reach = rule.test.kind === 'absent' ? DAY + rule.test.minutes : rule.test.minutes + rule.test.for
  let last: Finding | null = null

  return (at, changes) => {
    const now = Math.floor(at.getTime() / MINUTE)
    for (const { minute, source, results, add } of changes) {
      const m = Math.floor(minute.getTime() / MINUTE)
      const sources = known.get(m) ?? new Map<string, Tally[]>()
      const before = add ? (sources.get(source) ?? []) : []
      known.set(m, sources.set(source, [...before, ...tally(results, rule)]))
    }
    for (const minute of known.keys()) if (minute < now - Math.max(reach, DAY)) known.delete(minute)
    const sum = (from: number, to: number) => sumOf(known, from, to)
    if (holds(rule.test, now, sum)) {
      last = toFinding(rule, sum(now - rule.test.minutes + 1, now), known, at, last)
      return [last]
    }
    if (!last) return []
    if (last.status === 'firing') last = { ...last, status: 'recovered', at }
    const isOld = at.getTime() - last.at.getTime() > REMEMBER * MINUTE
    if (isOld) last = null
    return last ? [last] : []
  }
}

type Sum = (from: number, to: number) => Tally[]

function holds(test: RuleTest, now: number, sum: Sum): boolean {
  if (test.kind === 'absent') {
    const before = total(sum(now - test.minutes - DAY + 1, now - test.minutes))
    return before.attempts > 0 && total(sum(now - test.minutes + 1, now)).attempts === 0
  }
  for (let minute = now; minute > now - test.for; minute--) {
    const { attempts, failures } = total(sum(minute - test.minutes + 1, minute))
    const isOver =
      test.kind === 'count' ? failures > test.more : attempts >= test.min && failures > test.more * attempts
    if (!isOver) return false
  }
  return true
}

function tally(results: readonly RuleResult[], { when }: AlertRule): Tally[] {
  const tallies = new Map<string, Tally>()
  for (const { slice, outcome, reply, n } of results) {
    if (!isAttempt(outcome) || !isAbout(when, slice)) continue
    const key = sliceKey(slice)
    const known = tallies.get(key) ?? { slice, attempts: 0, failures: 0 }
    known.attempts += n
    if (outcome !== 'delivered' && isAnswer(when, reply)) known.failures += n
    tallies.set(key, known)
  }
  return [...tallies.values()]
}

const allows = <T>(list: readonly T[] | undefined, value: T): boolean => list === undefined || list.includes(value)

function isAbout(when: RuleFilter, { provider, source, ip, senderDomain }: Slice): boolean {
  return (
    allows(when.provider, provider) &&
    allows(when.source, source) &&
    allows(when.ip, ip) &&
    allows(when.senderDomain, senderDomain)
  )
}

function isAnswer(when: RuleFilter, reply: RuleResult['reply']): boolean {
  const { code, enhanced, cause, signal, template } = when
  if (!code && !enhanced && !cause && !signal && !template) return true
  if (!reply) return false
  const words = reply.template.toLowerCase()
  return (
    (!code || (reply.code !== null && code.includes(reply.code))) &&
    (!enhanced || (reply.enhanced !== null && enhanced.includes(reply.enhanced))) &&
    allows(cause, reply.cause) &&
    (!signal || (reply.signal !== null && signal.includes(reply.signal))) &&
    (!template || template.some((text) => words.includes(text.toLowerCase())))
  )
}

function sumOf(known: ReadonlyMap<number, ReadonlyMap<string, Tally[]>>, from: number, to: number): Tally[] {
  const sums = new Map<string, Tally>()
  for (let minute = from; minute <= to; minute++) {
    for (const tallies of known.get(minute)?.values() ?? []) {
      for (const { slice, attempts, failures } of tallies) {
        const key = sliceKey(slice)
        const sum = sums.get(key) ?? { slice, attempts: 0, failures: 0 }
        sums.set(key, { slice, attempts: sum.attempts + attempts, failures: sum.failures + failures })
      }
    }
  }
  return [...sums.values()]
}

const total = (tallies: readonly Tally[]) =>
  tallies.reduce((sum, each) => ({ attempts: sum.attempts + each.attempts, failures: sum.failures + each.failures }), {
    attempts: 0,
    failures: 0,
  })

function toFinding(
  rule: AlertRule,
  window: readonly Tally[],
  known: ReadonlyMap<number, ReadonlyMap<string, Tally[]>>,
  at: Date,
  last: Finding | null,
): Finding {
  const { attempts, failures } = total(window)
  const isAbsent = rule.test.kind === 'absent'
  const failing = isAbsent ? sumOf(known, ...dayBefore(at)) : window.filter((tally) => tally.failures > 0)
  const signals = rule.when.signal ?? []
  const { provider, source, ip, senderDomain } = rule.when
  const where = Object.fromEntries(
    Object.entries({ provider, source, ip, senderDomain }).flatMap(([dim, list]) =>
      list?.length === 1 ? [[dim, list[0]]] : [],
    ),
  )
  const since = last?.status === 'firing' ? last.since : new Date(at.getTime() - (rule.test.minutes - 1) * MINUTE)
  return {
    kind: 'rule',
    rule: rule.name,
    signal: signals[0] ?? CAUSES[rule.when.cause?.[0] ?? 'unknown'].signal ?? 'receiver',
    severity: rule.severity,
    status: 'firing',
    where,
    slices: failing.map(({ slice }) => slice),
    says: isAbsent ? `no mail for ${rule.test.minutes} minutes` : `your rule "${rule.name}"`,
    since,
    at,
    rate: attempts > 0 ? failures / attempts : null,
    baseline: rule.test.kind === 'rate' ? rule.test.more : null,
    attempts,
    failures,
    evidence: 0,
  }
}

const dayBefore = (at: Date): [number, number] => {
  const now = Math.floor(at.getTime() / MINUTE)
  return [now - DAY, now]
}
