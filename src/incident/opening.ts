import { incidentId } from './fingerprint.ts'
import type { IncidentBase, Severity } from './incident.ts'

/** What every incident begins as, of whatever kind. */
export function openingOf(fingerprint: string, severity: Severity, since: Date, at: Date): IncidentBase {
  return {
    id: incidentId(fingerprint, at),
    fingerprint,
    version: 1,
    state: 'open',
    severity,
    stale: false,
    openedAt: at,
    since,
    updatedAt: at,
    resolvedAt: null,
    snoozedUntil: null,
    acknowledgedBy: null,
    owner: null,
    reopened: 0,
    toldAt: at,
    told: false,
    muted: null,
  }
}
