import type { AuditEntry, Incident } from '../incident/incident.ts'
import { count, duration, when } from '../incident/wording.ts'
import { incidentCard, titleOf } from './alert.ts'
import type { Card } from './card.ts'

const MOST = 20

/** Open incidents first, then those resolved in the last `ms`. */
export function incidentsCard(incidents: readonly Incident[], now: Date, ms: number): Card {
  const span = duration(ms)
  const open = incidents.filter(({ state }) => state !== 'resolved')
  const over = incidents.filter(({ state }) => state === 'resolved')
  const listed = [...open, ...over].slice(0, MOST)
  if (listed.length === 0) {
    return {
      title: 'No incidents',
      tone: 'good',
      text: [`None is open, and none was resolved in the last ${span}.`],
    }
  }
  return {
    title: open.length === 0 ? 'No open incidents' : `${open.length === 1 ? 'One' : open.length} open`,
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
    footer: `${count(over.length, 'incident')} resolved in the last ${span}. To see one: /smtp incident ID`,
  }
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
