import { CAUSES, type Cause } from '../smtp/causes.ts'
import { contains } from './fingerprint.ts'
import type { DeliveryIncident, Incident } from './incident.ts'

/** Where mail failed. '' stands for what the source does not tell. */
interface Place {
  source: string
  provider: string
  ip: string
  senderDomain: string
}

/** Failures that somebody asks about. */
interface Failures {
  causes: readonly Cause[]
  /** The mailbox provider, where it is certain: mail to another has nothing to do with it. */
  provider: string | null
  places: readonly Place[]
  lastSeen: Date | null
}

/** The incident that these failures belong to: open ones first, then the newest. */
export function incidentAbout(incidents: readonly Incident[], failures: Failures): DeliveryIncident | null {
  const { causes, provider, lastSeen } = failures
  const signals = causes.flatMap((cause) => CAUSES[cause].signal ?? [])
  const places = failures.places.filter((place) => provider === null || place.provider === provider)
  const isAbout = (incident: Incident): incident is DeliveryIncident =>
    incident.kind === 'delivery' &&
    [incident.signal, ...incident.also].some((signal) => signals.includes(signal)) &&
    says(incident, causes) &&
    (lastSeen === null || incident.since <= lastSeen) &&
    places.some((place) => covers(incident, place))
  const [first] = incidents
    .filter(isAbout)
    .sort(
      (a, b) =>
        Number(a.state === 'resolved') - Number(b.state === 'resolved') || b.since.getTime() - a.since.getTime(),
    )
  return first ?? null
}

/** Whether its servers give one of the causes; their replies are not known in its first moments. */
const says = ({ evidence: { replies } }: DeliveryIncident, causes: readonly Cause[]): boolean =>
  replies.length === 0 || replies.some(({ cause }) => causes.includes(cause))

function covers({ where: { campaign: _campaign, ...where }, slices }: DeliveryIncident, place: Place): boolean {
  if (!contains(where, place)) return false
  return slices.length === 0 || slices.some(({ campaign: _of, ...slice }) => contains(slice, place))
}
