import type { Incident, Severity } from '../incident/incident.ts'
import { when } from '../incident/wording.ts'
import type { Action, Tone } from './card.ts'

/** What the state of an incident puts on its card. */
export function standing(incident: Incident): string[] {
  const { state, updatedAt: now, snoozedUntil, acknowledgedBy, muted } = incident
  const lines: string[] = []
  if (incident.kind !== 'blind' && incident.mergedInto !== null) {
    lines.push(`Part of incident ${incident.mergedInto}, which continues.`)
  }
  if (incident.kind === 'delivery') {
    if (state !== 'resolved' && incident.recoveredAt !== null) {
      const due = new Date(incident.recoveredAt.getTime() + incident.holdMinutes * 60_000)
      lines.push(`Quiet since ${when(incident.recoveredAt, now)}; resolves at ${when(due, now)} if it stays quiet.`)
    }
    if (incident.stale) lines.push(`No data since ${when(incident.reading.at, now)}, so it may still be going on.`)
  }
  if (state !== 'resolved' && acknowledgedBy !== null) lines.push(`${acknowledgedBy} is on it.`)
  if (state === 'snoozed' && snoozedUntil) lines.push(`Snoozed until ${when(snoozedUntil, now)}.`)
  if (muted !== null && state !== 'resolved') lines.push(`Silenced until ${when(muted.endsAt, now)}: ${muted.reason}.`)
  return lines
}

const TONES: Record<Severity, Tone> = { low: 'info', medium: 'warning', high: 'critical', critical: 'critical' }

export function toneOf({ state, stale, muted, severity }: Incident): Tone {
  if (state === 'resolved') return 'good'
  if (state === 'snoozed' || stale || muted !== null) return 'muted'
  return TONES[severity]
}

/** What the tone stands for: the severity, or why it does not apply now. */
export function badgeOf({ state, stale, muted, severity }: Incident): string {
  if (state === 'resolved') return 'Resolved'
  if (state === 'snoozed') return 'Snoozed'
  if (muted !== null) return 'Silenced'
  if (stale) return 'No data'
  return severity.charAt(0).toUpperCase() + severity.slice(1)
}

/** Only what the state allows. */
export function actionsOf({ id, state, acknowledgedBy }: Incident): Action[] {
  if (state === 'resolved') return []
  const acknowledge: Action = { id: 'acknowledge', label: 'Acknowledge', value: id, style: 'primary' }
  if (state === 'snoozed') {
    return [...(acknowledgedBy === null ? [acknowledge] : []), { id: 'unsnooze', label: 'End snooze', value: id }]
  }
  const snoozes: Action[] = [
    { id: 'snooze-1h', label: 'Snooze 1 h', value: id },
    { id: 'snooze-4h', label: 'Snooze 4 h', value: id },
    { id: 'snooze-24h', label: 'Snooze 24 h', value: id },
  ]
  return state === 'acknowledged' ? snoozes : [acknowledge, ...snoozes]
}
