import { BOUNCEBELL } from './event.ts'
import type { AuditEntry, Incident } from './incident.ts'

/** It is worse than what people know: a snooze of what it was before does not cover that. */
const WORSE: readonly string[] = ['worsened', 'reopened']
/** Worth a look, unless somebody asked for quiet. */
const ASKS: readonly string[] = ['spread', 'reminded', 'unmuted', 'unsnoozed']

/** Whether a row of the history must reach people who do not follow the thread. Editing a message notifies nobody. */
export function mustBeHeard({ what, actor }: Pick<AuditEntry, 'what' | 'actor'>, incident: Incident): boolean {
  if (incident.state === 'resolved' || incident.muted !== null || actor !== BOUNCEBELL) return false
  if (WORSE.includes(what)) return true
  // A source without data whose problem has a different name by now is no worse.
  if (what === 'spread' && incident.kind !== 'delivery') return false
  return incident.state !== 'snoozed' && ASKS.includes(what)
}
