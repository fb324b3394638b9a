import type { AuditEntry } from '../incident/incident.ts'
import { when } from '../incident/wording.ts'
import type { Card, Tone } from './card.ts'

const LOOK: Record<AuditEntry['what'], { title: string; tone: Tone }> = {
  opened: { title: 'Opened', tone: 'warning' },
  worsened: { title: 'Worse', tone: 'critical' },
  improved: { title: 'Better', tone: 'info' },
  spread: { title: 'Spread', tone: 'warning' },
  acknowledged: { title: 'Acknowledged', tone: 'info' },
  snoozed: { title: 'Snoozed', tone: 'muted' },
  unsnoozed: { title: 'Snooze ended', tone: 'warning' },
  stale: { title: 'No data', tone: 'muted' },
  fresh: { title: 'Data is back', tone: 'info' },
  recovering: { title: 'Recovering', tone: 'info' },
  relapsed: { title: 'Not over', tone: 'warning' },
  flapping: { title: 'Flapping', tone: 'warning' },
  resolved: { title: 'Resolved', tone: 'good' },
  reopened: { title: 'It is back', tone: 'critical' },
  reminded: { title: 'Reminder', tone: 'warning' },
  merged: { title: 'Merged', tone: 'muted' },
  muted: { title: 'Silenced', tone: 'muted' },
  unmuted: { title: 'Silence ended', tone: 'warning' },
}

/** A row of an incident's history, for the thread of its message. */
export function threadCard({ what, says, actor, at }: AuditEntry): Card {
  const { title, tone } = LOOK[what]
  const by = actor === 'bouncebell' ? '' : `, by ${actor}`
  return { title, tone, text: [says], footer: `${when(at, at)}${by}` }
}
