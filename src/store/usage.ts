import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { OUTCOMES } from '../ports/esp.ts'
import type { ReplyFilter, Store, Usage } from '../ports/store.ts'
import type { Db } from './db.ts'

const SLICES_SHOWN = 50

/** The conditions that the filter puts on a reply (r). */
function replyConditions(filter: ReplyFilter): RawBuilder<SqlBool> {
  const all: RawBuilder<SqlBool>[] = [sql<SqlBool>`true`]
  if (filter.code !== undefined) all.push(sql`r.code = ${filter.code}`)
  if (filter.enhanced !== undefined) all.push(sql`r.enhanced = ${filter.enhanced}`)
  if (filter.cause !== undefined) all.push(sql`r.cause = ${filter.cause}`)
  if (filter.rule !== undefined) all.push(sql`r.rule = ${filter.rule}`)
  if (filter.template !== undefined) all.push(sql`r.template_digest = md5(${filter.template}::text)::uuid`)
  if (filter.word !== undefined) all.push(sql`r.template ~* ${asWord(filter.word)}`)
  if (filter.provider !== undefined) all.push(sql`r.provider = ${filter.provider}`)
  return sql`(${sql.join(all, sql` and `)})`
}

const sourceCondition = ({ source }: ReplyFilter): RawBuilder<SqlBool> =>
  source === undefined ? sql`true` : sql`o.name = ${source}`

const outcomeCondition = ({ outcomes }: ReplyFilter): RawBuilder<SqlBool> =>
  outcomes === undefined ? sql`true` : sql`c.outcome = any(${outcomes.map((each) => OUTCOMES.indexOf(each))}::int[])`

/** Nothing is asked of the reply, so what failed without one counts too. */
const isAboutPlaces = ({ provider, source, ip, outcomes, ...ofReply }: ReplyFilter): boolean =>
  outcomes !== undefined && Object.values(ofReply).every((each) => each === undefined)

/** As a regular expression that takes whole words only: "css" is not in "access". */
function asWord(word: string): string {
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return `${/^\w/.test(word) ? '\\m' : ''}${literal}${/\w$/.test(word) ? '\\M' : ''}`
}

export function createUsage(db: Db): Store['replies']['usage'] {
  return async (filter, since, until) => {
    const { rows } = await sql<{
      hour: Date
      provider: string
      ip: string
      sender_domain: string
      source: string
      n: number
      last: Date
    }>`
      with part as materialized (
        -- Counters are many, slices are few: sum first, join the names then.
        select c.source_id, c.slice_id, date_bin('1 hour', c.minute, 'epoch') as hour,
          sum(c.n)::float8 as n, max(c.minute) as last
        from counters c
        where c.minute >= ${since} and c.minute < ${until}
          and ${outcomeCondition(filter)}
          and (c.reply_id = any(array(select r.id from replies r where ${replyConditions(filter)}))
            or ${isAboutPlaces(filter) ? sql`c.reply_id = 0` : sql`false`})
        group by 1, 2, 3)
      select p.hour, s.provider, s.ip, s.sender_domain, o.name as source, sum(p.n)::float8 as n, max(p.last) as last
      from part p
      join slices s on s.source_id = p.source_id and s.id = p.slice_id
      join sources o on o.id = p.source_id
      where ${filter.ip === undefined ? sql`true` : sql`s.ip = ${filter.ip}`} and ${sourceCondition(filter)}
        and ${filter.provider === undefined ? sql`true` : sql`s.provider = ${filter.provider}`}
      group by 1, 2, 3, 4, 5
      order by 1`.execute(db)
    const first = await sql<{ at: Date | null }>`
      select min(f.first_seen) as at
      from reply_seen f join replies r on r.id = f.reply_id join sources o on o.id = f.source_id
      where ${replyConditions(filter)} and ${sourceCondition(filter)}`.execute(db)

    const perHour = new Map<number, number>()
    const by = new Map<string, Usage['by'][number]>()
    let total = 0
    let lastSeen: Date | null = null
    for (const row of rows) {
      total += row.n
      perHour.set(row.hour.getTime(), (perHour.get(row.hour.getTime()) ?? 0) + row.n)
      if (!lastSeen || row.last > lastSeen) lastSeen = row.last
      const key = JSON.stringify([row.provider, row.ip, row.sender_domain, row.source])
      const part = by.get(key)
      if (part) part.n += row.n
      else
        by.set(key, {
          provider: row.provider,
          ip: row.ip,
          senderDomain: row.sender_domain,
          source: row.source,
          n: row.n,
        })
    }
    return {
      total,
      perHour: [...perHour].map(([at, n]) => ({ at: new Date(at), n })),
      by: [...by.values()].sort((a, b) => b.n - a.n).slice(0, SLICES_SHOWN),
      firstSeen: first.rows[0]?.at ?? null,
      lastSeen,
    }
  }
}
