import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Db } from '../../../src/store/db.ts'

/** In bytes: tables with their indexes. */
export interface Disk {
  counters: number
  counterIndexes: number
  hourly: number
  all: number
}

export async function diskOf(db: Db): Promise<Disk> {
  const { rows } = await sql<{ [Name in keyof Disk]: number }>`
    select
      coalesce(sum(pg_total_relation_size(c.oid)) filter (where c.relname ~ '^counter_hours'), 0)::float8 as counters,
      coalesce(sum(pg_indexes_size(c.oid)) filter (where c.relname ~ '^counter_hours'), 0)::float8 as "counterIndexes",
      coalesce(sum(pg_total_relation_size(c.oid)) filter (where c.relname ~ '^(counters_hourly|place_days|reply_days|rolled_hours)'), 0)::float8 as hourly,
      coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as "all"
    from pg_class c where c.relkind = 'r'`.execute(db)
  return rows[0]!
}

export async function directorySize(directory: string): Promise<number> {
  let size = 0
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) size += (await stat(join(entry.parentPath, entry.name))).size
  return size
}
