import { OTHER } from '../smtp/mailbox.ts'
import { type Step, says, unchanged } from './event.ts'
import type { NewReplyIncident } from './incident.ts'
import type { NewReply, Tally } from './new-reply-counts.ts'
import { openingOf } from './opening.ts'
import { POLICY } from './policy.ts'
import { duration, grouped, when } from './wording.ts'

export const newReplyFingerprint = ({
  source,
  provider,
  code,
  enhanced,
  template,
}: Pick<NewReply, 'source' | 'provider' | 'code' | 'enhanced' | 'template'>) =>
  `new reply|${source}|${provider}|${code}|${enhanced}|${template}`

/** What people call the provider in "118 times at ...". */
export const placeOf = (provider: string, nameOf: (provider: string) => string) =>
  provider === OTHER ? 'other providers' : nameOf(provider)

export const times = (n: number) => (n === 1 ? 'once' : `${grouped(n)} times`)

/** "118 times at Yahoo". */
export const timesAt = ({ n, providerName }: Pick<NewReply, 'n' | 'providerName'>) => `${times(n)} at ${providerName}`

export function openNewReply(reply: NewReply, at: Date): Step<NewReplyIncident> {
  const { since, lastAt, knownSince: _, ...told } = reply
  const fingerprint = newReplyFingerprint(reply)
  const incident: NewReplyIncident = {
    kind: 'new-reply',
    ...openingOf(fingerprint, 'low', since, at),
    ...told,
    lastAt,
    countedAt: at,
    untold: [],
    mergedInto: null,
  }
  return { incident, audit: [says('opened', at, `New since ${when(since, at)}: ${timesAt(reply)}.`)] }
}

/** Counted again; `tally` is null if older history that already has the reply has arrived. */
export function onCounted(
  incident: NewReplyIncident,
  { at, tally, untold }: { at: Date; tally: Tally | null; untold: readonly string[] },
): Step<NewReplyIncident> {
  if (incident.state === 'resolved') return unchanged(incident)
  if (tally === null)
    return resolve(incident, at, 'It is not new after all: older history that has this reply has arrived.')
  const quietMs = at.getTime() - tally.lastAt.getTime()
  if (quietMs >= POLICY.newReply.quietMs) {
    return resolve({ ...incident, ...tally, countedAt: at }, at, `Not seen again for ${duration(quietMs)}.`)
  }
  const more = untold.filter((fingerprint) => !incident.untold.includes(fingerprint))
  const grew = tally.n > incident.n && tally.n >= 2 * incident.n
  const isOld = at.getTime() - incident.countedAt.getTime() >= POLICY.refreshMs && tally.n !== incident.n
  if (more.length === 0 && !grew && !isOld) return unchanged(incident)
  return { incident: { ...incident, ...tally, countedAt: at, untold: [...incident.untold, ...more] }, audit: [] }
}

/** After a day it is no longer new. */
export const isOld = ({ openedAt }: NewReplyIncident, at: Date) =>
  at.getTime() - openedAt.getTime() >= POLICY.newReply.newForMs

export const retire = (incident: NewReplyIncident, at: Date) =>
  resolve(incident, at, `No longer new: ${timesAt(incident)} since ${when(incident.since, at)}.`)

const resolve = (incident: NewReplyIncident, at: Date, sentence: string): Step<NewReplyIncident> => ({
  incident: { ...incident, state: 'resolved', resolvedAt: at, snoozedUntil: null },
  audit: [says('resolved', at, sentence)],
})
