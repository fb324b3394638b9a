import type { Finding } from '../detect/finding.ts'
import { HOUR_MS } from '../time/units.ts'
import { SEVERITIES, type Severity } from './incident.ts'

/** What is lost: the excess rate (null where attempts are unknown) and the excess failures per hour. */
interface Damage {
  rate: number | null
  perHour: number
}

// A trouble is graded by both, since 100 % of three messages and 2 % of a million are each less than they seem.
const RATES = [0.1, 0.4]
const PER_HOUR = [20, 500]
const GRID: readonly (readonly Severity[])[] = [
  ['low', 'low', 'medium'],
  ['low', 'medium', 'high'],
  ['medium', 'high', 'critical'],
]
// A grade is only lowered when the figures would deserve the lower one at half as much again: no flicker at a boundary.
const SLACK = 1.5

/** The severity of a trouble; `previous` is what it was, for hysteresis. Rules say theirs; a drift is never more than low. */
export function severityOf(finding: Finding, previous: Severity | null): Severity {
  if (finding.severity) return finding.severity
  if (finding.kind === 'drift') return 'low'
  const damage = damageOf(finding)
  const now = grade(damage, finding)
  if (previous === null || rank(now) >= rank(previous)) return now
  const cautious = grade({ rate: damage.rate && damage.rate * SLACK, perHour: damage.perHour * SLACK }, finding)
  return rank(cautious) < rank(previous) ? cautious : previous
}

export const rank = (severity: Severity) => SEVERITIES.indexOf(severity)

function damageOf({ since, at, rate, baseline, attempts, failures }: Finding): Damage {
  // The first quarter of an hour counts as one, so that a single minute is not scaled up sixtyfold.
  const hours = Math.max((at.getTime() - since.getTime()) / HOUR_MS, 0.25)
  const usual = attempts === null ? 0 : attempts * (baseline ?? 0)
  return { rate: rate === null ? null : rate - (baseline ?? 0), perHour: Math.max(0, failures - usual) / hours }
}

function grade({ rate, perHour }: Damage, finding: Finding): Severity {
  const row = rate === null ? 1 : step(rate, RATES)
  const severity = GRID[row]?.[step(perHour, PER_HOUR)] ?? 'low'
  // Bad addresses and bad content hurt later, not tonight.
  const calm = finding.signal === 'list' || finding.signal === 'content'
  return calm && rank(severity) > rank('medium') ? 'medium' : severity
}

const step = (value: number, bounds: readonly number[]) => bounds.filter((bound) => value >= bound).length
