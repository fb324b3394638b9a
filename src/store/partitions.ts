import { type Kysely, sql } from 'kysely'
import { DAY_MS } from '../time/units.ts'
import type { Db } from './db.ts'
import type { Tables } from './schema.ts'

/** Made before they are needed, so that no writer has to. */
const DAYS_AHEAD = 2
/** Nobody waits longer than this for a table to be attached or detached; the next try is soon. */
const LOCK_TIMEOUT = '2s'
const stamp = (at: Date) => at.toISOString().slice(0, 10)

type DailyParent = 'counter_hours' | 'seen_events'
type Parent = DailyParent | 'counters_hourly'

/** A row of the present hour is written every minute: with room on its page, its index entries stay as they are. */
const FILL = { counter_hours: 80, seen_events: 100, counters_hourly: 100 } as const

interface Partition {
  name: string
  parent: Parent
  from: Date
  to: Date
}

function dayOf(parent: DailyParent, at: Date): Partition {
  const from = new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS)
  const to = new Date(from.getTime() + DAY_MS)
  return { name: `${parent}_${stamp(from).replaceAll('-', '')}`, parent, from, to }
}

function monthOf(at: Date): Partition {
  const from = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1))
  const to = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1))
  return { name: `counters_hourly_${stamp(from).slice(0, 7).replace('-', '')}`, parent: 'counters_hourly', from, to }
}

/** Makes the day partitions that these times need. To be called before the transaction that writes. */
export function ensureDays(db: Db, parent: DailyParent, times: Iterable<Date>): Promise<void> {
  return ensure(db, times, (at) => dayOf(parent, at))
}

/** The day partitions of the next days. */
export async function ensureComingDays(db: Db, now: Date): Promise<void> {
  const days = Array.from({ length: DAYS_AHEAD + 1 }, (_, i) => new Date(now.getTime() + i * DAY_MS))
  await ensureDays(db, 'counter_hours', days)
  await ensureDays(db, 'seen_events', days)
}

/** The same for the month partitions of `counters_hourly`. */
export function ensureMonths(db: Db, hours: Iterable<Date>): Promise<void> {
  return ensure(db, hours, monthOf)
}

async function ensure(db: Db, times: Iterable<Date>, partitionOf: (at: Date) => Partition): Promise<void> {
  const wanted = new Map<string, Partition>()
  for (const at of times) {
    const partition = partitionOf(at)
    wanted.set(partition.name, partition)
  }
  if (wanted.size === 0) return
  const { rows } = await sql<{ name: string }>`
    select name from unnest(${[...wanted.keys()]}::text[]) as name where to_regclass(name) is null`.execute(db)
  for (const { name } of rows) await create(db, wanted.get(name)!)
}

/**
 * Made by itself and then attached, which holds up neither readers nor writers of the parent; "partition of" would wait
 * for every running reader, and everybody else behind it.
 */
async function create(db: Db, { name, parent, from, to }: Partition): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // "if not exists" alone is not safe when two replicas create the same table at the same time.
    await sql`select pg_advisory_xact_lock(hashtextextended('bouncebell partitions', 0))`.execute(trx)
    if (await isTable(trx, name)) return
    await sql`create table ${sql.table(name)} (like ${sql.table(parent)} including all)
      with (fillfactor = ${sql.lit(FILL[parent])})`.execute(trx)
    await sql`alter table ${sql.table(parent)} attach partition ${sql.table(name)}
      for values from (${sql.lit(from.toISOString())}) to (${sql.lit(to.toISOString())})`.execute(trx)
  })
}

/** Read from the catalog: to_regclass may still answer what was true before another replica's transaction ended. */
export async function isTable(db: Db, name: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from pg_class where relname = ${name} and relnamespace = current_schema()::regnamespace`.execute(db)
  return rows.length > 0
}

/** Drops the partitions that end at or before `before`, and says how many. */
export async function dropPartitions(db: Db, parent: Parent, before: Date): Promise<number> {
  const { rows } = await sql<{ name: string; detached: boolean }>`
    select c.relname as name, i.inhrelid is null as detached
    from pg_class c left join pg_inherits i on i.inhrelid = c.oid and not i.inhdetachpending
    where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
      and c.relname ~ ${`^${parent}_[0-9]+$`}`.execute(db)
  const limit = (parent === 'counters_hourly' ? monthOf(before) : dayOf(parent, before)).name
  // Names sort as their periods do.
  const old = rows.filter(({ name }) => name < limit)
  for (const { name, detached } of old) await drop(db, parent, name, detached)
  return old.length
}

/** Detached without holding up readers or writers, then dropped; what a crash left between the two is finished by the next call. */
async function drop(db: Db, parent: Parent, name: string, detached: boolean): Promise<void> {
  await db.connection().execute(async (connection) => {
    await sql`select set_config('lock_timeout', ${LOCK_TIMEOUT}, false)`.execute(connection)
    try {
      if (!detached) await detach(connection, parent, name)
      await sql`drop table if exists ${sql.table(name)}`.execute(connection)
    } finally {
      await sql`select set_config('lock_timeout', '0', false)`.execute(connection)
    }
  })
}

async function detach(db: Kysely<Tables>, parent: Parent, name: string): Promise<void> {
  const { rows } = await sql`
    select 1 from pg_inherits where inhrelid = ${name}::regclass and inhdetachpending`.execute(db)
  const how = rows.length > 0 ? sql`finalize` : sql`concurrently`
  await sql`alter table ${sql.table(parent)} detach partition ${sql.table(name)} ${how}`.execute(db)
}
