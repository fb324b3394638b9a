import { sql } from 'kysely'
import type { Db } from './db.ts'

const DAY_MS = 86_400_000
const stamp = (at: Date) => at.toISOString().slice(0, 10)

interface Partition {
  name: string
  parent: string
  from: Date
  to: Date
}

function dayOf(at: Date): Partition {
  const from = new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS)
  const to = new Date(from.getTime() + DAY_MS)
  return { name: `counters_${stamp(from).replaceAll('-', '')}`, parent: 'counters', from, to }
}

function monthOf(at: Date): Partition {
  const from = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1))
  const to = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1))
  return { name: `counters_hourly_${stamp(from).slice(0, 7).replace('-', '')}`, parent: 'counters_hourly', from, to }
}

/** Makes the day partitions of `counters` that these minutes need. To be called before the transaction that writes. */
export function ensureDays(db: Db, minutes: Iterable<Date>): Promise<void> {
  return ensure(db, minutes, dayOf)
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

async function create(db: Db, { name, parent, from, to }: Partition): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // "if not exists" alone is not safe when two replicas create the same table at the same time.
    await sql`select pg_advisory_xact_lock(hashtextextended('bouncebell partitions', 0))`.execute(trx)
    await sql`create table if not exists ${sql.table(name)} partition of ${sql.table(parent)}
      for values from (${sql.lit(from.toISOString())}) to (${sql.lit(to.toISOString())})`.execute(trx)
  })
}

/** Drops the partitions that end at or before `before`, and says how many. */
export async function dropPartitions(db: Db, parent: 'counters' | 'counters_hourly', before: Date): Promise<number> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ${parent}::regclass`.execute(db)
  const limit = parent === 'counters' ? dayOf(before).name : monthOf(before).name
  // Names sort as their periods do.
  const old = rows.map((row) => row.name).filter((name) => name < limit)
  for (const name of old) await sql`drop table if exists ${sql.table(name)}`.execute(db)
  return old.length
}
