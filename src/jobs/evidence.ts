import { isAttempt, signalOfReply } from '../detect/counts.ts'
import type { DeliveryIncident, IncidentEvidence } from '../incident/incident.ts'
import type { Store, StoredReply } from '../ports/store/index.ts'

const MINUTE = 60_000
const POINTS = 48
/** The chart shows what was usual before, and never less than this. */
const LEAD_MS = 60 * MINUTE
const LEAST_SPAN_MS = 4 * 60 * MINUTE
/** Further back is read for no card. */
const MOST_SPAN_MS = 24 * 60 * MINUTE
/** More slices than these are meant by the place that holds them. */
const MOST_LISTED = 500

type Sums = Awaited<ReturnType<Store['counters']['sums']>>

export interface EvidenceOptions {
  store: Pick<Store, 'counters' | 'replies'>
  nameOf(provider: string): string
  /** Where to ask for delisting, or read on. */
  linksOf(reply: StoredReply): { label: string; url: string }[]
  /** What a source cannot tell, in sentences. */
  limitsOf(source: string): string[]
}

/** Reads from the counters what the card of an incident shows beside its figures. */
export async function gatherEvidence(incident: DeliveryIncident, options: EvidenceOptions): Promise<IncidentEvidence> {
  const { store, nameOf, linksOf, limitsOf } = options
  const end = incident.reading.at.getTime() + MINUTE
  const span = Math.min(Math.max(end - incident.since.getTime() + LEAD_MS, LEAST_SPAN_MS), MOST_SPAN_MS)
  const step = Math.ceil(span / POINTS / MINUTE)
  const from = new Date(end - POINTS * step * MINUTE)
  const steps = Array.from({ length: POINTS }, (_, i) => new Date(from.getTime() + i * step * MINUTE))
  const where = incident.slices.length > MOST_LISTED ? incident.where : incident.slices
  const trouble = { from: incident.since > from ? incident.since : from, to: new Date(end) }
  const [sums, soFar] = await Promise.all([
    store.counters.sums({ from, to: trouble.to }, where, step),
    store.counters.sums(trouble, where, POINTS * step),
  ])
  const replies = await store.replies.byId(distinct(sums.flatMap(({ replyId }) => replyId ?? [])))
  const top = topReplies(incident, soFar, replies)
  const sources = distinct(incident.slices.map(({ source }) => source))
  const providers = distinct(incident.slices.map(({ provider }) => provider))
  return {
    replies: top.map(({ reply, n }) => ({ ...shownOf(reply), n })),
    series: series(incident, sums, replies, steps),
    unit: incident.reading.rate === null ? 'count' : 'percent',
    names: Object.fromEntries(providers.map((provider) => [provider, nameOf(provider)])),
    links: distinctBy(
      top.flatMap(({ reply }) => linksOf(reply)),
      ({ url }) => url,
    ).slice(0, 3),
    notes: sources.flatMap((source) => limitsOf(source).map((limit) => `${source} ${limit}`)),
  }
}

const shownOf = ({ code, enhanced, template, provider, cause, rule }: StoredReply) => ({
  code,
  enhanced,
  template,
  provider,
  cause,
  rule,
})

/** What the servers said since the trouble began, in the words of its signal. */
function topReplies({ signal }: DeliveryIncident, sums: Sums, replies: ReadonlyMap<number, StoredReply>) {
  const counts = new Map<number, number>()
  for (const { replyId, n } of sums) if (replyId !== null) counts.set(replyId, (counts.get(replyId) ?? 0) + n)
  return [...counts]
    .flatMap(([id, n]) => {
      const reply = replies.get(id)
      return reply && signalOfReply(reply) === signal ? [{ reply, n }] : []
    })
    .sort((a, b) => b.n - a.n || (a.reply.template < b.reply.template ? -1 : 1))
    .slice(0, 3)
}

function series(
  { signal, reading }: DeliveryIncident,
  sums: Sums,
  replies: ReadonlyMap<number, StoredReply>,
  steps: readonly Date[],
): IncidentEvidence['series'] {
  const isFailure = (id: number | null) => {
    const reply = id === null ? undefined : replies.get(id)
    return reply !== undefined && signalOfReply(reply) === signal
  }
  const attempts = sums.filter(({ outcome }) => isAttempt(outcome))
  const byStep = Map.groupBy(attempts, ({ at }) => at.getTime())
  return steps.flatMap((at) => {
    const rows = byStep.get(at.getTime()) ?? []
    const failed = total(rows.filter(({ outcome, replyId }) => outcome !== 'delivered' && isFailure(replyId)))
    if (reading.rate === null) return [{ at, value: failed }]
    // No mail, no rate: a gap in the line rather than a zero that nobody measured.
    return rows.length === 0 ? [] : [{ at, value: Math.round((failed / total(rows)) * 1000) / 10 }]
  })
}

const total = (rows: Sums) => rows.reduce((sum, { n }) => sum + n, 0)

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)]

const distinctBy = <T>(values: readonly T[], key: (value: T) => string): T[] =>
  [...new Map(values.toReversed().map((value) => [key(value), value])).values()].toReversed()
