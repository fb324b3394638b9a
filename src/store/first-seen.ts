import { sql } from 'kysely'
import type { FirstSeen, Store, StoredReply } from '../ports/store/index.ts'
import { FAILED_THERE, OUTCOMES } from '../smtp/outcomes.ts'
import type { Db } from './db.ts'
import { eachMinute } from './packed-minutes.ts'

const MINUTE_MS = 60_000
/** A text on success, on a complaint or of the ESP's own suppression is no refusal by a provider. */
const FAILED = FAILED_THERE.map((outcome) => OUTCOMES.indexOf(outcome))

type Row = StoredReply & Omit<FirstSeen, 'reply' | 'lastSeen'> & { lastHour: Date; lastMinutes: string[] }

export function createFirstSeen(db: Db): Store['replies']['firstSeen'] {
  return async (since) => {
    // By themselves, so that the database knows how few they are when it decides how to look for their counters.
    const { rows: fresh } = await sql<{ id: number }>`
      select distinct f.reply_id as id from reply_seen f join replies r on r.id = f.reply_id
      where f.first_seen >= ${since} and f.source_id = any(array(select id from sources)) and not r.collapsed`.execute(
      db,
    )
    if (fresh.length === 0) return []
    const { rows } = await sql<Row>`
      with counted as materialized (
        -- Nothing of a reply was counted before it was first seen, so the hour that "since" is in may be taken whole.
        select c.source_id, c.reply_id, c.hour, c.n, c.minutes from counter_hours c
        where c.hour >= date_trunc('hour', ${since}::timestamptz, 'UTC') and c.outcome = any(${FAILED}::smallint[])
          and c.reply_id = any(${`{${fresh.map(({ id }) => id).join()}}`}::int[])),
      sums as (
        select source_id, reply_id, sum(n)::float8 as n, max(hour) as last from counted group by 1, 2)
      select r.template, r.provider, r.code, r.enhanced, r.cause, r.signal, r.retry, r.rule, r.named,
        o.name as source, f.first_seen as "firstSeen", sums.n, sums.last as "lastHour",
        (select array_agg(encode(l.minutes, 'hex')) from counted l
          where l.source_id = sums.source_id and l.reply_id = sums.reply_id and l.hour = sums.last) as "lastMinutes",
        (select min(h.minute) from changes h where h.source_id = f.source_id) as "knownSince"
      from sums
      join reply_seen f on f.source_id = sums.source_id and f.reply_id = sums.reply_id
      join replies r on r.id = f.reply_id join sources o on o.id = f.source_id
      where f.first_seen >= ${since} and not r.collapsed
      order by f.first_seen, o.name, r.id`.execute(db)
    return rows.map(({ source, firstSeen, n, knownSince, lastHour, lastMinutes, ...reply }) => ({
      reply,
      source,
      firstSeen,
      lastSeen: new Date(lastHour.getTime() + lastOf(lastMinutes) * MINUTE_MS),
      n,
      knownSince,
    }))
  }
}

/** The last minute that any of these has a count in. */
function lastOf(packed: readonly string[]): number {
  let last = 0
  for (const minutes of packed) {
    eachMinute(Buffer.from(minutes, 'hex'), (minute) => {
      last = Math.max(last, minute)
    })
  }
  return last
}
