import type { Budget } from '../detect/budget.ts'
import type { SlicePattern } from '../detect/finding.ts'
import { type AlertRule, createRuleWatch, type RuleMinute } from '../detect/rules.ts'
import { createWatch, type SourceMinute } from '../detect/watch.ts'
import type { DeliveryIncident, Incident, Severity, Transition } from '../incident/incident.ts'
import { advance, track } from '../incident/track.ts'
import type { Signal } from '../smtp/causes.ts'

/** One line of what `replay` prints. */
export interface ReplayEvent {
  event: 'opened' | 'updated' | 'resolved'
  at: string
  signal: Signal
  /** The coarsest slice that explains it, and the slices in trouble. */
  slice: SlicePattern
  slices: SlicePattern[]
  severity: Severity
  rate: number | null
  baseline: number | null
  attempts: number | null
  failures: number
  /** The same for all events of one incident. */
  incident: string
  trigger: 'sudden' | 'drift' | 'rule'
  rule?: string
  says: string
}

export interface ReplayParams {
  falseAlarms: Budget
  rules: readonly AlertRule[]
  /** How late counts may be, in minutes. */
  horizon: number
}

export interface Replay {
  /** What was seen by the end of the minute `at`; minutes between this call and the last one pass without news. */
  minute(at: Date, changes: readonly SourceMinute[], results?: readonly RuleMinute[]): ReplayEvent[]
}

const MINUTE = 60_000

/** Plays counts through the very same watch and incidents as live, only faster. */
export function createReplay({ falseAlarms, horizon, rules }: ReplayParams): Replay {
  const watch = createWatch({ falseAlarms, horizon, checkpointEvery: 10 })
  const ruleWatch = createRuleWatch(rules)
  let current: Incident[] = []
  let last = Number.NaN

  function step(at: Date, changes: readonly SourceMinute[], results: readonly RuleMinute[]): ReplayEvent[] {
    const findings = [...watch.advance(at, changes), ...ruleWatch.advance(at, results)]
    if (findings.length === 0 && current.length === 0) return []
    const transitions = track(current, { at, findings, blind: [], silences: [] })
    const events = transitions.flatMap((transition) => eventOf(transition, current, at))
    current = advance(current, transitions, at)
    return events
  }

  return {
    minute(at, changes, results = []) {
      const events: ReplayEvent[] = []
      const now = Math.floor(at.getTime() / MINUTE)
      for (let minute = Number.isNaN(last) ? now : last + 1; minute < now; minute++) {
        events.push(...step(new Date(minute * MINUTE), [], []))
      }
      events.push(...step(new Date(now * MINUTE), changes, results))
      last = now
      return events
    },
  }
}

function eventOf({ incident, from, audit }: Transition, before: readonly Incident[], at: Date): ReplayEvent[] {
  if (incident.kind !== 'delivery') return []
  const old = before.find(({ id }) => id === incident.id)
  const did = (what: (typeof audit)[number]['what']) => audit.some((entry) => entry.what === what)
  const event = from === 0 || did('reopened') ? 'opened' : incident.state === 'resolved' ? 'resolved' : 'updated'
  if (event === 'updated' && audit.length === 0 && isSamePlace(old, incident)) return []
  return [toEvent(event, incident, at)]
}

/** Figures change every minute; a line is only worth it when something else does. */
function isSamePlace(old: Incident | undefined, incident: DeliveryIncident): boolean {
  return (
    old?.kind === 'delivery' &&
    old.severity === incident.severity &&
    JSON.stringify(old.where) === JSON.stringify(incident.where) &&
    old.slices.length === incident.slices.length
  )
}

function toEvent(event: ReplayEvent['event'], incident: DeliveryIncident, at: Date): ReplayEvent {
  const { id, signal, where, slices, severity, reading, trigger, rule, says } = incident
  const { rate, baseline, attempts, failures } = reading
  return {
    event,
    at: at.toISOString().replace(':00.000Z', ':00Z'),
    signal,
    slice: told(where),
    slices: slices.map(told),
    severity,
    rate: rate === null ? null : round(rate),
    baseline: baseline === null ? null : round(baseline),
    attempts,
    failures,
    incident: id,
    trigger,
    ...(rule === null ? {} : { rule }),
    says,
  }
}

/** Without the dimensions that the source does not tell. */
const told = (slice: SlicePattern): SlicePattern =>
  Object.fromEntries(Object.entries(slice).filter(([, value]) => value !== ''))

const round = (rate: number) => Math.round(rate * 1e5) / 1e5
