import type { Finding } from '../detect/finding.ts'
import { type AuditRow, type Step, says, unchanged } from './event.ts'
import { contains, fingerprint, patternKey } from './fingerprint.ts'
import type { DeliveryIncident, Reading } from './incident.ts'
import { openingOf } from './opening.ts'
import { POLICY } from './policy.ts'
import { rank, severityOf } from './severity.ts'
import { duration, figures, NOUNS, sentence, when } from './wording.ts'

export function openDelivery(finding: Finding): Step<DeliveryIncident> {
  const { at, since, kind, signal, where, slices } = finding
  const print = fingerprint(finding)
  const reading = readingOf(finding)
  const incident: DeliveryIncident = {
    kind: 'delivery',
    ...openingOf(print, severityOf(finding, null), since, at),
    trigger: kind,
    rule: finding.rule ?? null,
    signal,
    where,
    slices,
    says: finding.says,
    reading,
    worst: reading,
    worstSeverity: severityOf(finding, null),
    recoveredAt: null,
    holdMinutes: POLICY.holdMinutes,
    relapses: [],
    also: [],
    mergedInto: null,
    evidence: {
      replies: [],
      series: [],
      unit: reading.rate === null ? 'count' : 'percent',
      names: {},
      links: [],
      notes: [],
    },
  }
  return {
    incident,
    audit: [says('opened', at, `${sentence(finding.says)} ${figures(reading)}, since ${when(since, at)}.`.trim())],
  }
}

export function onFinding(incident: DeliveryIncident, finding: Finding): Step<DeliveryIncident> {
  // Minutes without data prove nothing, and anything older than the last reading is not news.
  if (incident.stale || finding.at <= incident.reading.at) return unchanged(incident)
  if (finding.status === 'recovered') return onRecovered(incident, finding)
  return incident.state === 'resolved' ? reopen(incident, finding) : onFiring(incident, finding)
}

function onRecovered(incident: DeliveryIncident, finding: Finding): Step<DeliveryIncident> {
  if (incident.state === 'resolved' || incident.recoveredAt !== null) return unchanged(incident)
  const { at } = finding
  const resolves = new Date(at.getTime() + incident.holdMinutes * 60_000)
  const sentence = `Quiet since ${when(at, at)}. Resolves at ${when(resolves, at)} if it stays quiet.`
  return {
    incident: { ...incident, reading: readingOf(finding), recoveredAt: at },
    audit: [says('recovering', at, sentence)],
  }
}

/** The detector reports an ongoing problem every minute. If it has not for this long, its end was missed. */
export function onUnseen(incident: DeliveryIncident, at: Date): Step<DeliveryIncident> {
  const isFiring = incident.state !== 'resolved' && incident.recoveredAt === null && !incident.stale
  if (!isFiring || at.getTime() - incident.reading.at.getTime() < POLICY.unseenMs) return unchanged(incident)
  const sentence = 'The detector no longer sees this, and data is still coming in.'
  return { incident: { ...incident, recoveredAt: at }, audit: [says('recovering', at, sentence)] }
}

function reopen(incident: DeliveryIncident, finding: Finding): Step<DeliveryIncident> {
  const { at } = finding
  const resolvedAt = incident.resolvedAt ?? at
  if (incident.mergedInto !== null || at.getTime() - resolvedAt.getTime() > POLICY.reopenWithinMs) {
    return unchanged(incident)
  }
  const back = relapse({ ...incident, since: finding.since, reopened: incident.reopened + 1 }, at)
  const sentence = `Back ${duration(at.getTime() - resolvedAt.getTime())} after it was resolved: ${figures(readingOf(finding))}.`
  return {
    incident: {
      ...back.incident,
      ...showing(back.incident, finding),
      state: 'open',
      resolvedAt: null,
      acknowledgedBy: null,
      severity: severityOf(finding, null),
    },
    audit: [says('reopened', at, sentence), ...back.audit],
  }
}

