import type { NewReplyIncident } from '../incident/incident.ts'
import { times } from '../incident/new-reply.ts'
import { when } from '../incident/wording.ts'
import { CAUSES } from '../smtp/causes.ts'
import { whatToDo } from './advice.ts'
import type { Card } from './card.ts'
import { actionsOf, badgeOf, standing, toneOf } from './standing.ts'

/** Slack allows a button's value 2000 characters. */
const LONGEST_VALUE = 1500

/** "New at Yahoo since 09:40 UTC: 118 times". */
export function newReplyTitle({ state, since, updatedAt: now, n, providerName }: NewReplyIncident): string {
  const isOver = state === 'resolved'
  return `${isOver ? 'No longer new' : 'New'} at ${providerName} since ${when(since, now)}: ${times(n)}`
}

export function newReplyCard(incident: NewReplyIncident): Card {
  const { id, state, source, providerName, cause, rule, signal, lastAt, updatedAt: now, links, severity } = incident
  const { means, move } = CAUSES[cause]
  const isOver = state === 'resolved'
  const said = verbatim(incident)
  const text = [...standing(incident), `${source} never had this reply from ${providerName} before.`]
  if (!isOver) {
    text.push(`Why: ${means}. Whose move: ${move}.`, whatToDo(signal, cause), ...others(incident))
  }
  return {
    title: newReplyTitle(incident),
    tone: toneOf(incident),
    badge: badgeOf(incident),
    text,
    quotes: [said],
    fields: [
      { label: 'Last', value: when(lastAt, now) },
      { label: 'Read as', value: `${cause}, by the rule ${rule}` },
      { label: 'Severity', value: severity },
    ],
    actions: [
      ...actionsOf(incident),
      ...(isOver ? [] : [{ id: 'wrong', label: 'Wrong?', value: said.slice(0, LONGEST_VALUE) } as const]),
    ],
    links,
    footer: `Incident ${id} · More: /smtp ${question(incident)}`,
  }
}

function others({ untold }: NewReplyIncident): string[] {
  if (untold.length === 0) return []
  return [`And ${untold.length === 1 ? 'one reply more is' : `${untold.length} replies more are`} new today: /smtp new`]
}

type Said = Pick<NewReplyIncident, 'code' | 'enhanced' | 'template'>

export const verbatim = ({ code, enhanced, template }: Said) =>
  [code, enhanced, template].filter((part) => part !== null && part !== '').join(' ')

/** What to ask the lookup about it: its codes, or its words where it has none. */
const question = ({ code, enhanced, template }: Said) => enhanced ?? code ?? template.split(/\s+/).slice(0, 5).join(' ')
