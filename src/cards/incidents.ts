import type { AuditEntry, Incident } from '../incident/incident.ts'
import { count, duration, when } from '../incident/wording.ts'
import { incidentCard, titleOf } from './alert.ts'
import type { Card } from './card.ts'

const MOST = 20

/** The list of incidents, those that are open first, then what was resolved in the last `ms`. */
export function incidentsCard(incidents: readonly Incident[], now: Date, ms: number): Card {
  const span = spanOf(ms)
  const open = incidents.filter(({ state }) => state !== 'resolved')
  const over = incidents.filter(({ state }) => state === 'resolved')
  const listed = [...open, ...over].slice(0, MOST)
  if (listed.length === 0) {
    return {
      title: 'No incidents',
      tone: 'good',
      text: [`Nothing is open, and nothing was resolved in the last ${span}.`],
    }
  }
  return {
    title: open.length === 0 ? 'No incident open' : `${open.length === 1 ? 'One' : open.length} open`,
    tone: open.length === 0 ? 'good' : 'warning',
    table: {
      columns: ['ID', 'State', 'Severity', 'Since', 'What'],
      rows: listed.map((incident) => [
        incident.id,
        stateOf(incident),
        incident.severity,
        when(incident.since, now),
        titleOf(incident),
      ]),
    },
    footer: `${count(over.length, 'incident')} resolved in the last ${span}. One in full: /smtp incident ID`,
  }
}

/** "7 days", "36 h" */
function spanOf(ms: number): string {
  const hours = Math.round(ms / 3_600_000)
  return hours % 24 === 0 && hours > 24
    ? `${hours / 24} days`
    : hours > 0
      ? `${hours} h`
      : `${Math.round(ms / 60_000)} min`
}

function stateOf(incident: Incident): string {
  if (incident.state === 'resolved') return 'resolved'
  if (incident.stale) return `${incident.state}, no data`
  if (incident.muted) return `${incident.state}, silenced`
  if (incident.kind === 'delivery' && incident.recoveredAt) return `${incident.state}, recovering`
  return incident.state
}

/** One incident with its history. */
export function historyCard(incident: Incident, audit: readonly AuditEntry[], now: Date): Card {
  return {
    ...incidentCard(incident),
    table: {
      columns: ['When', 'Who', 'What'],
      rows: audit
        .slice(-MOST)
        .map(({ at, actor, says }) => [
          `${when(at, now)} (${duration(at.getTime() - incident.since.getTime())} in)`,
          actor,
          says,
        ]),
    },
  }
}
