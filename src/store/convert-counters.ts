import { sql } from 'kysely'
import type { Db } from './db.ts'
import { ensureDays, isTable } from './partitions.ts'

export interface Conversion {
  day: Date
  done: number
  days: number
}

// As packed-minutes.ts: a byte for the minute and one for the count, or 255 and four.
const PACKED = sql`string_agg(
  substring(int2send(extract(minute from c.minute)::int2) from 2)
    || case when c.n < 255 then substring(int2send(c.n::int2) from 2) else '\\xff'::bytea || int4send(c.n) end,
  ''::bytea order by c.minute)`

/**
 * Turns what version 0.1 stored, a row per minute, into hours (migration 0002): a day at a time, each in a transaction
 * that ends by dropping the day, so that it may be killed and goes on where it was. Safe when several replicas do it at once.
 */
export async function convertCounters(db: Db, onDay: (conversion: Conversion) => void): Promise<void> {
  if (!(await isTable(db, 'counters_by_minute'))) return
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = to_regclass('counters_by_minute') order by 1`.execute(db)
  for (const [done, { name }] of rows.entries()) {
    const day = dayOf(name)
    onDay({ day, done, days: rows.length })
    await ensureDays(db, 'counter_hours', [day])
    await convertDay(db, name)
  }
  await sql`drop table if exists counters_by_minute`.execute(db)
}

/** counters_20261130 */
function dayOf(partition: string): Date {
  const [, year, month, day] = /(\d{4})(\d\d)(\d\d)$/.exec(partition)!
  return new Date(`${year}-${month}-${day}T00:00:00Z`)
}

async function convertDay(db: Db, partition: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // Another replica may have done it while this one waited.
    await sql`select pg_advisory_xact_lock(hashtextextended('bouncebell convert counters', 0))`.execute(trx)
    if (!(await isTable(trx, partition))) return
    await sql`
      insert into counter_hours (source_id, hour, slice_id, outcome, reply_id, n, minutes)
      select c.source_id, date_trunc('hour', c.minute, 'UTC'), c.slice_id, c.outcome, c.reply_id, sum(c.n), ${PACKED}
      from ${sql.table(partition)} c group by 1, 2, 3, 4, 5`.execute(trx)
    await sql`drop table ${sql.table(partition)}`.execute(trx)
  })
}
