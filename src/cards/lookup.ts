import { count, grouped, percent, when } from '../incident/wording.ts'
import type { Entry } from '../lookup/catalogue.ts'
import type { LookupPlan, PagePlan, ReplyPlan } from '../lookup/lookup.ts'
import type { Usage } from '../lookup/usage.ts'
import { CAUSES, type Cause, type Retry } from '../smtp/causes.ts'
import { HOUR_MS } from '../time/units.ts'
import { whoCanFix } from './advice.ts'
import type { Action, Card, Chart } from './card.ts'
import { helpCard } from './help.ts'

/** How often the person's own mail got what was asked about. */
export interface OwnTraffic {
  /** "replies with 421 from Gmail" */
  what: string
  day: Usage
  week: Usage
  /** The incident that it belongs to, with its title. */
  incident: { id: string; title: string; open: boolean } | null
}

/** It would have taken too long. */
export type Uncounted = 'uncounted'

export interface LookupContext {
  now: Date
  /** The name of a mailbox provider by its id. */
  nameOf(provider: string): string
}

type Found = PagePlan | ReplyPlan

// One screen of Slack: about 30 lines.
const LINKS = 4
const ROWS = 5
const QUOTE = 300
const BESIDE = 2
const ALSO = 3

const UNCOUNTED =
  'Your own mail is left out: counting it took too long, or the database does not answer. Please ask again in a minute.'

/** The answer to `/smtp ...`: what it is, why, what to do, and how often it happens here. */
export function lookupCard(plan: LookupPlan, counted: OwnTraffic | Uncounted | null, context: LookupContext): Card {
  const own = counted === 'uncounted' ? null : counted
  if (plan.kind === 'help') return helpCard
  if (plan.kind === 'nothing') return nothingCard(plan.query)
  const { entry, note, query } = plan
  const actions: Action[] = [
    ...(plan.kind === 'reply' ? [{ id: 'wrong', label: 'Wrong?', value: query } as const] : []),
  ]
  return {
    title: titleOf(plan, context),
    tone: own?.incident?.open ? 'warning' : 'info',
    text: [
      ...(note ? [note] : []),
      entry.unsaid ? `${entry.means}\nWhat it does not say: ${entry.unsaid}` : entry.means,
      ...advice(entry),
      ...besides(plan, context),
      ...(own ? [standing(own, context)] : []),
      ...(counted === 'uncounted' ? [UNCOUNTED] : []),
    ],
    fields: [...facts(plan), ...(own ? figures(own, context) : [])],
    ...(own && own.week.total > 0 && { chart: trend(own.week, context.now), table: places(own, context) }),
    ...(plan.kind === 'reply' && { quotes: [clip(plan.query, QUOTE)] }),
    actions,
    links: linksOf(plan).slice(0, LINKS),
    footer: footerOf(plan),
  }
}

function nothingCard(query: string): Card {
  return {
    title: 'No match',
    tone: 'muted',
    text: [
      `"${clip(query, 100)}" is not a code, token, provider, list or cause that Bouncebell knows, nor a reply that it can read.`,
      'Try a code (550, 5.7.26), a token from a reply (TSS04, S3150), a provider (gmail), a list (spamhaus), words (mailbox full), or paste the whole reply.',
    ],
    actions: [],
  }
}

function titleOf(plan: Found, { nameOf }: LookupContext): string {
  const { entry } = plan
  if (plan.kind === 'reply') {
    const provider = plan.verdict.provider
    return provider && entry.provider === null ? `${nameOf(provider)}: ${uncapitalised(entry.title)}` : entry.title
  }
  const [kind] = plan.status ?? ''
  const title = kind && /[245]/.test(kind) ? entry.title.replace(/^X(?=\.)/, kind) : entry.title
  return plan.provider && entry.provider === null ? `${title} (at ${nameOf(plan.provider)})` : title
}

const uncapitalised = (text: string) => (/^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text)

