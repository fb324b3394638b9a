import { sql } from 'kysely'
import type { SourceHealth, Store } from '../ports/store.ts'
import type { Db } from './db.ts'

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
    ok: async (source, type, at, lastEventAt) => {
      await db
        .updateTable('sources')
        .set({
          type,
          last_ok_at: at,
          last_event_at: sql`greatest(last_event_at, ${lastEventAt}::timestamptz)`,
          failing_since: null,
          paused_until: null,
          problem: null,
          remedy: null,
        })
        .where('id', '=', await sources.id(source))
        .execute()
    },
    failed: async (source, type, at, { problem, remedy, pausedUntil }) => {
      await db
        .updateTable('sources')
        .set({
          type,
          failing_since: sql`coalesce(failing_since, ${at}::timestamptz)`,
          problem,
          remedy,
          paused_until: pausedUntil,
        })
        .where('id', '=', await sources.id(source))
        .execute()
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
