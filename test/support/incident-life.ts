import type { Finding } from '../../src/detect/finding.ts'
import type { Blindness } from '../../src/incident/blind.ts'
import type { IncidentEvent } from '../../src/incident/event.ts'
import type { DeliveryIncident, Incident, Transition } from '../../src/incident/incident.ts'
import type { Silence } from '../../src/incident/silence.ts'
import { act, advance, track } from '../../src/incident/track.ts'
import { minute } from './findings.ts'

/** The incidents of an installation, minute by minute, and every line of their threads. */
export function createIncidentLife() {
  let current: Incident[] = []
  const lines: string[] = []
  function take(transitions: Transition[], at: Date) {
    current = advance(current, transitions, at)
    lines.push(...transitions.flatMap(({ audit }) => audit.map(({ what, says }) => `${what}: ${says}`)))
    return transitions
  }
  const at = (
    n: number,
    findings: Finding[] = [],
    { blind = [], silences = [] }: { blind?: Blindness[]; silences?: Silence[] } = {},
  ) => take(track(current, { at: minute(n), findings, blind, silences }), minute(n))
  return {
    at,
    /** Every minute of `[from, to)`. */
    during: (from: number, to: number, findings: (n: number) => Finding[] = () => []) => {
      for (let n = from; n < to; n++) at(n, findings(n))
    },
    person: (event: IncidentEvent) => {
      const transition = act(current[0]!, event)
      return transition ? take([transition], event.at) : []
    },
    /** The lines since the last time. */
    lines: () => lines.splice(0),
    get all() {
      return current as DeliveryIncident[]
    },
    get first() {
      return current[0] as DeliveryIncident
    },
  }
}
