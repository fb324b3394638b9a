import { type RawBuilder, sql } from 'kysely'
import type { Store } from '../ports/store/index.ts'
import { HOUR_MS } from '../time/units.ts'
import type { Db } from './db.ts'
import { ensureMonths } from './partitions.ts'

const HOURS_A_DAY = 24
/** Under this key: up to where every change is in the totals. */
const SETTLED = 'rolled-hours'
/** Hours that one call adds, each in a transaction of its own. */
const MOST_HOURS = 48

/** An hour of a source whose latest change is not in the totals; `rolled`: an earlier state of it is. */
export interface DirtyHour {
  source: number
  hour: Date
  revision: string
  rolled: boolean
}

export const dayOf = (hour: Date) => Math.floor(hour.getTime() / (HOURS_A_DAY * HOUR_MS))

/** Every change up to `revision` in the hours before `hour` is in the totals. */
interface Settled {
  revision: string
  hour: Date
}

/** Changes that may not be in the totals yet: those since, and those of hours that were not over then. */
const changesSince = (settled: Settled, from: Date, to: Date) => sql`(
  select source_id, minute, revision from changes
  where revision > ${settled.revision}::bigint and minute >= ${from} and minute < ${to}
  union all
  select source_id, minute, revision from changes
  where source_id = any(array(select id from sources)) and minute >= ${settled.hour > from ? settled.hour : from} and minute < ${to})`

/** The hours from `from` to `to` with changes that are not in the totals, the newest first. */
export async function dirtyHours(db: Db, from: Date, to: Date): Promise<DirtyHour[]> {
  const { rows } = await sql<DirtyHour>`
    select c.source_id as source, c.hour, c.revision::text as revision, r.revision is not null as rolled
    from (
      select source_id, date_bin('1 hour', minute, 'epoch') as hour, max(revision) as revision
      from ${changesSince(await loadSettled(db), from, to)} as c group by 1, 2) c
    left join rolled_hours r on r.source_id = c.source_id and r.hour = c.hour
    where r.revision is null or r.revision < c.revision
    order by c.hour desc, c.source_id`.execute(db)
  return rows
}

async function loadSettled(db: Db): Promise<Settled> {
  const row = await db.selectFrom('state').select('value').where('key', '=', SETTLED).executeTakeFirst()
  const [, revision, hour] = /^(\d{1,18}) (\d{1,9})$/.exec(row ? new TextDecoder().decode(row.value) : '') ?? []
  // Where it cannot be read, everything is looked at once more.
  return { revision: revision ?? '0', hour: new Date(Number(hour ?? 0) * HOUR_MS) }
}

/** Notes up to where nothing is to be looked at again: the last change before the oldest that is not in the totals. */
async function settle(db: Db, from: Date, before: Date): Promise<void> {
  const { rows } = await sql<{ revision: string }>`
    select coalesce(
      (select min(c.revision) - 1 from ${changesSince(await loadSettled(db), from, before)} as c
        left join rolled_hours r on r.source_id = c.source_id and r.hour = date_bin('1 hour', c.minute, 'epoch')
        where r.revision is null or r.revision < c.revision),
      (select max(revision) from changes), 0)::text as revision`.execute(db)
  const value = new TextEncoder().encode(`${rows[0]!.revision} ${before.getTime() / HOUR_MS}`)
  await db
    .insertInto('state')
    .values({ key: SETTLED, value })
    .onConflict((c) => c.column('key').doUpdateSet({ value }))
    .execute()
}

/**
 * What the hour's counters have become more or less since they were last added. Its three uses see the same, since they
 * are in one transaction that reads one snapshot.
 */
function deltaOf({ source, hour, rolled }: DirtyHour): RawBuilder<unknown> {
  const now = sql`select slice_id, outcome, reply_id, n from counter_hours where source_id = ${source} and hour = ${hour}`
  if (!rolled) return sql`(${now})`
  return sql`(
    select slice_id, outcome, reply_id, coalesce(c.n, 0) - coalesce(o.n, 0) as n
    from (${now}) c full join (
      select slice_id, outcome, reply_id, n from counters_hourly where source_id = ${source} and hour = ${hour}) o
      using (slice_id, outcome, reply_id)
    where coalesce(c.n, 0) <> coalesce(o.n, 0))`
}

async function rollHour(db: Db, dirty: DirtyHour): Promise<void> {
  const { source, hour, revision } = dirty
  const [day, place] = [dayOf(hour), hour.getUTCHours() + 1]
  const delta = deltaOf(dirty)
  // Sorted as the keys are, which keeps the index small.
  await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      await sql`
        insert into place_days as t (source_id, day, reply_id, slice_id, n, outcome)
        select ${source}::int, ${day}::int, d.reply_id, d.slice_id, d.n, d.outcome from ${delta} as d
        order by d.reply_id, d.outcome, d.slice_id
        on conflict (reply_id, day, outcome, source_id, slice_id) do update set n = t.n + excluded.n`.execute(trx)
      await sql`
        insert into reply_days as t (source_id, day, reply_id, outcome, provider, hours)
        select ${source}::int, ${day}::int, d.reply_id, d.outcome, s.provider,
          array_fill(0, array[${place - 1}::int]) || sum(d.n)::int || array_fill(0, array[${HOURS_A_DAY - place}::int])
        from ${delta} as d join slices s on s.source_id = ${source} and s.id = d.slice_id
        group by d.reply_id, d.outcome, s.provider
        on conflict (reply_id, day, outcome, source_id, provider) do update
        set hours[${sql.lit(place)}] = t.hours[${sql.lit(place)}] + excluded.hours[${sql.lit(place)}]`.execute(trx)
      await copyHour(trx, dirty)
      await sql`
        insert into rolled_hours (source_id, hour, revision) values (${source}, ${hour}, ${revision}::bigint)
        on conflict (source_id, hour) do update set revision = excluded.revision`.execute(trx)
    })
}

/** Makes the hour's rows of counters_hourly those of counter_hours. */
async function copyHour(trx: Db, { source, hour }: DirtyHour): Promise<void> {
  await sql`
    delete from counters_hourly o where o.source_id = ${source} and o.hour = ${hour} and not exists (
      select from counter_hours c where c.source_id = o.source_id and c.hour = o.hour and c.slice_id = o.slice_id
        and c.outcome = o.outcome and c.reply_id = o.reply_id)`.execute(trx)
  await sql`
    insert into counters_hourly as t (source_id, hour, slice_id, outcome, reply_id, n)
    select source_id, hour, slice_id, outcome, reply_id, n from counter_hours
    where source_id = ${source} and hour = ${hour}
    on conflict (source_id, hour, slice_id, outcome, reply_id) do update set n = excluded.n
    where t.n <> excluded.n`.execute(trx)
}

/** To be called under a lease: two that add the same hour at once would have to be tried again. */
export function createRollUp(db: Db): Store['retention']['rollUp'] {
  return async (from, now) => {
    const before = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS)
    // Below the first whole hour some minutes may be gone.
    const first = new Date(Math.ceil(from.getTime() / HOUR_MS) * HOUR_MS)
    const dirty = await dirtyHours(db, first, before)
    const taken = dirty.slice(0, MOST_HOURS)
    await ensureMonths(
      db,
      taken.map(({ hour }) => hour),
    )
    for (const hour of taken) await rollHour(db, hour)
    if (taken.length > 0 || dirty.length === 0) await settle(db, first, before)
    return { hours: taken.length, left: dirty.length - taken.length }
  }
}
