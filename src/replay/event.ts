import type { SlicePattern } from '../detect/state/slice.ts'
import { DIMENSIONS, patternKey } from '../incident/fingerprint.ts'
import type { DeliveryIncident, Incident, Severity, Transition } from '../incident/incident.ts'
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
  /** The highest rate so far. */
  worst: number | null
  baseline: number | null
  attempts: number | null
  failures: number
  /** The same for all events of one incident. */
  incident: string
  trigger: 'sudden' | 'drift' | 'rule'
  rule?: string
  says: string
}

/** The line that a transition is worth, or none; `before` are the incidents as they were. */
export function eventOf(
  { incident, from, audit }: Pick<Transition, 'incident' | 'from' | 'audit'>,
  before: readonly Incident[],
  at: Date,
): ReplayEvent[] {
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
    patternKey(old.where) === patternKey(incident.where) &&
    old.slices.length === incident.slices.length
  )
}

function toEvent(event: ReplayEvent['event'], incident: DeliveryIncident, at: Date): ReplayEvent {
  const { id, signal, where, slices, severity, reading, trigger, rule, says } = incident
  const { rate, baseline, attempts, failures } = reading
  const worst = incident.worst.rate
  return {
    event,
    at: at.toISOString().replace(':00.000Z', ':00Z'),
    signal,
    slice: told(where),
    slices: slices.map(told),
    severity,
    rate: rate === null ? null : round(rate),
    worst: worst === null ? null : round(worst),
    baseline: baseline === null ? null : round(baseline),
    attempts,
    failures,
    incident: id,
    trigger,
    ...(rule === null ? {} : { rule }),
    says,
  }
}

/** Without the dimensions that the source does not tell; always in one order, which a database may have changed. */
const told = (slice: SlicePattern): SlicePattern =>
  Object.fromEntries(DIMENSIONS.flatMap((name) => (slice[name] ? [[name, slice[name]]] : [])))

const round = (rate: number) => Math.round(rate * 1e5) / 1e5
