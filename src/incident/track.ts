import type { Finding } from '../detect/finding.ts'
import { type Blindness, blindFingerprint, openBlind } from './blind.ts'
import { hasNoMail, openDelivery } from './delivery.ts'
import { BOUNCEBELL, type IncidentEvent, type Step } from './event.ts'
import { type FirstSeenReplies, NO_NOVELTIES, type Novelties, sortNovelties } from './first-seen.ts'
import type { DeliveryIncident, Incident, NewReplyIncident, Transition } from './incident.ts'
import { type Matches, match, NO_MATCHES } from './match.ts'
import { openNewReply } from './new-reply.ts'
import { POLICY } from './policy.ts'
import { reduce } from './reducer.ts'
import { muteOf, type Silence } from './silence.ts'

/** What is known at one minute. */
export interface Minute {
  at: Date
  findings: readonly Finding[]
  /** The sources that cannot be seen now. */
  blind: readonly Blindness[]
  silences: readonly Silence[]
  /** Left out where nobody looked for them at this minute. */
  firstSeen?: FirstSeenReplies
}

/**
 * One minute in the life of all incidents. `current` is what is not resolved, and what was resolved within the last 24 h.
 * Pure and deterministic; an incident takes one step at most. The live watch and `replay` both run through here.
 */
export function track(current: readonly Incident[], minute: Minute): Transition[] {
  const known = current.filter((incident) => isCurrent(incident, minute.at)).sort(byOpening)
  const matches = match(known.filter(isDelivery), minute.findings, minute.at)
  const troubles = matches.fresh.map(({ finding, companions }) => openTogether(finding, companions))
  const novelties = noveltiesOf(known, troubles, minute)
  const blindOnes = new Set(known.map((incident) => incident.fingerprint))
  const opened = [
    ...troubles,
    ...novelties.fresh.map((reply) => openNewReply(reply, minute.at)),
    ...minute.blind
      .filter(({ source }) => !blindOnes.has(blindFingerprint(source)))
      .map((blindness) => openBlind(blindness, minute.at)),
  ]
  const followed = known.map((incident) => follow({ incident, audit: [] }, { ...minute, matches, novelties }))
  return [
    ...followed.flatMap((step, i) => (step.incident === known[i] ? [] : [transition(step, known[i] ?? null)])),
    ...opened.map((step) =>
      transition(follow(step, { ...minute, matches: NO_MATCHES, novelties: NO_NOVELTIES }), null),
    ),
  ]
}

function noveltiesOf(known: readonly Incident[], troubles: readonly Step[], { at, firstSeen }: Minute): Novelties {
  if (!firstSeen) return NO_NOVELTIES
  const deliveries = [...known, ...troubles.map(({ incident }) => incident)].filter(isDelivery)
  return sortNovelties(known, deliveries, firstSeen, at)
}

function openTogether(finding: Finding, companions: readonly Finding[]): Step {
  let step: Step = openDelivery(finding)
  for (const companion of companions) {
    const { incident, audit } = reduce(step.incident, { kind: 'joined', at: finding.at, finding: companion })
    step = { incident, audit: [...step.audit, ...audit] }
  }
  return step
}

/** `current` after the transitions: what to pass for the next minute. */
export function advance(current: readonly Incident[], transitions: readonly Transition[], at: Date): Incident[] {
  const changed = new Map(transitions.map(({ incident }) => [incident.id, incident]))
  const kept = current.map((incident) => changed.get(incident.id) ?? incident)
  const opened = transitions.filter(({ from }) => from === 0).map(({ incident }) => incident)
  return [...kept, ...opened].filter((incident) => isCurrent(incident, at))
}

/** The step of a person or a job as a transition; null where it changes nothing. */
export function act(incident: Incident, event: IncidentEvent): Transition | null {
  const step = reduce(incident, event)
  return step.incident === incident ? null : transition(step, incident)
}

/** The order in which the store gives them must not show. */
const byOpening = (a: Incident, b: Incident) => a.openedAt.getTime() - b.openedAt.getTime() || (a.id < b.id ? -1 : 1)

