import type { Finding } from '../detect/finding.ts'
import { type Step, says, unchanged } from './event.ts'
import type { DeliveryIncident, Incident, Mute, NewReplyIncident } from './incident.ts'
import { figures, NOUNS, sentence, when } from './wording.ts'

/** Frozen as it is. Where a source is blind, its own incident tells people; this one only says so. */
export function onStale(incident: DeliveryIncident, { at, why }: { at: Date; why: string }): Step<DeliveryIncident> {
  if (incident.stale || incident.state === 'resolved') return unchanged(incident)
  const sentence = `${why}: frozen as of ${when(incident.reading.at, at)}, neither better nor worse is known.`
  return { incident: { ...incident, stale: true }, audit: [says('stale', at, sentence)] }
}

/** The wait for the resolve begins anew, since the minutes without data were no quiet ones. */
export function onFresh(incident: DeliveryIncident, at: Date): Step<DeliveryIncident> {
  if (!incident.stale) return unchanged(incident)
  const recoveredAt = incident.recoveredAt && at
  return { incident: { ...incident, stale: false, recoveredAt }, audit: [says('fresh', at, 'Data is back.')] }
}

/** A silence begins, ends or is prolonged. Its end is told at once where the trouble still goes on. */
export function onMute(incident: Incident, { at, mute }: { at: Date; mute: Mute | null }): Step {
  if (incident.state === 'resolved') return unchanged(incident)
  if (mute === null) {
    if (incident.muted === null) return unchanged(incident)
    const over = `The silence (${incident.muted.reason}) is over and this goes on.`
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
    audit: [says('merged', at, `This is part of a wider trouble and goes on as incident ${into}.`)],
  }
}

export function onJoined(incident: DeliveryIncident, finding: Finding): Step<DeliveryIncident> {
  if (incident.state === 'resolved' || incident.also.includes(finding.signal)) return unchanged(incident)
  const told = `With it comes ${NOUNS[finding.signal]}: ${figures(finding)}. ${sentence(finding.says)}`
  return {
    incident: { ...incident, also: [...incident.also, finding.signal] },
    audit: [says('spread', finding.at, told)],
  }
}
