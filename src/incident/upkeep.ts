import type { Finding } from '../detect/finding.ts'
import { type Step, says, unchanged } from './event.ts'
import type { DeliveryIncident, Incident, Mute, NewReplyIncident } from './incident.ts'
import { figures, NOUNS, sentence, when } from './wording.ts'

/** Frozen as it is. A source without data has an incident of its own; this one only mentions it. */
export function onStale(incident: DeliveryIncident, { at, why }: { at: Date; why: string }): Step<DeliveryIncident> {
  if (incident.stale || incident.state === 'resolved') return unchanged(incident)
  const sentence = `${why}. The figures are as of ${when(incident.reading.at, at)}; it may be better or worse by now.`
  return { incident: { ...incident, stale: true }, audit: [says('stale', at, sentence)] }
}

/** The wait until it resolves starts over, since minutes without data were not quiet ones. */
export function onFresh(incident: DeliveryIncident, at: Date): Step<DeliveryIncident> {
  if (!incident.stale) return unchanged(incident)
  const recoveredAt = incident.recoveredAt && at
  return { incident: { ...incident, stale: false, recoveredAt }, audit: [says('fresh', at, 'Data is back.')] }
}

/** A silence starts, ends or is extended. If the problem is still going on, its end is reported right away. */
export function onMute(incident: Incident, { at, mute }: { at: Date; mute: Mute | null }): Step {
  if (incident.state === 'resolved') return unchanged(incident)
  if (mute === null) {
    if (incident.muted === null) return unchanged(incident)
    const over = `The silence (${incident.muted.reason}) ended, and this is still going on.`
    return { incident: { ...incident, muted: null }, audit: [says('unmuted', at, over)] }
  }
  const same = incident.muted?.reason === mute.reason && incident.muted.endsAt.getTime() === mute.endsAt.getTime()
  if (same) return unchanged(incident)
  const sentence = `Silenced until ${when(mute.endsAt, at)}: ${mute.reason}.`
  return { incident: { ...incident, muted: mute }, audit: [says('muted', at, sentence)] }
}

export function onAbsorbed(
  incident: DeliveryIncident | NewReplyIncident,
  { at, into }: { at: Date; into: string },
): Step {
  if (incident.state === 'resolved') return unchanged(incident)
  return {
    incident: { ...incident, state: 'resolved', resolvedAt: at, snoozedUntil: null, mergedInto: into },
    audit: [says('merged', at, `This is part of a larger problem and continues as incident ${into}.`)],
  }
}

export function onJoined(incident: DeliveryIncident, finding: Finding): Step<DeliveryIncident> {
  if (incident.state === 'resolved' || incident.also.includes(finding.signal)) return unchanged(incident)
  const told = `Also ${NOUNS[finding.signal]}: ${figures(finding)}. ${sentence(finding.says)}`
  return {
    incident: { ...incident, also: [...incident.also, finding.signal] },
    audit: [says('spread', finding.at, told)],
  }
}
