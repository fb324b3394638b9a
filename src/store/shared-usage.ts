import { sql } from 'kysely'
import type { Usage } from '../lookup/usage.ts'
import type { ReplyFilter, Store } from '../ports/store/index.ts'
import type { Db } from './db.ts'
import { RULES_HASH } from './rules-hash.ts'
import { type Span, spanOf } from './usage-span.ts'

/** Answers that are kept; each has a few hundred numbers at most. */
const MOST_KEPT = 200

type Count = (filter: ReplyFilter, span: Span) => Promise<Usage>

/**
 * Equal questions that are asked at once are answered once, and an answer is kept until any counter changes: what one
 * person asks in an alert's thread, others ask too.
 */
export function sharing(db: Db, count: Count): Store['replies']['usage'] {
  const kept = new Map<string, { revision: string; usage: Usage }>()
  const asked = new Map<string, Promise<Usage>>()

  async function answer(key: string, filter: ReplyFilter, span: Span): Promise<Usage> {
    // Whatever an answer is made of: the counters, and how their replies are labelled.
    const { rows } = await sql<{ revision: string }>`
      select concat((select max(revision) from changes), ' ',
        (select md5(value) from state where key = ${RULES_HASH})) as revision`.execute(db)
    const { revision } = rows[0]!
    const known = kept.get(key)
    if (known?.revision === revision) return known.usage
    const usage = await count(filter, span)
    kept.delete(key)
    kept.set(key, { revision, usage })
    const [oldest] = kept.keys()
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
    return usage
  }

  return (filter, since, until) => {
    const span = spanOf(since, until)
    const key = JSON.stringify([Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1)), span.from, span.to])
    const running = asked.get(key)
    if (running) return running
    const answering = answer(key, filter, span).finally(() => asked.delete(key))
    asked.set(key, answering)
    return answering
  }
}
