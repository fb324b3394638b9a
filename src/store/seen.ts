import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from './db.ts'
import { isTable } from './partitions.ts'

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNDEFINED_TABLE = '42P01'

/**
 * What stands for an event's id, which may quote an address: the first eight bytes of its SHA-256 as a signed number. Of a
 * billion events of a source that are kept at a time, one new one in eighteen billion is taken for one of them.
 */
export const seenDigest = (id: string): string => createHash('sha256').update(id).digest().readBigInt64BE().toString()

/**
 * Of these events of a source, those that are new; from now on they are not. To be called by the one that has locked
 * the source: the table is divided by the day of arrival, so that no key can hold an event that comes again another day.
 */
export async function recordNew(trx: Db, sourceId: number, digests: readonly string[], at: Date): Promise<Set<string>> {
  const { rows } = await sql<{ digest: string }>`
    insert into seen_events (source_id, digest, day)
    select ${sourceId}::int, d.digest, (${at}::timestamptz at time zone 'UTC')::date
    from unnest(${`{${digests.join()}}`}::bigint[]) as d (digest)
    where not exists (select 1 from seen_events s where s.source_id = ${sourceId} and s.digest = d.digest)
    returning digest::text`.execute(trx)
  return new Set(rows.map(({ digest }) => digest))
}

async function daysOf(db: Db): Promise<Date[]> {
  try {
    const { rows } = await sql<{ day: Date }>`
      select distinct date_trunc('day', at, 'UTC') as day from seen_whole`.execute(db)
    return rows.map(({ day }) => day)
  } catch (error) {
    // Another replica has done it in between.
    if ((error as { code?: unknown }).code === UNDEFINED_TABLE) return []
    throw error
  }
}

/** Takes over what version 0.1 had seen since then (migration 0003). Safe when several replicas do it at once. */
export async function convertSeen(db: Db, ensureDays: (days: Date[]) => Promise<void>): Promise<void> {
  if (!(await isTable(db, 'seen_whole'))) return
  await ensureDays(await daysOf(db))
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('bouncebell convert seen', 0))`.execute(trx)
    if (!(await isTable(trx, 'seen_whole'))) return
    await sql`
      insert into seen_events (source_id, digest, day)
      select source_id, ('x' || encode(substring(event_digest from 1 for 8), 'hex'))::bit(64)::bigint,
        (at at time zone 'UTC')::date
      from seen_whole
      on conflict do nothing`.execute(trx)
    await sql`drop table seen_whole`.execute(trx)
  })
}
