import type { NewReplyIncident } from '../incident/incident.ts'
import { times } from '../incident/new-reply.ts'
import { when } from '../incident/wording.ts'
import { whatToDo, whyAndWho } from './advice.ts'
import type { Card } from './card.ts'
import { actionsOf, badgeOf, standing, toneOf } from './standing.ts'

/** Slack allows a button's value 2000 characters. */
const LONGEST_VALUE = 1500

/** "New reply at Yahoo since 09:40 UTC: 118 times". */
export function newReplyTitle({ state, since, updatedAt: now, n, providerName }: NewReplyIncident): string {
  const isOver = state === 'resolved'
  return `${isOver ? 'No longer new' : 'New reply'} at ${providerName} since ${when(since, now)}: ${times(n)}`
}

export function newReplyCard(incident: NewReplyIncident): Card {
  const { id, state, source, providerName, cause, rule, signal, lastAt, updatedAt: now, links, severity } = incident
  const isOver = state === 'resolved'
  const said = verbatim(incident)
  const text = [...standing(incident), `${source} has never reported this reply from ${providerName} before.`]
  if (!isOver) {
    text.push(whyAndWho(cause), whatToDo(signal, cause), ...others(incident))
  }
  return {
    title: newReplyTitle(incident),
    tone: toneOf(incident),
    badge: badgeOf(incident),
    text,
    quotes: [said],
    fields: [
      { label: 'Last seen', value: when(lastAt, now) },
      { label: 'Classified as', value: `${cause} (rule ${rule})` },
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
  return [`${untold.length === 1 ? 'One more reply is' : `${untold.length} more replies are`} new today: /smtp new`]
}

type Said = Pick<NewReplyIncident, 'code' | 'enhanced' | 'template'>

export const verbatim = ({ code, enhanced, template }: Said) =>
  [code, enhanced, template].filter((part) => part !== null && part !== '').join(' ')

/** What to look up: its code, or its words if it has none. */
const question = ({ code, enhanced, template }: Said) => enhanced ?? code ?? template.split(/\s+/).slice(0, 5).join(' ')
