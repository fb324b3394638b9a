import { sql } from 'kysely'
import { storedText } from '../lib/stored-text.ts'
import type { SourceHealth, Store } from '../ports/store/index.ts'
import { redact } from '../smtp/redact.ts'
import type { Db } from './db.ts'

const SENTENCE_BYTES = 2000

/** A source's number by its name. Made at the first mention; never changes, so it is remembered. */
export interface SourceIds {
  id(name: string): Promise<number>
  names(): Promise<Map<number, string>>
}

export function createSourceIds(db: Db): SourceIds {
  const ids = new Map<string, number>()

  async function load(): Promise<void> {
    for (const row of await db.selectFrom('sources').select(['id', 'name']).execute()) ids.set(row.name, row.id)
  }

  return {
    id: async (name) => {
      const known = ids.get(name)
      if (known !== undefined) return known
      await db
        .insertInto('sources')
        .values({ name })
        .onConflict((c) => c.column('name').doNothing())
        .execute()
      await load()
      return ids.get(name)!
    },
    names: async () => {
      await load()
      return new Map([...ids].map(([name, id]) => [id, name]))
    },
  }
}

export function createSources(db: Db, sources: SourceIds): Store['sources'] {
  return {
    ok: async (source, type, at, lastEventAt, trouble = null) => {
      await db
        .updateTable('sources')
        .set({
          type,
          last_ok_at: at,
          // Never ahead of now: until then nobody would notice that it is silent.
          last_event_at: sql`greatest(
            case when last_event_at <= ${at}::timestamptz then last_event_at end,
            case when ${lastEventAt}::timestamptz <= ${at}::timestamptz then ${lastEventAt}::timestamptz
              when ${lastEventAt}::timestamptz > ${at}::timestamptz then ${at}::timestamptz end)`,
          failing_since: trouble && sql`coalesce(failing_since, ${at}::timestamptz)`,
          paused_until: null,
          problem: trouble && storedText(trouble.problem, SENTENCE_BYTES),
          remedy: trouble && storedText(trouble.remedy, SENTENCE_BYTES),
        })
        .where('id', '=', await sources.id(source))
        .execute()
    },
    failed: async (source, type, at, { problem, remedy, pausedUntil, unlessOkSince }) => {
      const failing = db
        .updateTable('sources')
        .set({
          type,
          failing_since: sql`coalesce(failing_since, ${at}::timestamptz)`,
          // They may quote what came from outside.
          problem: storedText(redact(problem), SENTENCE_BYTES),
          remedy: storedText(redact(remedy), SENTENCE_BYTES),
          paused_until: pausedUntil,
        })
        .where('id', '=', await sources.id(source))
      const isUnread = sql<boolean>`(last_ok_at is null or last_ok_at < ${unlessOkSince})`
      await (unlessOkSince ? failing.where(isUnread) : failing).execute()
    },
    health: async () => {
      const rows = await db.selectFrom('sources').selectAll().orderBy('name').execute()
      return rows.map(
        (row): SourceHealth => ({
          source: row.name,
          type: row.type,
          lastOkAt: row.last_ok_at,
          lastEventAt: row.last_event_at,
          failingSince: row.failing_since,
          pausedUntil: row.paused_until,
          problem: row.problem,
          remedy: row.remedy,
          malformed: row.malformed,
        }),
      )
    },
  }
}
