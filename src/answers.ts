import { titleOf } from './cards/alert.ts'
import type { Card } from './cards/card.ts'
import { lookupCard, type OwnTraffic } from './cards/lookup.ts'
import { incidentAbout } from './incident/about.ts'
import type { Knowledge } from './knowledge.ts'
import { reportOf } from './lib/message.ts'
import type { Clock } from './ports/clock.ts'
import type { Store } from './ports/store.ts'
import { type PagePlan, planLookup, type ReplyPlan } from './smtp/lookup.ts'

const DAY = 24 * 3_600_000

export interface AnswerOptions {
  store: { replies: Pick<Store['replies'], 'usage'>; incidents: Pick<Store['incidents'], 'current'> }
  clock: Pick<Clock, 'now'>
  knowledge: Knowledge
}

/** Answers a question about a code, a token, words or a pasted reply, with the person's own traffic. */
export async function answerLookup(query: string, { store, clock, knowledge }: AnswerOptions): Promise<Card> {
  const now = clock.now()
  // Whoever pastes a whole e-mail means the report in it.
  const plan = planLookup((await reportOf(query)) ?? query, knowledge)
  const own = 'traffic' in plan ? await ownTraffic(plan, store, now) : null
  return lookupCard(plan, own, { now, nameOf: knowledge.mailboxes.nameOf })
}

/** The narrowest that happened at all; where nothing did, the narrowest. */
async function ownTraffic(
  plan: PagePlan | ReplyPlan,
  store: AnswerOptions['store'],
  now: Date,
): Promise<OwnTraffic | null> {
  let none: OwnTraffic | null = null
  for (const { what, filter } of plan.traffic) {
    const week = await store.replies.usage(filter, new Date(now.getTime() - 7 * DAY), now)
    if (week.total === 0) {
      none ??= { what, day: week, week, incident: null }
      continue
    }
    const [day, incidents] = await Promise.all([
      store.replies.usage(filter, new Date(now.getTime() - DAY), now),
      store.incidents.current(new Date(now.getTime() - DAY)),
    ])
    const incident = incidentAbout(incidents, {
      causes: plan.kind === 'reply' ? [plan.verdict.cause] : plan.entry.causes,
      provider: (plan.kind === 'reply' ? plan.verdict.provider : plan.provider) ?? plan.entry.provider,
      places: day.total > 0 ? day.by : week.by,
      lastSeen: week.lastSeen,
    })
    return {
      what,
      day,
      week,
      incident: incident && { id: incident.id, title: titleOf(incident), open: incident.state !== 'resolved' },
    }
  }
  return none
}
