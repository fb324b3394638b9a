import type { AlertRule, RuleMinute } from '../alert-rules/rules.ts'
import { countMinute } from '../detect/counts.ts'
import type { SourceMinute } from '../detect/detector.ts'
import type { EspFacts } from '../ports/esp.ts'
import type { Changes, CountedMinute, SliceMinute, Store, StoredReply } from '../ports/store/index.ts'

/** A source's minute, for the detector and for the user's rules. */
export type News = SourceMinute & RuleMinute

export interface NewsOptions {
  store: Pick<Store, 'counters' | 'replies'>
  /** The sources that are configured. */
  facts: ReadonlyMap<string, EspFacts>
  /** The user's own. */
  rules: readonly AlertRule[]
}

/** What these minutes hold, one minute of all sources at a time, the oldest first. */
export async function* readNews(changed: Changes['minutes'], options: NewsOptions): AsyncGenerator<News[]> {
  const replies = createReplyReader(options.store)
  const readers = new Map(
    [...Map.groupBy(changed, ({ source }) => source)].map(([source, minutes]) => [
      source,
      options.store.counters
        .minutes(
          source,
          minutes.map(({ minute }) => minute),
        )
        [Symbol.asyncIterator](),
    ]),
  )
  const byMinute = [...Map.groupBy(changed, ({ minute }) => minute.getTime())].sort(([a], [b]) => a - b)
  try {
    for (const [, sources] of byMinute) {
      const news: News[] = []
      for (const { source } of sources) {
        const next = await readers.get(source)!.next()
        if (!next.done) news.push(await newsOf(source, next.value, replies, options))
      }
      yield news
    }
  } finally {
    for (const reader of readers.values()) await reader.return?.()
  }
}

async function newsOf(
  source: string,
  { minute, counted }: CountedMinute,
  repliesOf: ReturnType<typeof createReplyReader>,
  { facts, rules }: NewsOptions,
): Promise<News> {
  const replies = await repliesOf(counted)
  const counts = countMinute(counted, replies, () => facts.get(source)?.deliveries ?? true)
  return { minute, source, counts, results: resultsFor(rules, counted, replies) }
}

/** Replies are few and come again in every minute: each is asked for once. */
function createReplyReader({ replies }: Pick<Store, 'replies'>) {
  const known = new Map<number, StoredReply>()
  return async (counted: readonly SliceMinute[]): Promise<ReadonlyMap<number, StoredReply>> => {
    const missing = new Set<number>()
    for (const { replyId } of counted) if (replyId !== null && !known.has(replyId)) missing.add(replyId)
    if (missing.size > 0) for (const [id, reply] of await replies.byId([...missing])) known.set(id, reply)
    return known
  }
}

/** The rules ask about replies, which the detector does not need; without rules nothing is kept of them. */
function resultsFor(
  rules: readonly AlertRule[],
  counted: readonly SliceMinute[],
  replies: ReadonlyMap<number, StoredReply>,
): RuleMinute['results'] {
  if (rules.length === 0) return []
  return counted.map(({ slice, outcome, replyId, n }) => {
    const reply = replyId === null ? null : (replies.get(replyId) ?? null)
    return { slice, outcome, reply, n }
  })
}
