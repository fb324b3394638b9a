import { sql } from 'kysely'
import { storedText } from '../lib/stored-text.ts'
import type { Store, WindowRecord } from '../ports/store/index.ts'
import { redact } from '../smtp/redact.ts'
import type { Db } from './db.ts'
import type { SourceIds } from './sources.ts'

const PROBLEM_BYTES = 2000

export function createWindows(db: Db, sources: SourceIds): Store['windows'] {
  return {
    list: async (source, since) => {
      const rows = await db
        .selectFrom('windows')
        .selectAll()
        .where('source_id', '=', await sources.id(source))
        .where('to_at', '>', since)
        .orderBy('from_at')
        .execute()
      return rows.map(
        (row): WindowRecord => ({
          from: row.from_at,
          to: row.to_at,
          reads: row.reads,
          nextReadAt: row.next_read_at,
          state: row.state,
          problem: row.problem,
          items: row.items,
        }),
      )
    },
    confirm: async (source, windows) => {
      const sourceId = await sources.id(source)
      await sql`
        update windows w set reads = w.reads + 1, next_read_at = t.next_read_at
        from unnest(${windows.map(({ from }) => from.toISOString())}::timestamptz[],
          ${windows.map(({ to }) => to.toISOString())}::timestamptz[],
          ${windows.map(({ nextReadAt }) => nextReadAt?.toISOString() ?? null)}::timestamptz[])
          as t (from_at, to_at, next_read_at)
        where w.source_id = ${sourceId} and w.from_at = t.from_at and w.to_at = t.to_at and w.state = 'read'`.execute(
        db,
      )
    },
    release: async (source, window) => {
      await db
        .deleteFrom('windows')
        .where('source_id', '=', await sources.id(source))
        .where('from_at', '>=', window.from)
        .where('to_at', '<=', window.to)
        .execute()
    },
    forget: async (source, beyond) => {
      const sourceId = await sources.id(source)
      const { numDeletedRows } = await db
        .deleteFrom('windows')
        .where('source_id', '=', sourceId)
        .where('to_at', '>', beyond)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
    fail: async (source, window, problem, nextReadAt) => {
      const sourceId = await sources.id(source)
      await db.transaction().execute(async (trx) => {
        // What was read of it before is due again with the whole, not on its own.
        await trx
          .deleteFrom('windows')
          .where('source_id', '=', sourceId)
          .where('from_at', '>=', window.from)
          .where('to_at', '<=', window.to)
          .execute()
        await trx
          .insertInto('windows')
          .values({
            source_id: sourceId,
            from_at: window.from,
            to_at: window.to,
            state: 'failed',
            // It may quote what came from outside.
            problem: storedText(redact(problem), PROBLEM_BYTES),
            next_read_at: nextReadAt,
          })
          .execute()
      })
    },
  }
}
