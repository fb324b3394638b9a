import { type PersonEvent, type Step, says, unchanged } from './event.ts'
import type { Incident } from './incident.ts'
import { when } from './wording.ts'

/** A button or a command. What is resolved stays resolved, and pressing twice is the same as pressing once. */
export function onPerson(incident: Incident, event: PersonEvent): Step {
  if (incident.state === 'resolved') return unchanged(incident)
  const { at, actor } = event
  switch (event.kind) {
    case 'acknowledge':
      if (incident.state === 'acknowledged') return unchanged(incident)
      return {
        incident: {
          ...incident,
          state: 'acknowledged',
          acknowledgedBy: actor,
          owner: event.as ? { ...event.as, name: actor } : null,
          snoozedUntil: null,
        },
        audit: [says('acknowledged', at, `${actor} is on it.`, actor)],
      }
    case 'snooze':
      if (event.until <= at || incident.snoozedUntil?.getTime() === event.until.getTime()) return unchanged(incident)
      return {
        incident: { ...incident, state: 'snoozed', snoozedUntil: event.until },
        audit: [says('snoozed', at, `${actor} snoozed this until ${when(event.until, at)}.`, actor)],
      }
    case 'unsnooze':
      if (incident.state !== 'snoozed') return unchanged(incident)
      return {
        incident: { ...incident, ...awake(incident) },
        audit: [says('unsnoozed', at, `${actor} ended the snooze.`, actor)],
      }
  }
}

/** The state that a snooze interrupted. */
export const awake = (incident: Incident) =>
  ({ state: incident.acknowledgedBy === null ? 'open' : 'acknowledged', snoozedUntil: null }) as const
