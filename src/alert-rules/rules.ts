import { isAttempt } from '../detect/counts.ts'
import type { Finding } from '../detect/finding.ts'
import type { Slice } from '../detect/state/slice.ts'
import { sliceKey } from '../detect/state/slice-groups.ts'
import { CAUSES, type Cause, type Signal } from '../smtp/causes.ts'
import type { Outcome } from '../smtp/outcomes.ts'

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
  outcome: Outcome
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

/** How far back minutes must be known for the rules to say at one minute what they would have said had they been watching all along. */
export const reachOf = (rules: readonly AlertRule[]): number =>
  rules.reduce((most, { test }) => Math.max(most, DAY + windowOf(test)), 0)

const windowOf = (test: RuleTest): number => test.minutes + (test.kind === 'absent' ? DAY : test.for)

/** Evaluates the user's own rules. Late minutes count as if they had come in time: the minutes since are gone through again. */
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
  const known: Known = new Map()
  /** The minutes in which the rule holds, each with the beginning of what it complains of. */
  const firing = new Map<number, number>()
  let last = Number.NaN

  return (at, changes) => {
    const now = Math.floor(at.getTime() / MINUTE)
    let from = Number.isNaN(last) ? now : last + 1
    for (const { minute, source, results, add } of changes) {
      const m = Math.floor(minute.getTime() / MINUTE)
      const sources = known.get(m)?.sources ?? new Map<string, Tally[]>()
      const before = add ? (sources.get(source) ?? []) : []
      sources.set(source, [...before, ...tally(results, rule)])
      known.set(m, { sources, ...total([...sources.values()].flat()) })
      from = Math.min(from, m)
    }
    for (let minute = Math.max(from, now - DAY); minute <= now; minute++) {
      const began = firing.get(minute - 1) ?? minute - rule.test.minutes + 1
      if (holds(rule.test, minute, known)) firing.set(minute, began)
      else firing.delete(minute)
    }
    for (const minute of known.keys()) if (minute < now - DAY - windowOf(rule.test)) known.delete(minute)
    for (const minute of firing.keys()) if (minute < now - DAY) firing.delete(minute)
    last = now
    return tell(rule, now, firing, known)
  }
}

/** Firing, or recovered where it fired within the last hour. */
function tell(rule: AlertRule, now: number, firing: ReadonlyMap<number, number>, known: Known): Finding[] {
  for (let minute = now; minute >= now - 1 - REMEMBER; minute--) {
    const began = firing.get(minute)
    if (began === undefined) continue
    const finding = toFinding(rule, minute, began, known)
    return [minute === now ? finding : { ...finding, status: 'recovered', at: new Date((minute + 1) * MINUTE) }]
  }
  return []
}

interface Sum {
  attempts: number
  failures: number
}

/** By minute: its sum, and what of it is whose. */
type Known = Map<number, Sum & { sources: Map<string, Tally[]> }>

function sumBetween(known: Known, from: number, to: number): Sum {
  const all = { attempts: 0, failures: 0 }
  for (let minute = from; minute <= to; minute++) {
    all.attempts += known.get(minute)?.attempts ?? 0
    all.failures += known.get(minute)?.failures ?? 0
  }
  return all
}

function holds(test: RuleTest, now: number, known: Known): boolean {
  const sum = (from: number, to: number) => sumBetween(known, from, to)
  if (test.kind === 'absent') {
    const before = sum(now - test.minutes - DAY + 1, now - test.minutes)
    return before.attempts > 0 && sum(now - test.minutes + 1, now).attempts === 0
  }
  for (let minute = now; minute > now - test.for; minute--) {
    const { attempts, failures } = sum(minute - test.minutes + 1, minute)
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

function sumOf(known: Known, from: number, to: number): Tally[] {
  const sums = new Map<string, Tally>()
  for (let minute = from; minute <= to; minute++) {
    for (const tallies of known.get(minute)?.sources.values() ?? []) {
      for (const { slice, attempts, failures } of tallies) {
        const key = sliceKey(slice)
        const sum = sums.get(key) ?? { slice, attempts: 0, failures: 0 }
        sums.set(key, { slice, attempts: sum.attempts + attempts, failures: sum.failures + failures })
      }
    }
  }
  // In one order, whatever came first.
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tally]) => tally)
}

const total = (tallies: readonly Tally[]): Sum =>
  tallies.reduce((sum, each) => ({ attempts: sum.attempts + each.attempts, failures: sum.failures + each.failures }), {
    attempts: 0,
    failures: 0,
  })

function toFinding(rule: AlertRule, now: number, began: number, known: Known): Finding {
  const window = sumOf(known, now - rule.test.minutes + 1, now)
  const { attempts, failures } = total(window)
  const soFar = sumBetween(known, began, now)
  const isAbsent = rule.test.kind === 'absent'
  const failing = isAbsent ? sumOf(known, now - DAY, now) : window.filter((tally) => tally.failures > 0)
  const signals = rule.when.signal ?? []
  const { provider, source, ip, senderDomain } = rule.when
  const where = Object.fromEntries(
    Object.entries({ provider, source, ip, senderDomain }).flatMap(([dim, list]) =>
      list?.length === 1 ? [[dim, list[0]]] : [],
    ),
  )
  return {
    kind: 'rule',
    rule: rule.name,
    signal: signals[0] ?? CAUSES[rule.when.cause?.[0] ?? 'unknown'].signal ?? 'receiver',
    severity: rule.severity,
    status: 'firing',
    where,
    slices: failing.map(({ slice }) => slice),
    says: isAbsent ? `no mail for ${rule.test.minutes} minutes` : `your rule "${rule.name}"`,
    since: new Date(began * MINUTE),
    at: new Date(now * MINUTE),
    rate: attempts > 0 ? failures / attempts : null,
    // A threshold is what was asked for, not what is usual.
    baseline: null,
    attempts: soFar.attempts,
    failures: soFar.failures,
    evidence: 0,
  }
}
