import { titleOf } from '../cards/alert.ts'
import type { Card } from '../cards/card.ts'
import { lookupCard, type OwnTraffic, type Uncounted } from '../cards/lookup.ts'
import { incidentAbout } from '../incident/about.ts'
import type { Knowledge } from '../knowledge/knowledge.ts'
import { reportOf } from '../lib/message.ts'
import { settlesWithin } from '../lib/settles-within.ts'
import { type PagePlan, planLookup, type ReplyPlan } from '../lookup/lookup.ts'
import type { Clock } from '../ports/clock.ts'
import { Unavailable } from '../ports/errors.ts'
import type { Store } from '../ports/store/index.ts'
import { DAY_MS } from '../time/units.ts'

/** What the page says is worth more than a count that takes longer. */
const COUNTING_MS = 5000

export interface AnswerOptions {
  store: { replies: Pick<Store['replies'], 'usage'>; incidents: Pick<Store['incidents'], 'current'> }
  clock: Pick<Clock, 'now'>
  knowledge: Knowledge
  countingMs?: number
}

/** Answers a question about a code, a token, words or a pasted reply, with the person's own traffic. */
export async function answerLookup(query: string, options: AnswerOptions): Promise<Card> {
  const { store, clock, knowledge, countingMs = COUNTING_MS } = options
  const now = clock.now()
  // Whoever pastes a whole e-mail means the report in it.
  const plan = planLookup((await reportOf(query)) ?? query, knowledge)
  const own = 'traffic' in plan ? await inTime(ownTraffic(plan, store, now), countingMs) : null
  return lookupCard(plan, own, { now, nameOf: knowledge.mailboxes.nameOf })
}

/** Without the count where that takes too long. */
async function inTime(counting: Promise<OwnTraffic | null>, ms: number): Promise<OwnTraffic | Uncounted | null> {
  const counted = counting.catch((error: unknown): Uncounted => {
    if (error instanceof Unavailable) return 'uncounted'
    throw error
  })
  return (await settlesWithin(ms, counted)) ? counted : 'uncounted'
}

/** The narrowest that happened at all; where nothing did, the narrowest. */
async function ownTraffic(
  plan: PagePlan | ReplyPlan,
  store: AnswerOptions['store'],
  now: Date,
): Promise<OwnTraffic | null> {
  let none: OwnTraffic | null = null
  for (const { what, filter } of plan.traffic) {
    const week = await store.replies.usage(filter, new Date(now.getTime() - 7 * DAY_MS), now)
    if (week.total === 0) {
      none ??= { what, day: week, week, incident: null }
      continue
    }
    const [day, incidents] = await Promise.all([
      store.replies.usage(filter, new Date(now.getTime() - DAY_MS), now),
      store.incidents.current(new Date(now.getTime() - DAY_MS)),
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
