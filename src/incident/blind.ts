import { type Step, says, unchanged } from './event.ts'
import type { BlindIncident } from './incident.ts'
import { openingOf } from './opening.ts'
import { POLICY } from './policy.ts'
import { duration, when } from './wording.ts'

/** A source that cannot be read, or is silent although it should not be. */
export interface Blindness {
  source: string
  since: Date
  problem: string
  remedy: string
}

/** In place of a source's name where none can be read, as on a full disk. */
export const ALL_SOURCES = 'all sources'

export const noDataFrom = (source: string) => `No data from ${source === ALL_SOURCES ? 'any source' : source}`

export const blindFingerprint = (source: string) => `blind|${source}`

export function openBlind({ source, since, problem, remedy }: Blindness, at: Date): Step<BlindIncident> {
  const fingerprint = blindFingerprint(source)
  const incident: BlindIncident = {
    kind: 'blind',
    ...openingOf(fingerprint, 'high', since, at),
    source,
    problem,
    remedy,
  }
  return {
    incident,
    audit: [says('opened', at, `${noDataFrom(source)} since ${when(since, at)}: ${problem}. ${remedy}`)],
  }
}

export function onBlind(
  incident: BlindIncident,
  { at, problem, remedy }: { at: Date; problem: string; remedy: string },
): Step<BlindIncident> {
  if (incident.state !== 'resolved') {
    if (incident.problem === problem) return unchanged(incident)
    return { incident: { ...incident, problem, remedy }, audit: [says('spread', at, `Now: ${problem}. ${remedy}`)] }
  }
  if (at.getTime() - (incident.resolvedAt ?? at).getTime() > POLICY.reopenWithinMs) return unchanged(incident)
  const again = { ...incident, problem, remedy, state: 'open', since: at, resolvedAt: null } as const
  return {
    incident: { ...again, acknowledgedBy: null, snoozedUntil: null, reopened: incident.reopened + 1 },
    audit: [says('reopened', at, `No data again: ${problem}. ${remedy}`)],
  }
}

export function onSeeing(incident: BlindIncident, at: Date): Step<BlindIncident> {
  if (incident.state === 'resolved') return unchanged(incident)
  const sentence = `Data from ${incident.source} is back after ${duration(at.getTime() - incident.since.getTime())}. Bouncebell is reading what it missed.`
  return {
    incident: { ...incident, state: 'resolved', resolvedAt: at, snoozedUntil: null },
    audit: [says('resolved', at, sentence)],
  }
}
