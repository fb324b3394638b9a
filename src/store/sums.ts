import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Slice, SlicePattern } from '../detect/finding.ts'
import { OUTCOMES } from '../ports/esp.ts'
import type { Store } from '../ports/store.ts'
import type { Db } from './db.ts'

/** Those that agree in every dimension that is given. */
function agrees({ source, provider, ip, senderDomain, campaign }: SlicePattern): RawBuilder<SqlBool> {
  const all: RawBuilder<SqlBool>[] = [sql<SqlBool>`true`]
  if (source !== undefined) all.push(sql`o.name = ${source}`)
  if (provider !== undefined) all.push(sql`s.provider = ${provider}`)
  if (ip !== undefined) all.push(sql`s.ip = ${ip}`)
  if (senderDomain !== undefined) all.push(sql`s.sender_domain = ${senderDomain}`)
  if (campaign !== undefined) all.push(sql`s.campaign = ${campaign}`)
  return sql`(${sql.join(all, sql` and `)})`
}

/** Those that are listed, as one parameter however many they are. */
const isListed = (slices: readonly Slice[]): RawBuilder<SqlBool> => sql`
  (o.name, s.provider, s.ip, s.sender_domain, s.campaign) in (
    select l.source, l.provider, l.ip, l."senderDomain", l.campaign
    from jsonb_to_recordset(${JSON.stringify(slices)}::jsonb)
      as l(source text, provider text, ip text, "senderDomain" text, campaign text))`

export function createSums(db: Db): Store['counters']['sums'] {
  return async (window, where, stepMinutes) => {
    const condition = 'length' in where ? isListed(where) : agrees(where)
    const { rows } = await sql<{ at: Date; outcome: number; reply: number; n: number }>`
      with meant as materialized (
        select s.source_id, s.id from slices s join sources o on o.id = s.source_id where ${condition})
      select date_bin(make_interval(mins => ${stepMinutes}::int), c.minute, ${window.from}) as at,
        c.outcome, c.reply_id as reply, sum(c.n)::float8 as n
      from counters c join meant m on m.source_id = c.source_id and m.id = c.slice_id
      where c.minute >= ${window.from} and c.minute < ${window.to}
      group by 1, 2, 3
      order by 1, 2, 3`.execute(db)
    return rows.map(({ at, outcome, reply, n }) => ({
      at,
      outcome: OUTCOMES[outcome]!,
      replyId: reply === 0 ? null : reply,
      n,
    }))
  }
}
