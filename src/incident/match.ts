import type { Finding } from '../detect/finding.ts'
import type { Slice, SlicePattern } from '../detect/state/slice.ts'
import type { Signal } from '../smtp/causes.ts'
import { contains, DIMENSIONS, fingerprint, kindKey, overlap, patternKey } from './fingerprint.ts'
import type { DeliveryIncident } from './incident.ts'
import { POLICY } from './policy.ts'

/** What each finding of a minute means for the incidents that are there. */
export interface Matches {
  /** By incident: its finding of this minute. */
  findings: Map<string, Finding>
  /** By incident: the id of the one that it is now part of. */
  absorbed: Map<string, string>
  /** By incident: findings of another signal that are the same trouble. */
  joined: Map<string, Finding[]>
  /** By incident: the finding of another signal that its trouble has turned into. */
  turned: Map<string, Finding>
  /** Troubles that no incident tells of yet, each with the findings of other signals that are the same trouble. */
  fresh: { finding: Finding; companions: Finding[] }[]
}

const noMatches = (): Matches => ({
  findings: new Map(),
  absorbed: new Map(),
  joined: new Map(),
  turned: new Map(),
  fresh: [],
})
export const NO_MATCHES = noMatches()

/** Answers in the same order for any order of the findings and incidents. */
export function match(incidents: readonly DeliveryIncident[], findings: readonly Finding[], at: Date): Matches {
  const firing = coarsest(findings.filter(({ status }) => status === 'firing'))
  const alive = incidents.filter(({ state }) => state !== 'resolved')
  const pairs = pair(alive, firing)
  const rest = firing.filter((finding) => !pairs.some((each) => each.finding === finding))
  const isLone = (incident: DeliveryIncident) => !pairs.some((each) => each.incident === incident)

  const matches = noMatches()
  for (const incident of alive.filter(isLone)) {
    const wider = pairs.find(({ finding }) => explains(finding, incident))
    if (wider) matches.absorbed.set(incident.id, wider.incident.id)
  }
  // One trouble, one incident: what lies inside one that is open is a part of it.
  const recent = incidents.filter(
    ({ resolvedAt }) => resolvedAt && at.getTime() - resolvedAt.getTime() <= POLICY.echoMs,
  )
  const news = rest
    .filter((finding) => !alive.some((incident) => explains(incident, finding)))
    .filter((finding) => ![...alive, ...recent].some((incident) => isEcho(finding, incident)))
  // What recovers hides no other trouble.
  const ongoing = alive.filter(({ recoveredAt }) => recoveredAt === null)
  const companions = news.map((finding) => ({
    finding,
    incident:
      ongoing.find((open) => accompanies(finding, open) || isJoined(finding, open) || isWorse(finding, open)) ??
      alive.find((open) => isLone(open) && isJoined(finding, open)),
  }))
  for (const { finding, incident } of companions) {
    if (!incident) continue
    const isHeir = isWorse(finding, incident) || (isLone(incident) && isJoined(finding, incident))
    const isFree = !matches.absorbed.has(incident.id) && !matches.turned.has(incident.id)
    if (isHeir && isFree) matches.turned.set(incident.id, finding)
    else matches.joined.set(incident.id, [...(matches.joined.get(incident.id) ?? []), finding])
  }
  const lonely = companions.flatMap(({ finding, incident }) => (incident || !isRaised(finding) ? [] : [finding]))
  const again = pair(
    incidents.filter((incident) => canReopen(incident, at)),
    lonely,
    REOPEN_SCORE,
  )
  for (const finding of lonely.filter((each) => !again.some((pair) => pair.finding === each))) {
    const main = matches.fresh.find((earlier) => accompanies(finding, earlier.finding))
    if (main) main.companions.push(finding)
    else matches.fresh.push({ finding, companions: [] })
  }
  for (const { incident, finding } of [...pairs, ...again]) {
    const parts = rest.filter((other) => pairs.some((each) => each.incident === incident) && explains(incident, other))
    matches.findings.set(incident.id, parts.length === 0 ? finding : together(incident.where, [finding, ...parts]))
  }

  // Over is what nothing speaks of any more: a recovery of one part says nothing of the whole.
  const quiet = alive.filter(
    (incident) =>
      isLone(incident) &&
      !matches.turned.has(incident.id) &&
      !firing.some((finding) => likeness(incident, finding) > 0),
  )
  const recovered = findings.filter(({ status }) => status === 'recovered')
  for (const { incident, finding } of candidates(quiet, recovered)) {
    if (!matches.findings.has(incident.id)) matches.findings.set(incident.id, finding)
  }
  return matches
}