function advice({ now, avoid, causes }: Entry): string[] {
  const steps = now.length === 1 ? ` ${now[0]}` : now.map((step, i) => `\n${i + 1}. ${step}`).join('')
  const heading = causes.length === 0 ? 'How to keep it this way' : 'How to prevent it'
  return [
    `What to do now:${steps}`,
    ...(avoid.length > 0 ? [`${heading}:${avoid.map((each) => `\n• ${each}`).join('')}`] : []),
  ]
}

/** What the provider that was asked about means by it in particular, or where to read on. */
function besides(plan: Found, { nameOf }: LookupContext): string[] {
  const provider = plan.kind === 'page' ? plan.provider : null
  const own = plan.also.filter(
    (entry) => provider !== null && entry.provider === provider && plan.entry.provider === null,
  )
  const lines = own.slice(0, BESIDE).map(({ title, means }) => `\n• ${title}. ${means.split(/(?<=\.) /)[0]}`)
  return lines.length > 0 ? [`At ${nameOf(provider!)} it is usually one of these:${lines.join('')}`] : []
}

function facts(plan: Found): Field[] {
  if (plan.kind === 'reply') {
    const { verdict } = plan
    return [
      { label: 'Cause', value: `${verdict.cause}: ${CAUSES[verdict.cause].means}` },
      { label: 'Retry', value: RETRIES[verdict.retry] },
      { label: 'Who can fix it', value: whoCanFix(verdict.move) },
      ...(verdict.names.length > 0 ? [{ label: 'Names', value: [...new Set(verdict.names)].join(', ') }] : []),
    ]
  }
  const { causes } = plan.entry
  if (causes.length === 0) return []
  const fixers = [...new Set(causes.map((cause) => whoCanFix(CAUSES[cause].move)))]
  return [
    { label: causes.length === 1 ? 'Cause' : 'Usual causes', value: causes.join(', ') },
    { label: 'Retry', value: retries(causes, plan.status?.[0] ?? plan.entry.id[0]) },
    { label: 'Who can fix it', value: fixers.slice(0, 3).join('; ') },
  ]
}

type Field = { label: string; value: string }

const RETRIES: Record<Retry, string> = {
  later: 'yes, unchanged',
  slower: 'yes, but slower',
  'after-fix': 'only after a fix',
  never: 'no, never',
}

/** "yes, but slower (rate-limited); only after a fix (reputation)" */
function retries(causes: readonly Cause[], firstDigit: string | undefined): string {
  const retryOf = (cause: Cause): Retry => {
    const { retry } = CAUSES[cause]
    // A 4xx should be retried, whatever it is about.
    return retry === 'never' && firstDigit === '4' ? 'later' : retry
  }
  const groups = Map.groupBy(causes, retryOf)
  const [only] = groups.keys()
  if (groups.size === 1) return RETRIES[only!]
  return [...groups].map(([retry, members]) => `${RETRIES[retry]} (${members.join(', ')})`).join('; ')
}

function standing({ what, week, incident }: OwnTraffic, { now }: LookupContext): string {
  if (week.total === 0) return `Your own mail: no ${what} in the last 7 days.`
  const since = week.firstSeen ? ` First seen ${when(week.firstSeen, now)}.` : ''
  const last = week.lastSeen ? ` Last seen ${when(week.lastSeen, now)}.` : ''
  const part = incident
    ? ` Part of incident ${incident.id}${incident.open ? '' : ' (resolved)'}: ${incident.title}.`
    : ''
  return `Your own mail: ${what}.${since}${last}${part}`
}

function figures({ day, week }: OwnTraffic, context: LookupContext): Field[] {
  if (week.total === 0) return []
  return [
    { label: 'Last 24 h', value: spread(day, context) },
    { label: 'Last 7 days', value: spread(week, context) },
  ]
}

