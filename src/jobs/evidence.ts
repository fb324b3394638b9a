import { signalOfReply } from '../detect/counts.ts'
import { patternKey } from '../incident/fingerprint.ts'
import type { DeliveryIncident, IncidentEvidence } from '../incident/incident.ts'
import type { SliceMinute, Store, StoredReply } from '../ports/store.ts'

const MINUTE = 60_000
const POINTS = 48
/** The chart shows what was usual before, and never less than this. */
const LEAD_MS = 60 * MINUTE
const LEAST_SPAN_MS = 4 * 60 * MINUTE
/** Further back is read for no card. */
const MOST_SPAN_MS = 24 * 60 * MINUTE

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
  const sources = [...new Set(incident.slices.map(({ source }) => source))]
  const window = { from: new Date(end - span), to: new Date(end) }
  const rows = (await Promise.all(sources.map((source) => store.counters.read(window, source)))).flat()
  const covered = new Set(incident.slices.map(patternKey))
  const affected = rows.filter(({ slice }) => covered.has(patternKey(slice)))
  const replies = await store.replies.byId(distinct(affected.flatMap(({ replyId }) => replyId ?? [])))
  const top = topReplies(incident, affected, replies)
  const providers = distinct(incident.slices.map(({ provider }) => provider))
  return {
    replies: top.map(({ reply, n }) => ({ ...shownOf(reply), n })),
    series: series(incident, affected, replies, window.from),
    unit: incident.reading.rate === null ? 'count' : 'percent',
    names: Object.fromEntries(providers.map((provider) => [provider, nameOf(provider)])),
    links: distinctBy(
      top.flatMap(({ reply }) => linksOf(reply)),
      ({ url }) => url,
    ).slice(0, 3),
    notes: sources.flatMap((source) => limitsOf(source)),
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
function topReplies(
  { signal, since }: DeliveryIncident,
  rows: readonly SliceMinute[],
  replies: ReadonlyMap<number, StoredReply>,
): { reply: StoredReply; n: number }[] {
  const counts = new Map<number, number>()
  for (const { minute, replyId, n } of rows) {
    if (replyId !== null && minute >= since) counts.set(replyId, (counts.get(replyId) ?? 0) + n)
  }
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
  rows: readonly SliceMinute[],
  replies: ReadonlyMap<number, StoredReply>,
  from: Date,
): IncidentEvidence['series'] {
  const step = Math.ceil((reading.at.getTime() + MINUTE - from.getTime()) / POINTS / MINUTE) * MINUTE
  const hasSignal = (id: number | null) => {
    const reply = id === null ? undefined : replies.get(id)
    return reply !== undefined && signalOfReply(reply) === signal
  }
  const buckets = Array.from({ length: POINTS }, () => ({ attempts: 0, failures: 0 }))
  for (const { minute, outcome, replyId, n } of rows) {
    const bucket = buckets[Math.floor((minute.getTime() - from.getTime()) / step)]
    if (!bucket || outcome === 'dropped' || outcome === 'complained') continue
    bucket.attempts += n
    if (outcome !== 'delivered' && hasSignal(replyId)) bucket.failures += n
  }
  return buckets.flatMap(({ attempts, failures }, i) => {
    const at = new Date(from.getTime() + i * step)
    if (at > reading.at) return []
    if (reading.rate === null) return [{ at, value: failures }]
    // No mail, no rate: a gap in the line rather than a zero that nobody measured.
    return attempts === 0 ? [] : [{ at, value: Math.round((failures / attempts) * 1000) / 10 }]
  })
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)]

const distinctBy = <T>(values: readonly T[], key: (value: T) => string): T[] =>
  [...new Map(values.toReversed().map((value) => [key(value), value])).values()].toReversed()