/** Leaves out what a coarser finding of the same kind explains: outage > account > IP > provider > slice. */
function coarsest(findings: readonly Finding[]): Finding[] {
  const ordered = findings
    .filter((finding) => !findings.some((other) => isEcho(finding, other)))
    .sort(
      (a, b) => breadth(a.where) - breadth(b.where) || b.slices.length - a.slices.length || byText(order(a), order(b)),
    )
  return ordered.filter((finding, i) => !ordered.slice(0, i).some((coarser) => explains(coarser, finding)))
}

const order = (finding: Finding) => `${fingerprint(finding)}|${finding.kind === 'sudden' ? 0 : 1}`
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** The fewer dimensions are named, the broader; of one dimension, an IP outranks a provider. */
function breadth(where: SlicePattern): number {
  const named = DIMENSIONS.filter((name) => where[name] !== undefined)
  return named.length * 10 + (where.provider === undefined ? 0 : 1)
}

interface Pair {
  incident: DeliveryIncident
  finding: Finding
  score: number
}

const REOPEN_SCORE = 1.5

/** All that may belong together, the best first; of equals the oldest incident, since that is the message people know. */
function candidates(incidents: readonly DeliveryIncident[], findings: readonly Finding[], least = 0): Pair[] {
  return incidents
    .flatMap((incident) => findings.map((finding) => ({ incident, finding, score: likeness(incident, finding) })))
    .filter(({ score }) => score > least)
    .sort(
      (a, b) =>
        b.score - a.score ||
        a.incident.openedAt.getTime() - b.incident.openedAt.getTime() ||
        byText(a.incident.id, b.incident.id) ||
        byText(order(a.finding), order(b.finding)),
    )
}

/** One to one. */
function pair(incidents: readonly DeliveryIncident[], findings: readonly Finding[], least = 0): Pair[] {
  const taken = new Set<DeliveryIncident | Finding>()
  return candidates(incidents, findings, least).filter(({ incident, finding }) => {
    if (taken.has(incident) || taken.has(finding)) return false
    taken.add(incident).add(finding)
    return true
  })
}

/** 0: another trouble. 4: the same fingerprint; 3: the same place; 1 to 2: it has slices in common or lies within. */
function likeness(incident: DeliveryIncident, finding: Finding): number {
  if (kindKey(incident) !== kindKey(finding)) return 0
  // The slow watch of a wider place goes on for long after an alarm is over.
  if (isEcho(finding, incident) && !contains(incident.where, finding.where)) return 0
  if (incident.fingerprint === fingerprint(finding)) return 4
  if (patternKey(incident.where) === patternKey(finding.where)) return 3
  const common = overlap(incident.slices, finding.slices)
  if (common > 0) return 1 + common
  return contains(incident.where, finding.where) || contains(finding.where, incident.where) ? 1 : 0
}

type Trouble = Pick<Finding, 'signal' | 'where' | 'slices'> & { rule?: string | null } & (
    | Pick<Finding, 'kind'>
    | Pick<DeliveryIncident, 'kind' | 'trigger'>
  )

const isDrift = (trouble: Trouble) => ('trigger' in trouble ? trouble.trigger : trouble.kind) === 'drift'

