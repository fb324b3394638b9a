import { mustBeHeard } from '../incident/heard.ts'
import type { AuditEntry, Incident } from '../incident/incident.ts'
import { when } from '../incident/wording.ts'
import { titleOf } from './alert.ts'
import type { Card, Tone } from './card.ts'
import { badgeOf } from './standing.ts'

interface Look {
  title: string
  tone: Tone
}

const LOOK: Record<AuditEntry['what'], Look> = {
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
  relapsed: { title: 'Not over yet', tone: 'warning' },
  flapping: { title: 'Flapping', tone: 'warning' },
  resolved: { title: 'Resolved', tone: 'good' },
  reopened: { title: 'Reopened', tone: 'critical' },
  reminded: { title: 'Reminder', tone: 'warning' },
  merged: { title: 'Merged', tone: 'muted' },
  muted: { title: 'Silenced', tone: 'muted' },
  unmuted: { title: 'Silence ended', tone: 'warning' },
}

/** A row of an incident's history, for the thread of its message. */
export function threadCard(entry: AuditEntry, incident: Incident): Card {
  const { what, says, actor, at } = entry
  const { title, tone } = lookOf(what)
  const by = actor === 'bouncebell' ? '' : `, by ${actor}`
  // Shown outside its thread, it has to say what it is about.
  const isHeard = mustBeHeard(entry, incident)
  return {
    title: isHeard ? `${title}: ${titleOf(incident)}` : title,
    tone,
    ...(isHeard && { badge: badgeOf(incident) }),
    text: [says],
    footer: `${when(at, at)}${by}`,
  }
}

// Another version of Bouncebell may have stored a kind that this one does not know.
const lookOf = (what: string): Look => (LOOK as Partial<Record<string, Look>>)[what] ?? { title: what, tone: 'info' }

/** Many rows in one line, as after an outage of the chat. It may be shown outside of the thread, too. */
export function summaryCard(entries: readonly AuditEntry[], incident: Incident): Card {
  const [first, last] = [entries[0]!.at, entries.at(-1)!.at]
  const times = new Map<string, number>()
  for (const { what } of entries) times.set(lookOf(what).title, (times.get(lookOf(what).title) ?? 0) + 1)
  const kinds = [...times].map(([title, n]) => (n > 1 ? `${title} (${n} times)` : title))
  return {
    title: `${entries.length} updates: ${titleOf(incident)}`,
    tone: 'info',
    text: [
      `From ${when(first, last)} to ${when(last, last)}: ${kinds.join(', ')}. All of it: /smtp incident ${incident.id}`,
    ],
  }
}
