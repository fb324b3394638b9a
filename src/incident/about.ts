import type { Signal } from '../smtp/causes.ts'
import { contains } from './fingerprint.ts'
import type { DeliveryIncident, Incident } from './incident.ts'

/** Where mail failed. '' stands for what the source does not tell. */
export interface Place {
  source: string
  provider: string
  ip: string
  senderDomain: string
}

/** The incident that failures of these signals in these places belong to: open ones first, then the newest. */
export function incidentAbout(
  incidents: readonly Incident[],
  signals: readonly Signal[],
  places: readonly Place[],
): DeliveryIncident | null {
  const isAbout = (incident: Incident): incident is DeliveryIncident =>
    incident.kind === 'delivery' &&
    [incident.signal, ...incident.also].some((signal) => signals.includes(signal)) &&
    places.some((place) => covers(incident, place))
  const [first] = incidents
    .filter(isAbout)
    .sort(
      (a, b) =>
        Number(a.state === 'resolved') - Number(b.state === 'resolved') || b.since.getTime() - a.since.getTime(),
    )
  return first ?? null
}

function covers({ where: { campaign: _campaign, ...where }, slices }: DeliveryIncident, place: Place): boolean {
  if (!contains(where, place)) return false
  return slices.length === 0 || slices.some(({ campaign: _of, ...slice }) => contains(slice, place))
}
