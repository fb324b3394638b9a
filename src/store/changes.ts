import { sql } from 'kysely'
import type { Changes } from '../ports/store/index.ts'
import type { Db } from './db.ts'

const MINUTE_MS = 60_000

/**
 * The minutes that changed after a revision, in order. A day of a source comes as one text: weeks of minutes as rows would take
 * ten times as long, and hold up everything else on the embedded database.
 */
export async function readChanges(db: Db, revision: bigint): Promise<Changes> {
  const { rows } = await sql<{ source: string; latest: string; minutes: string }>`
    select o.name as source, max(c.revision)::text as latest,
      string_agg((extract(epoch from c.minute) / 60)::int::text, ',' order by c.minute) as minutes
    from changes c join sources o on o.id = c.source_id
    where c.revision > ${revision.toString()}::bigint
    group by o.name, floor(extract(epoch from c.minute) / 86400)
    order by o.name, min(c.minute)`.execute(db)
  let latest = revision
  for (const row of rows) if (BigInt(row.latest) > latest) latest = BigInt(row.latest)
  const minutes = rows.flatMap(({ source, minutes: list }) =>
    list.split(',').map((minute) => ({ source, minute: new Date(Number(minute) * MINUTE_MS) })),
  )
  // Few sorted runs, which are merged in no time; of one minute the sources stay in order.
  return { revision: latest, minutes: minutes.sort((a, b) => a.minute.getTime() - b.minute.getTime()) }
}
