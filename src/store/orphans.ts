import { type RawBuilder, sql } from 'kysely'
import type { Db } from './db.ts'

/** Rows that one statement deletes: nobody waits for long behind it. */
const PIECE = 1000

/**
 * Deletes slices and replies that no counter points at: those last used in a month whose roll-ups are dropped. A writer
 * that wants one at the same time either keeps it, since it notes the day first, or finds it gone and makes another.
 */
export async function pruneOrphans(db: Db, hours: Date): Promise<{ slices: number; replies: number }> {
  const month = new Date(Date.UTC(hours.getUTCFullYear(), hours.getUTCMonth(), 1))
  const isUnused = sql`used_on < (${month}::timestamptz at time zone 'UTC')::date`
  // What a writer has locked is in use.
  const slices = await inPieces(
    db,
    sql`delete from slices where (source_id, id) in (
      select source_id, id from slices where ${isUnused} limit ${PIECE} for update skip locked)`,
  )
  const replies = await inPieces(
    db,
    sql`
      with gone as (
        delete from replies where id in (select id from replies where ${isUnused} limit ${PIECE} for update skip locked) returning id),
      unseen as (delete from reply_seen where reply_id in (select id from gone))
      select count(*)::int as deleted from gone`,
  )
  return { slices, replies }
}

async function inPieces(db: Db, statement: RawBuilder<unknown>): Promise<number> {
  let all = 0
  for (;;) {
    const { rows, numAffectedRows } = await statement.execute(db)
    const deleted = (rows[0] as { deleted: number } | undefined)?.deleted ?? Number(numAffectedRows ?? 0)
    all += deleted
    if (deleted < PIECE) return all
  }
}