/** Not resolved, or so lately that it may be reopened. */
function isCurrent({ resolvedAt }: Incident, at: Date): boolean {
  return resolvedAt === null || at.getTime() - resolvedAt.getTime() <= POLICY.reopenWithinMs
}

const isDelivery = (incident: Incident): incident is DeliveryIncident => incident.kind === 'delivery'

/** A minute, and what of it belongs to which incident. */
interface SortedMinute extends Minute {
  matches: Matches
  novelties: Novelties
}

type Stage = (incident: Incident, minute: SortedMinute) => IncidentEvent[]

/** What happens to an incident within a minute, in this order; each stage sees what the one before made of it. */
const STAGES: readonly Stage[] = [sight, news, sight, muting, (_, { at }) => [{ kind: 'time', at }]]

function follow(start: Step, minute: SortedMinute): Step {
  let step = start
  for (const stage of STAGES) {
    for (const event of stage(step.incident, minute)) {
      const next = reduce(step.incident, event)
      step = { incident: next.incident, audit: [...step.audit, ...next.audit] }
    }
  }
  return step
}

function news(incident: Incident, minute: SortedMinute): IncidentEvent[] {
  const { at, blind, matches } = minute
  if (incident.kind === 'new-reply') return newsOfReply(incident, minute)
  if (incident.kind === 'blind') {
    const blindness = blind.find(({ source }) => source === incident.source)
    return [blindness ? { ...blindness, kind: 'blind', at } : { kind: 'seeing', at }]
  }
  const finding = matches.findings.get(incident.id)
  const turned = matches.turned.get(incident.id)
  const into = matches.absorbed.get(incident.id)
  return [
    turned
      ? { kind: 'turned', at, finding: turned }
      : finding
        ? { kind: 'finding', at, finding }
        : { kind: 'unseen', at },
    ...(into === undefined ? [] : [{ kind: 'absorbed', at, into } as const]),
    ...(matches.joined.get(incident.id) ?? []).map((joined) => ({ kind: 'joined', at, finding: joined }) as const),
  ]
}

function newsOfReply({ id, source }: NewReplyIncident, { at, blind, novelties }: SortedMinute): IncidentEvent[] {
  const into = novelties.explained.get(id)
  if (into !== undefined) return [{ kind: 'absorbed', at, into }]
  const tally = novelties.tallies.get(id)
  // Of a source that cannot be seen, quiet proves nothing.
  if (tally === undefined || blind.some((each) => each.source === source)) return []
  return [{ kind: 'counted', at, tally, untold: novelties.untold?.by === id ? novelties.untold.replies : [] }]
}

/** Stale when nothing of it can be seen; as long as one of its sources tells of mail there, there is news. */
function sight(incident: Incident, { at, blind, matches }: SortedMinute): IncidentEvent[] {
  if (incident.kind !== 'delivery') return []
  const { slices, where } = incident
  const sources = [...new Set([...slices.map(({ source }) => source), ...(where.source ? [where.source] : [])])]
  const isBlind = sources.length > 0 && sources.every((source) => blind.some((each) => each.source === source))
  if (isBlind) return [{ kind: 'stale', at, why: `No data from ${sources.join(', ')}` }]
  const finding = matches.findings.get(incident.id)
  if (finding && hasNoMail(incident, finding)) return [{ kind: 'stale', at, why: 'No mail was sent there recently' }]
  return [{ kind: 'fresh', at }]
}

function muting(incident: Incident, { at, silences }: Minute): IncidentEvent[] {
  return [{ kind: 'mute', at, mute: muteOf(incident, silences, at) }]
}

/** A silence keeps people from being told, but for its own beginning, what they do, and the end of what they know of. */
function transition(step: Step, before: Incident | null): Transition {
  const { muted, state } = step.incident
  const isKnown = before?.told ?? false
  const byPerson = step.audit.some(({ actor }) => actor !== BOUNCEBELL)
  const tell = muted === null || before?.muted === null || (isKnown && (byPerson || state === 'resolved'))
  const from = before?.version ?? 0
  return { incident: { ...step.incident, version: from + 1, told: isKnown || tell }, from, audit: step.audit, tell }
}
