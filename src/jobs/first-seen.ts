import type { FirstSeenReplies } from '../incident/first-seen.ts'
import type { Incident } from '../incident/incident.ts'
import { placeOf } from '../incident/new-reply.ts'
import type { NewReply } from '../incident/new-reply-counts.ts'
import { POLICY } from '../incident/policy.ts'
import type { FirstSeen, Store } from '../ports/store/index.ts'
import type { EvidenceOptions } from './evidence.ts'

interface FirstSeenOptions extends Pick<EvidenceOptions, 'nameOf' | 'linksOf'> {
  store: { replies: Pick<Store['replies'], 'firstSeen'> }
  newReplies: { min: number }
}

/** Reads what is new at `at`, as far back as the incidents ask for. */
export async function lookForNewReplies(
  at: Date,
  current: readonly Incident[],
  { store, nameOf, linksOf, newReplies }: FirstSeenOptions,
): Promise<FirstSeenReplies> {
  const open = current.filter(({ kind, state }) => kind === 'new-reply' && state !== 'resolved')
  const oldest = open.reduce((least, { since }) => Math.min(least, since.getTime()), at.getTime())
  // Late counts move first times by hours at most: what is gone from there is not new at all.
  const rows = await store.replies.firstSeen(new Date(oldest - POLICY.newReply.withinMs))
  return { replies: rows.map((row) => toNewReply(row, nameOf, linksOf)), min: newReplies.min }
}

function toNewReply(
  { reply, source, firstSeen, lastSeen, n, knownSince }: FirstSeen,
  nameOf: EvidenceOptions['nameOf'],
  linksOf: EvidenceOptions['linksOf'],
): NewReply {
  const { provider, code, enhanced, template, cause, signal, rule } = reply
  const links = linksOf(reply)
  const providerName = placeOf(provider, nameOf)
  const said = { provider, providerName, code, enhanced, template, cause, signal, rule, links }
  return { ...said, source, since: firstSeen, lastAt: lastSeen, n, knownSince }
}