/** A sudden trouble in one place raises the slow watch of what holds it: that drift is no news of its own. */
const isEcho = (finding: Finding, other: Trouble) =>
  isDrift(finding) &&
  !isDrift(other) &&
  kindKey(finding) === kindKey(other) &&
  overlap(finding.slices, other.slices) > 0

/** A drift explains no alarm, however wide it is: that would hide the worse behind the lesser. */
function explains(coarse: Trouble, fine: Trouble): boolean {
  if (kindKey(coarse) !== kindKey(fine) || (isDrift(coarse) && !isDrift(fine))) return false
  return contains(coarse.where, fine.where) || includes(coarse.slices, fine.slices)
}

function includes(all: readonly Slice[], some: readonly Slice[]): boolean {
  const keys = new Set(all.map(patternKey))
  return some.length > 0 && some.every((slice) => keys.has(patternKey(slice)))
}

/** A card that says "1 %, usually 2 %" helps nobody: what was raised and is no longer opens nothing. */
const isRaised = ({ kind, rate, baseline }: Finding) =>
  kind === 'rule' || rate === null || baseline === null || rate > baseline

// Ways to refuse mail that come together: a block is often announced by deferrals, an outage by both.
const REFUSALS: readonly Signal[] = ['throttling', 'blocking', 'receiver']
const TOGETHER_MS = 30 * 60_000

function accompanies(finding: Finding, main: Trouble & { since: Date }): boolean {
  return (
    !finding.rule &&
    !main.rule &&
    REFUSALS.includes(finding.signal) &&
    REFUSALS.includes(main.signal) &&
    Math.abs(finding.since.getTime() - main.since.getTime()) <= TOGETHER_MS &&
    (contains(main.where, finding.where) || includes(main.slices, finding.slices))
  )
}

/** Servers that have slowed the mail of a place for a while may end by refusing it: the same trouble, and worse. */
const isWorse = (finding: Finding, main: DeliveryIncident) =>
  !finding.rule &&
  !main.rule &&
  main.signal === 'throttling' &&
  finding.signal === 'blocking' &&
  !isDrift(main) &&
  !isDrift(finding) &&
  isRaised(finding) &&
  overlap(main.slices, finding.slices) >= 0.5

/** Once they are on one card they stay there, though either may shrink or grow. */
const isJoined = (finding: Finding, { also, slices }: DeliveryIncident) =>
  !finding.rule && also.includes(finding.signal) && overlap(slices, finding.slices) > 0

/** A trouble that fell into parts, as one finding for the place that holds them all. */
function together(where: SlicePattern, parts: readonly [Finding, ...Finding[]]): Finding {
  const [first] = parts
  const slices = [...new Map(parts.flatMap((part) => part.slices).map((slice) => [patternKey(slice), slice])).values()]
  const sum = (values: (number | null)[]) =>
    values.reduce<number | null>((a, b) => (a === null || b === null ? null : a + b), 0)
  const attempts = sum(parts.map((part) => part.attempts))
  const mean = (value: (part: Finding) => number | null) => {
    const weighted = sum(parts.map((part) => multiply(value(part), part.attempts)))
    return weighted === null || !attempts ? value(first) : weighted / attempts
  }
  return {
    ...first,
    where,
    slices,
    since: new Date(Math.min(...parts.map(({ since }) => since.getTime()))),
    rate: mean(({ rate }) => rate),
    baseline: mean(({ baseline }) => baseline),
    attempts,
    failures: parts.reduce((all, { failures }) => all + failures, 0),
  }
}

const multiply = (a: number | null, b: number | null) => (a === null || b === null ? null : a * b)

function canReopen({ state, resolvedAt, mergedInto }: DeliveryIncident, at: Date): boolean {
  if (state !== 'resolved' || resolvedAt === null || mergedInto !== null) return false
  return at.getTime() - resolvedAt.getTime() <= POLICY.reopenWithinMs
}
