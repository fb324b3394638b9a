import type { BlindIncident } from '../../src/incident/incident.ts'
import { minute } from './store-rows.ts'

/** An incident to store; its content does not matter. */
export const blindIncident = (change: Partial<BlindIncident> = {}): BlindIncident => ({
  kind: 'blind',
  id: 'incident',
  fingerprint: 'blind mailgun',
  version: 1,
  state: 'open',
  severity: 'high',
  stale: false,
  openedAt: minute(0),
  since: minute(0),
  updatedAt: minute(0),
  resolvedAt: null,
  snoozedUntil: null,
  acknowledgedBy: null,
  owner: null,
  reopened: 0,
  toldAt: minute(0),
  told: true,
  muted: null,
  source: 'mailgun',
  problem: '401 from Mailgun',
  remedy: 'Check the key.',
  ...change,
})