function onFiring(before: DeliveryIncident, finding: Finding): Step<DeliveryIncident> {
  const { at } = finding
  const back = before.recoveredAt === null ? unchanged(before) : relapse(before, at)
  const incident = back.incident
  const audit: AuditRow[] = [...back.audit]
  if (back.incident !== before) audit.unshift(says('relapsed', at, `Not over yet: ${figures(readingOf(finding))}.`))

  const severity = severityOf(finding, incident.severity)
  if (rank(severity) > rank(incident.severity)) {
    audit.push(says('worsened', at, `${figures(readingOf(finding))}. Now ${severity}, was ${incident.severity}.`))
  } else if (severity !== incident.severity) {
    audit.push(says('improved', at, `${figures(readingOf(finding))}. Now ${severity}, was ${incident.severity}.`))
  }
  if (widened(incident, finding)) {
    audit.push(says('spread', at, `It has spread. ${sentence(finding.says)}`))
  }
  const upgraded = incident.trigger === 'drift' && finding.kind === 'sudden'
  const worthIt = audit.length > 0 || upgraded || moved(incident, finding)
  if (!worthIt) return unchanged(before)
  return { incident: { ...incident, ...showing(incident, finding), severity }, audit }
}

/** Throttling that ends in a block, or a part of the problem that outlasts the one it was named after. */
export function onTurned(incident: DeliveryIncident, finding: Finding): Step<DeliveryIncident> {
  if (incident.state === 'resolved' || incident.stale || finding.at <= incident.reading.at) return unchanged(incident)
  const { at, signal } = finding
  const also = [...incident.also.filter((other) => other !== signal), incident.signal]
  const turned = { ...incident, ...showing(incident, finding), signal, also, recoveredAt: null }
  const told =
    signal === 'blocking'
      ? says('worsened', at, `Now ${NOUNS[signal]}, before ${NOUNS[incident.signal]}: ${figures(turned.reading)}.`)
      : says('improved', at, `Only ${NOUNS[signal]} left: ${figures(turned.reading)}.`)
  const severity = severityOf(finding, incident.severity)
  return { incident: { ...turned, severity, fingerprint: fingerprint(finding) }, audit: [told] }
}

/** Back after a recovery. Often enough, it is flapping, and then it must be quiet for longer. */
function relapse(incident: DeliveryIncident, at: Date): Step<DeliveryIncident> {
  const { relapses, withinMs } = POLICY.flapping
  const recent = [...incident.relapses.filter((before) => at.getTime() - before.at.getTime() < withinMs), { at }]
  const back = { ...incident, recoveredAt: null, relapses: recent }
  if (recent.length < relapses || incident.holdMinutes >= POLICY.maxHoldMinutes) return { incident: back, audit: [] }
  const holdMinutes = Math.min(incident.holdMinutes * 2, POLICY.maxHoldMinutes)
  const sentence = `It came back ${recent.length} times in ${duration(withinMs)}. It now takes ${holdMinutes} quiet minutes to resolve.`
  return { incident: { ...back, holdMinutes, relapses: [] }, audit: [says('flapping', at, sentence)] }
}

/** What the card shows of a finding. */
function showing(incident: DeliveryIncident, finding: Finding) {
  const reading = readingOf(finding)
  return {
    where: finding.where,
    slices: finding.slices,
    says: finding.says,
    reading,
    worst: isWorse(reading, incident.worst) ? reading : incident.worst,
    trigger: incident.trigger === 'drift' ? finding.kind : incident.trigger,
  }
}

const widened = (incident: DeliveryIncident, { where }: Finding) =>
  patternKey(where) !== patternKey(incident.where) && contains(where, incident.where)

/** True where the figures moved enough to be worth an edit, or are old. */
function moved(incident: DeliveryIncident, finding: Finding): boolean {
  const { reading } = incident
  if (patternKey(finding.where) !== patternKey(incident.where)) return true
  if (isStill(reading, finding)) return false
  if (finding.at.getTime() - reading.at.getTime() >= POLICY.refreshMs) return true
  if (finding.failures >= reading.failures * 2) return true
  if (finding.rate === null || reading.rate === null) return finding.rate !== reading.rate
  // A quarter more or less, and at least two points: less cannot be seen on a card.
  const change = Math.abs(finding.rate - reading.rate)
  return change >= 0.02 && change >= reading.rate / 4
}

const isStill = (reading: Reading, { attempts, failures }: Finding) =>
  attempts !== null && attempts === reading.attempts && failures === reading.failures

/** No mail went there for a long time, as when people follow the advice to stop: nobody knows whether it is over. */
export const hasNoMail = ({ reading }: DeliveryIncident, finding: Finding) =>
  finding.status === 'firing' &&
  isStill(reading, finding) &&
  finding.at.getTime() - reading.at.getTime() >= POLICY.stillMs

const isWorse = (a: Reading, b: Reading) =>
  a.rate !== null && b.rate !== null ? a.rate > b.rate : a.failures > b.failures

const readingOf = ({ at, rate, baseline, attempts, failures }: Finding): Reading => ({
  at,
  rate,
  baseline,
  attempts,
  failures,
})
