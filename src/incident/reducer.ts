import { onBlind, onSeeing } from './blind.ts'
import { onFinding, onTurned, onUnseen } from './delivery.ts'
import { type IncidentEvent, type Step, unchanged } from './event.ts'
import type { Incident, Severity } from './incident.ts'
import { onCounted } from './new-reply.ts'
import { onPerson } from './person.ts'
import { rank } from './severity.ts'
import { onTime } from './time.ts'
import { onAbsorbed, onFresh, onJoined, onMute, onStale } from './upkeep.ts'

/**
 * What an event makes of an incident. Pure: the same event again changes nothing, and an event that does not apply
 * gives the very same object back. A change raises the version by one.
 */
export function reduce(incident: Incident, event: IncidentEvent): Step {
  const step = respond(incident, event)
  if (step.incident === incident) return unchanged(incident)
  const toldAt = step.audit.length > 0 ? event.at : incident.toldAt
  const changed = { ...step.incident, version: incident.version + 1, updatedAt: event.at, toldAt }
  return { incident: withWorst(changed), audit: step.audit }
}

function withWorst(incident: Incident): Incident {
  if (incident.kind !== 'delivery') return incident
  return { ...incident, worstSeverity: worse(incident.severity, incident.worstSeverity) }
}

const worse = (a: Severity, b: Severity) => (rank(a) > rank(b) ? a : b)

function respond(incident: Incident, event: IncidentEvent): Step {
  switch (event.kind) {
    case 'finding':
      return incident.kind === 'delivery' ? onFinding(incident, event.finding) : unchanged(incident)
    case 'unseen':
      return incident.kind === 'delivery' ? onUnseen(incident, event.at) : unchanged(incident)
    case 'blind':
      return incident.kind === 'blind' ? onBlind(incident, event) : unchanged(incident)
    case 'seeing':
      return incident.kind === 'blind' ? onSeeing(incident, event.at) : unchanged(incident)
    case 'stale':
      return incident.kind === 'delivery' ? onStale(incident, event) : unchanged(incident)
    case 'fresh':
      return incident.kind === 'delivery' ? onFresh(incident, event.at) : unchanged(incident)
    case 'absorbed':
      return incident.kind === 'blind' ? unchanged(incident) : onAbsorbed(incident, event)
    case 'joined':
      return incident.kind === 'delivery' ? onJoined(incident, event.finding) : unchanged(incident)
    case 'turned':
      return incident.kind === 'delivery' ? onTurned(incident, event.finding) : unchanged(incident)
    case 'counted':
      return incident.kind === 'new-reply' ? onCounted(incident, event) : unchanged(incident)
    case 'mute':
      return onMute(incident, event)
    case 'time':
      return onTime(incident, event.at)
    default:
      return onPerson(incident, event)
  }
}
