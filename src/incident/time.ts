import { noDataFrom } from './blind.ts'
import { type Step, says, unchanged } from './event.ts'
import type { DeliveryIncident, Incident } from './incident.ts'
import { isOld, retire, timesAt } from './new-reply.ts'
import { awake } from './person.ts'
import { POLICY } from './policy.ts'
import { totals } from './totals.ts'
import { duration, figures, when } from './wording.ts'

/** What becomes due as time passes: the resolve, the end of a snooze, a reminder; in this order, one of them. */
export function onTime(incident: Incident, at: Date): Step {
  if (incident.state === 'resolved') return unchanged(incident)
  if (incident.kind === 'delivery' && quietLongEnough(incident, at)) return resolve(incident, at)
  if (incident.kind === 'new-reply' && isOld(incident, at)) return retire(incident, at)
  if (incident.snoozedUntil !== null && incident.snoozedUntil <= at) {
    return {
      incident: { ...incident, ...awake(incident) },
      audit: [says('unsnoozed', at, `The snooze ended. ${standing(incident, at)}`)],
    }
  }
  if (!reminderDue(incident, at)) return unchanged(incident)
  return {
    // The audit row moves `toldAt`; the copy makes it a change.
    incident: { ...incident },
    audit: [
      says(
        'reminded',
        at,
        `${standing(incident, at)}${incident.acknowledgedBy === null ? ' Nobody has acknowledged it.' : ''}`,
      ),
    ],
  }
}

/** Only the detector's `recovered` starts the wait, and a stale incident waits for data: silence resolves nothing. */
function quietLongEnough({ recoveredAt, holdMinutes, stale }: DeliveryIncident, at: Date): boolean {
  return recoveredAt !== null && !stale && at.getTime() - recoveredAt.getTime() >= holdMinutes * 60_000
}

function resolve(incident: DeliveryIncident, at: Date): Step<DeliveryIncident> {
  const lasted = duration((incident.recoveredAt ?? at).getTime() - incident.since.getTime())
  const sentence = `Back to normal since ${when(incident.recoveredAt ?? at, at)}, after ${lasted}. At worst ${figures({ ...incident.worst, ...totals(incident) }, 'in total')}.`
  return {
    incident: { ...incident, state: 'resolved', resolvedAt: at, snoozedUntil: null },
    audit: [says('resolved', at, sentence)],
  }
}

function reminderDue(incident: Incident, at: Date): boolean {
  // A new reply is reported once; it does not get worse if nobody reacts.
  if (incident.kind === 'new-reply') return false
  if (incident.state === 'snoozed' || incident.muted !== null || incident.stale) return false
  if (incident.kind === 'delivery' && incident.recoveredAt !== null) return false
  const every = incident.state === 'open' ? POLICY.remindOpenMs : POLICY.remindAcknowledgedMs
  return at.getTime() - incident.toldAt.getTime() >= every
}

function standing(incident: Incident, at: Date): string {
  const lasts = duration(at.getTime() - incident.since.getTime())
  if (incident.kind === 'blind')
    return `${noDataFrom(incident.source).replace('No', 'Still no')} after ${lasts}: ${incident.problem}.`
  if (incident.kind === 'new-reply') return `Seen ${timesAt(incident)} so far, last at ${when(incident.lastAt, at)}.`
  if (incident.stale) return 'No data since then, so it may still be going on.'
  if (incident.recoveredAt !== null) return `It has been quiet since ${when(incident.recoveredAt, at)}.`
  return `Still going on after ${lasts}: ${figures(incident.reading)}.`
}
