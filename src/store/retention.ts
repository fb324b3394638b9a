import { sql } from 'kysely'
import type { Store } from '../ports/store.ts'
import type { Db } from './db.ts'
import { dropPartitions, ensureComingDays, ensureMonths } from './partitions.ts'

const ROLLED_UP = 'rolled-up'

export function createRetention(db: Db): Store['retention'] {
  async function rolledUpTo(): Promise<bigint> {
    const row = await db.selectFrom('state').select('value').where('key', '=', ROLLED_UP).executeTakeFirst()
    const text = row ? new TextDecoder().decode(row.value) : ''
    // What cannot be read is as good as not there: all is rolled up again, which changes nothing that is right.
    return /^\d{1,19}$/.test(text) ? BigInt(text) : 0n
  }

  return {
    rollUp: async (from) => {
      const since = await rolledUpTo()
      const changed = await sql<{ source_id: number; hour: Date; revision: string }>`
        select source_id, date_trunc('hour', minute, 'UTC') as hour, max(revision)::text as revision
        from changes where revision > ${since.toString()}::bigint and minute >= ${from} group by 1, 2`.execute(db)
      if (changed.rows.length === 0) return { hours: 0 }
      await ensureMonths(
        db,
        changed.rows.map((row) => row.hour),
      )
      const latest = changed.rows.reduce((max, row) => (BigInt(row.revision) > max ? BigInt(row.revision) : max), since)
      await db.transaction().execute(async (trx) => {
        const hours = sql`(select * from unnest(${changed.rows.map((row) => row.source_id)}::int[],
          ${changed.rows.map((row) => row.hour.toISOString())}::timestamptz[]) as h (source_id, hour))`
        await sql`
          delete from counters_hourly c using ${hours} as h
          where c.source_id = h.source_id and c.hour = h.hour`.execute(trx)
        await sql`
          insert into counters_hourly (source_id, hour, slice_id, outcome, reply_id, n)
          select c.source_id, c.hour, c.slice_id, c.outcome, c.reply_id, c.n
          from counter_hours c join ${hours} as h on c.source_id = h.source_id and c.hour = h.hour`.execute(trx)
        const value = new TextEncoder().encode(latest.toString())
        await trx
          .insertInto('state')
          .values({ key: ROLLED_UP, value })
          .onConflict((c) => c.column('key').doUpdateSet({ value }))
          .execute()
      })
      return { hours: changed.rows.length }
    },
    prepare: (now) => ensureComingDays(db, now),
    prune: async (before) => {
      await dropPartitions(db, 'counter_hours', before.minutes)
      await dropPartitions(db, 'counters_hourly', before.hours)
      await sql`delete from changes where minute < ${before.minutes}`.execute(db)
      await sql`delete from windows where to_at < ${before.minutes}`.execute(db)
      await dropPartitions(db, 'seen_events', before.seen)
      await sql`delete from malformed where at < ${before.seen}`.execute(db)
      await sql`delete from journal where updated_at < ${before.journal}`.execute(db)
    },
  }
}