/** "1,204: Gmail 90%, Yahoo 10%; 2 IPs" */
function spread({ total, by }: Usage, { nameOf }: LookupContext): string {
  if (total === 0) return 'none'
  const shares = [...sums(by, ({ provider }) => provider)]
    .slice(0, 3)
    .map(([provider, n]) => `${nameOf(provider)} ${percent(n / total)}`)
  const ips = new Set(by.map(({ ip }) => ip).filter((ip) => ip !== '')).size
  return `${grouped(total)}: ${shares.join(', ')}${ips > 1 ? `; ${count(ips, 'IP')}` : ''}`
}

function sums(by: Usage['by'], key: (row: Usage['by'][number]) => string): Map<string, number> {
  const totals = new Map<string, number>()
  for (const row of by) totals.set(key(row), (totals.get(key(row)) ?? 0) + row.n)
  return new Map([...totals].sort(([, a], [, b]) => b - a))
}

/** Where it happened, by what the sources tell. */
function places({ week }: OwnTraffic, { nameOf }: LookupContext): NonNullable<Card['table']> {
  const rows = week.by.slice(0, ROWS)
  const sources = new Set(week.by.map(({ source }) => source))
  const columns = [
    { title: 'Provider', value: (row: Row) => nameOf(row.provider) },
    { title: 'IP', value: (row: Row) => row.ip },
    { title: 'Domain', value: (row: Row) => row.senderDomain },
    ...(sources.size > 1 ? [{ title: 'Source', value: (row: Row) => row.source }] : []),
    { title: '7 days', value: (row: Row) => grouped(row.n) },
  ].filter(({ value }) => rows.some((row) => value(row) !== ''))
  return { columns: columns.map(({ title }) => title), rows: rows.map((row) => columns.map(({ value }) => value(row))) }
}

type Row = Usage['by'][number]

const STEP_HOURS = 3
// The week begins and ends within a step.
const POINTS = (7 * 24) / STEP_HOURS + 1

function trend({ perHour }: Usage, now: Date): Chart {
  const step = STEP_HOURS * HOUR_MS
  const from = (Math.floor(now.getTime() / step) - POINTS + 1) * step
  const values = Array.from({ length: POINTS }, () => 0)
  for (const { at, n } of perHour) {
    const place = Math.floor((at.getTime() - from) / step)
    if (place >= 0 && place < POINTS) values[place]! += n
  }
  return {
    label: `Every ${STEP_HOURS} hours, last 7 days`,
    unit: 'count',
    points: values.map((value, i) => ({ at: new Date(from + i * step), value })),
  }
}

function linksOf(plan: Found): NonNullable<Card['links']> {
  const told = plan.kind === 'reply' && plan.verdict.link?.startsWith('https://') ? plan.verdict.link : null
  const links = [...(told ? [{ label: hostOf(told), url: told }] : []), ...plan.entry.links]
  return links.filter(({ url }, i) => links.findIndex((other) => other.url === url) === i)
}

const hostOf = (url: string) => url.replace(/^https:\/\//, '').split('/')[0]!

function footerOf(plan: Found): string {
  const also = plan.also.filter(({ kind }) => kind !== 'family' || plan.kind === 'reply' || plan.provider === null)
  const more = also.slice(0, ALSO).map((entry) => `/smtp ${askFor(entry)}`)
  return [
    ...(plan.kind === 'reply' ? [`Rule ${plan.verdict.rule}`] : []),
    ...(plan.kind === 'reply' && plan.others > 0 ? [`${count(plan.others, 'other answer')} in the same report`] : []),
    ...(plan.entry.standard ? [] : ['Not in any standard']),
    ...(more.length > 0 ? [`See also ${more.join(', ')}`] : []),
  ].join(' · ')
}

/** What to type to get this entry. */
const askFor = ({ kind, id, keys }: Entry) =>
  kind === 'family' ? (keys.find((key) => !/[%*]/.test(key)) ?? id) : id.split('/').at(-1)!

const clip = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text)
