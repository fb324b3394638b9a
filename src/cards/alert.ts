import { noDataFrom } from '../incident/blind.ts'
import type { BlindIncident, DeliveryIncident, Incident, IncidentEvidence } from '../incident/incident.ts'
import { totals } from '../incident/totals.ts'
import { count, duration, grouped, NOUNS, percent, sentence, when } from '../incident/wording.ts'
import type { Signal } from '../smtp/causes.ts'
import { whatToDo, whyAndWho } from './advice.ts'
import type { Card } from './card.ts'
import { newReplyCard, newReplyTitle } from './new-reply.ts'
import { actionsOf, badgeOf, standing, toneOf } from './standing.ts'

/** The message about an incident. A pure projection of its row: the same version is always the same card. */
export function incidentCard(incident: Incident): Card {
  if (incident.kind === 'new-reply') return newReplyCard(incident)
  return incident.kind === 'blind' ? blindCard(incident) : deliveryCard(incident)
}

/** An incident that the database refuses: nothing can be done to it, so it has no buttons. */
export function unstoredCard(incident: Incident, problem: string): Card {
  const { actions: _, text = [], ...card } = incidentCard(incident)
  const why = `This incident could not be stored, so it is not in /smtp incidents and cannot be acknowledged: ${problem}.`
  return { ...card, text: [...text, why] }
}

function deliveryCard(incident: DeliveryIncident): Card {
  const { evidence, reading, state } = incident
  const isOver = state === 'resolved'
  const [top] = evidence.replies
  const text = [...standing(incident), ...(incident.says ? [sentence(incident.says)] : [])]
  if (top && !isOver) text.push(whyAndWho(top.cause))
  if (!isOver) text.push(whatToDo(incident.signal, top?.cause))
  return {
    title: titleOf(incident),
    tone: toneOf(incident),
    badge: badgeOf(incident),
    text,
    fields: deliveryFields(incident),
    quotes: evidence.replies.map((reply) => quoteOf(reply, ipOf(incident))),
    ...(evidence.series.length > 1 && {
      chart: {
        label: evidence.unit === 'percent' ? 'Refused or deferred' : 'Failures',
        unit: evidence.unit,
        points: evidence.series,
        ...(evidence.unit === 'percent' && reading.baseline !== null && { baseline: reading.baseline * 100 }),
      },
    }),
    actions: actionsOf(incident),
    links: evidence.links,
    footer: [`Incident ${incident.id}`, origin(incident), ...evidence.notes].join(' · '),
  }
}

function quoteOf({ n, code, enhanced, template }: IncidentEvidence['replies'][number], ip: string | null): string {
  const said = ip === null ? template : template.replaceAll('{ip}', ip)
  return `${grouped(n)} × ${[code, enhanced, said].filter((part) => part !== null).join(' ')}`
}

/** The one IP that the mail came from; null where there are several, or it is not known. */
function ipOf({ where, slices }: DeliveryIncident): string | null {
  const [ip, ...more] = new Set(where.ip ? [where.ip] : slices.map((slice) => slice.ip))
  return ip && more.length === 0 ? ip : null
}

const VERBS: Record<Signal, { one: string; many: string }> = {
  throttling: { one: 'defers', many: 'defer' },
  blocking: { one: 'refuses', many: 'refuse' },
  authentication: { one: 'rejects as unauthenticated', many: 'reject as unauthenticated' },
  content: { one: 'rejects for its content', many: 'reject for its content' },
  list: { one: 'finds no mailbox for', many: 'find no mailbox for' },
  receiver: { one: 'fails to accept', many: 'fail to accept' },
}

/** What and where, in one line: "Yahoo defers 38% of your mail from 198.51.100.7". */
export function titleOf(incident: Incident): string {
  if (incident.kind === 'blind') {
    return incident.state === 'resolved' ? `Data from ${incident.source} is back` : noDataFrom(incident.source)
  }
  if (incident.kind === 'new-reply') return newReplyTitle(incident)
  const { where, slices, signal, reading, rule, evidence } = incident
  const providers = new Set(slices.map(({ provider }) => provider))
  const isOne = where.provider !== undefined || providers.size === 1
  const only = where.provider ?? [...providers][0] ?? 'other'
  const who = isOne ? (evidence.names[only] ?? only) : count(providers.size, 'provider')
  const verb = VERBS[signal][isOne ? 'one' : 'many']
  const from = where.ip ? ` from ${where.ip}` : where.source ? ` through ${where.source}` : ''
  const mail = `your ${where.senderDomain ? `${where.senderDomain} ` : ''}mail${from}`
  if (incident.state === 'resolved') return `Resolved: ${who} no longer ${verb} ${mail}`
  const share = reading.rate === null ? '' : `${percent(reading.rate)} of `
  return `${rule ? `${rule}: ` : ''}${who} ${verb} ${share}${mail}`
}

function deliveryFields(incident: DeliveryIncident) {
  const { reading, worst, since, state, resolvedAt, updatedAt, also, recoveredAt } = incident
  const { attempts, failures } = totals(incident)
  const end = state === 'resolved' ? (recoveredAt ?? resolvedAt ?? updatedAt) : updatedAt
  const lasted = duration(end.getTime() - since.getTime())
  const usual = reading.baseline === null ? '' : `, usually ${percent(reading.baseline)}`
  const isOver = state === 'resolved'
  return [
    {
      label: 'Since',
      value: isOver ? `${when(since, updatedAt)}, for ${lasted}` : `${when(since, updatedAt)} (${lasted})`,
    },
    ...(reading.rate === null
      ? []
      : [
          isOver
            ? { label: 'At worst', value: `${percent(worst.rate ?? reading.rate)}${usual}` }
            : { label: 'Rate now', value: `${percent(reading.rate)}${usual}` },
        ]),
    {
      label: 'Affected',
      value: `${grouped(failures)}${attempts === null ? '' : ` of ${grouped(attempts)}`}`,
    },
    isOver
      ? { label: 'Severity at worst', value: incident.worstSeverity }
      : { label: 'Severity', value: incident.severity },
    ...(also.length > 0 ? [{ label: 'Also', value: also.map((signal) => NOUNS[signal]).join(', ') }] : []),
  ]
}

function origin({ trigger, rule }: DeliveryIncident): string {
  if (trigger === 'rule') return `your rule ${rule ?? ''}`.trimEnd()
  return trigger === 'drift' ? 'slow drift' : 'adaptive detection'
}

function blindCard(incident: BlindIncident): Card {
  const { source, problem, remedy, since, updatedAt: now, state, id } = incident
  const isOver = state === 'resolved'
  const said = isOver
    ? [`Bouncebell is reading ${source} again and catching up on what it missed.`]
    : [
        `No data since ${when(since, now)}: ${sentence(problem)} ${sentence(remedy)}`,
        'Until then Bouncebell cannot watch its mail: no alert does not mean that everything is fine.',
      ]
  return {
    title: titleOf(incident),
    tone: toneOf(incident),
    badge: badgeOf(incident),
    text: [...standing(incident), ...said],
    fields: [
      {
        label: isOver ? 'Lasted' : 'For',
        value: duration(((isOver && incident.resolvedAt) || now).getTime() - since.getTime()),
      },
    ],
    actions: actionsOf(incident),
    footer: `Incident ${id}`,
  }
}
