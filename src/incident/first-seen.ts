import { contains, incidentId } from './fingerprint.ts'
import type { DeliveryIncident, Incident, NewReplyIncident } from './incident.ts'
import { newReplyFingerprint } from './new-reply.ts'
import type { NewReply, Tally } from './new-reply-counts.ts'
import { POLICY } from './policy.ts'

/** What was given for the first time, as it is known at one minute. */
export interface FirstSeenReplies {
  /** All of the last `POLICY.newReply.withinMs`, and since that long before the oldest incident of them that is open. */
  replies: readonly NewReply[]
  /** Given less often, a reply is told to nobody who does not ask. */
  min: number
}

/** What it means for the incidents of new replies. */
export interface Novelties {
  fresh: readonly NewReply[]
  /** By incident: how often its reply was given by now; null where it turned out not to be new. */
  tallies: ReadonlyMap<string, Tally | null>
  /** By incident: the delivery incident that its reply is part of. */
  explained: ReadonlyMap<string, string>
  /** Replies beyond the limit of a day, and the incident whose card is to mention them. */
  untold: { by: string; replies: readonly string[] } | null
}

export const NO_NOVELTIES: Novelties = { fresh: [], tallies: new Map(), explained: new Map(), untold: null }

/** At most one incident for a reply of a source, none beside a delivery incident that tells of it, and few in a day. */
export function sortNovelties(
  known: readonly Incident[],
  deliveries: readonly DeliveryIncident[],
  { replies, min }: FirstSeenReplies,
  at: Date,
): Novelties {
  const told = known.filter((incident): incident is NewReplyIncident => incident.kind === 'new-reply')
  const alive = told.filter(({ state }) => state !== 'resolved')
  const isTold = (reply: NewReply) => told.some(({ fingerprint }) => fingerprint === newReplyFingerprint(reply))
  const worthIt = replies
    .filter((reply) => isNews(reply, min, at) && !isTold(reply))
    .filter((reply) => !deliveries.some((delivery) => wasGivenIn(delivery, reply)))
    .sort((a, b) => b.n - a.n || a.since.getTime() - b.since.getTime())
  const ofToday = told.filter(({ openedAt }) => at.getTime() - openedAt.getTime() < POLICY.newReply.newForMs)
  const room = Math.max(0, POLICY.newReply.mostPerDay - ofToday.length)
  const [last] = alive.toSorted((a, b) => b.openedAt.getTime() - a.openedAt.getTime())
  const untold = worthIt.slice(room).map((reply) => incidentId(newReplyFingerprint(reply), reply.since))
  return {
    fresh: worthIt.slice(0, room),
    tallies: new Map(alive.map((incident) => [incident.id, tallyOf(incident, replies)])),
    explained: explanations(alive, deliveries),
    untold: last && untold.length > 0 ? { by: last.id, replies: untold } : null,
  }
}

function tallyOf({ fingerprint }: NewReplyIncident, replies: readonly NewReply[]): Tally | null {
  const reply = replies.find((each) => newReplyFingerprint(each) === fingerprint)
  return reply ? { n: reply.n, since: reply.since, lastAt: reply.lastAt } : null
}

/** Often enough, not for too long, and from a source that is known for long enough for newness to mean something. */
function isNews({ n, since, knownSince, cause }: NewReply, min: number, at: Date): boolean {
  const { patienceMs, withinMs, historyMs } = POLICY.newReply
  const age = at.getTime() - since.getTime()
  // Greylisting asks everybody to come back later, in as many words as there are servers.
  if (n < min || cause === 'greylisted') return false
  return age >= patienceMs && age <= withinMs && since.getTime() - knownSince.getTime() >= historyMs
}

function explanations(alive: readonly NewReplyIncident[], deliveries: readonly DeliveryIncident[]) {
  const open = deliveries.filter(({ state }) => state !== 'resolved')
  return new Map(
    alive.flatMap((incident) => {
      const delivery = open.find((each) => wasGivenIn(each, incident))
      return delivery ? [[incident.id, delivery.id] as const] : []
    }),
  )
}

/** True where the delivery incident is about the reply's signal, at its provider and through its source, and was not over before. */
function wasGivenIn(
  { signal, also, where, slices, resolvedAt }: DeliveryIncident,
  reply: Pick<NewReply, 'source' | 'provider' | 'signal' | 'since'>,
): boolean {
  if (reply.signal === null || ![signal, ...also].includes(reply.signal)) return false
  if (resolvedAt !== null && resolvedAt < reply.since) return false
  const { source, provider } = reply
  const { ip: _ip, senderDomain: _domain, campaign: _campaign, ...place } = where
  if (!contains(place, { source, provider })) return false
  return slices.length === 0 || slices.some((slice) => slice.source === source && slice.provider === provider)
}
