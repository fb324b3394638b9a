import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Usage } from '../lookup/usage.ts'
import { Unavailable } from '../ports/errors.ts'
import type { ReplyFilter, Store } from '../ports/store/index.ts'
import { OUTCOMES } from '../smtp/outcomes.ts'
import { HOUR_MS } from '../time/units.ts'
import type { Db } from './db.ts'
import { lastMinute } from './packed-minutes.ts'
import { type DirtyHour, dirtyHours } from './roll-up.ts'
import { sharing } from './shared-usage.ts'
import type { Span } from './usage-span.ts'

const HOURS_A_DAY = 24
const SLICES_SHOWN = 50
/** A person waits no longer, and whoever asks less must not wait for them. */
const PATIENCE_MS = 5000
/** Stands for results without a reply. */
const NO_REPLY = 0

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

/** As a regular expression that takes whole words only: "css" is not in "access". */
function asWord(word: string): string {
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return `${/^\w/.test(word) ? '\\m' : ''}${literal}${/\w$/.test(word) ? '\\M' : ''}`
}

/** Nothing is asked of the reply, so what failed without one counts too. */
const isAboutPlaces = ({ provider, source, outcomes, ...ofReply }: ReplyFilter): boolean =>
  outcomes !== undefined && Object.values(ofReply).every((each) => each === undefined)

/** What is to be added up, once the replies and sources of a filter are known by their numbers. */
interface Wanted {
  replies: readonly number[]
  outcomes: readonly number[]
  /** Of the slices, where results without a reply count, too; else the reply has it. */
  provider: string | undefined
  source: number | null
  /** How many sources are asked about. */
  sources: number
  span: Span
  /** Hours whose totals are not up to date: these are read from the counters themselves. */
  dirty: readonly DirtyHour[]
}

type Place = Usage['by'][number]
type Row = { hour: number | null; last: number | null } & Place

export function createUsage(db: Db): Store['replies']['usage'] {
  return sharing(db, (filter, span) =>
    // One snapshot, in which the totals and what is missing from them belong together.
    db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => {
        await sql`select set_config('statement_timeout', ${String(PATIENCE_MS)}, true)`.execute(trx)
        const { firstSeen, ...asked } = await matching(trx, filter)
        if (asked.replies.length === 0) return { total: 0, perHour: [], by: [], firstSeen: null, lastSeen: null }
        const wanted: Wanted = {
          ...asked,
          outcomes: (filter.outcomes ?? OUTCOMES).map((outcome) => OUTCOMES.indexOf(outcome)),
          provider: isAboutPlaces(filter) ? filter.provider : undefined,
          span,
          dirty: await dirtyHours(trx, new Date(span.from * HOUR_MS), new Date(span.to * HOUR_MS)),
        }
        const rows = await readPlaces(trx, wanted)
        const perHour = await readHours(trx, wanted, rows)
        const latest = perHour.at(-1)?.[0]
        const last = latest === undefined ? null : await lastIn(trx, wanted, latest, rows)
        return {
          total: perHour.reduce((sum, [, n]) => sum + n, 0),
          perHour: perHour.map(([hour, n]) => ({ at: new Date(hour * HOUR_MS), n })),
          by: rows.flatMap(({ hour, last: _, ...place }) => (hour === null ? [place] : [])),
          firstSeen,
          lastSeen: last,
        }
      })
      .catch((error: unknown) => {
        throw isCutOff(error)
          ? new Unavailable('counting took too long', 'Please ask again in a minute.', { cause: error })
          : error
      }),
  )
}

/** PostgreSQL's query_canceled, which a statement ends with that takes too long. */
const isCutOff = (error: unknown) => error instanceof Error && 'code' in error && error.code === '57014'

async function matching(db: Db, filter: ReplyFilter) {
  const ofSource = filter.source === undefined ? sql`true` : sql`o.name = ${filter.source}`
  const { rows } = await sql<{ ids: number[] | null; first: Date | null; sources: number[] | null }>`
    with found as materialized (select r.id from replies r where ${replyConditions(filter)}),
      asked as materialized (select o.id from sources o where ${ofSource})
    select (select array_agg(id order by id) from found) as ids,
      (select min(f.first_seen) from reply_seen f
        where f.source_id = any(array(select id from asked)) and f.reply_id = any(array(select id from found))) as first,
      (select array_agg(id) from asked) as sources`.execute(db)
  const { ids, first, sources } = rows[0]!
  return {
    replies: sources === null ? [] : [...(ids ?? []), ...(isAboutPlaces(filter) ? [NO_REPLY] : [])],
    firstSeen: first,
    sources: sources?.length ?? 0,
    source: filter.source === undefined ? null : (sources?.[0] ?? null),
  }
}

/** Arrays of integers travel fast as text. */
const integers = (values: readonly number[]) => sql`${`{${values.join()}}`}::int[]`

const isWanted = ({ replies, outcomes, source }: Wanted) => sql<SqlBool>`
  c.reply_id = any(${integers(replies)}) and c.outcome = any(${`{${outcomes.join()}}`}::smallint[])
    and ${source === null ? sql`true` : sql`c.source_id = ${source}`}`

const isAmong = (hours: readonly DirtyHour[]) => sql<SqlBool>`
  c.hour = any(${[...new Set(hours.map(({ hour }) => hour.toISOString()))]}::timestamptz[])
    and (c.source_id, c.hour) in (select * from unnest(${integers(hours.map(({ source }) => source))},
      ${hours.map(({ hour }) => hour.toISOString())}::timestamptz[]))`

/** The largest places, and the hours that are not in the totals: how many more or less there were in each. */
async function readPlaces(db: Db, wanted: Wanted): Promise<Row[]> {
  const { span, dirty, provider } = wanted
  const rolled = dirty.filter(({ rolled }) => rolled)
  const whose = isWanted(wanted)
  const fresh = sql`
    select c.source_id, c.slice_id, (extract(epoch from c.hour) / 3600)::int as hour, c.n,
      (extract(epoch from c.hour) / 60)::int + ${lastMinute(sql`c.minutes`)} as last
    from counter_hours c where ${whose} and ${isAmong(dirty)}`
  const stale = sql`
    select c.source_id, c.slice_id, (extract(epoch from c.hour) / 3600)::int as hour, -c.n, null::int
    from counters_hourly c where ${whose} and ${isAmong(rolled)}`
  const parts = [
    sql`select source_id, slice_id, n from dirty`,
    sql`select c.source_id, c.slice_id, c.n from place_days c
      where ${whose} and c.day between ${span.firstDay} and ${span.lastDay}`,
    ...span.edges.map(
      ({ from, to, sign }) => sql`
        select c.source_id, c.slice_id, ${sql.lit(sign)} * c.n from counters_hourly c
        where ${whose} and c.hour >= ${new Date(from * HOUR_MS)} and c.hour < ${new Date(to * HOUR_MS)}
          and exists (select from rolled_hours r where r.source_id = c.source_id and r.hour = c.hour)`,
    ),
  ]
  const { rows } = await sql<Row>`
    with dirty (source_id, slice_id, hour, n, last) as materialized (
        ${dirty.length > 0 ? fresh : sql`select 0, 0, 0, 0, 0 where false`}
        ${rolled.length > 0 ? sql`union all ${stale}` : sql``}),
      -- Counters are many, slices are few: sum first, join the names then.
      sums as (select source_id, slice_id, sum(n) as n from (${sql.join(parts, sql` union all `)}) p group by 1, 2),
      places as (
        select s.provider, s.ip, s.sender_domain, o.name as source, sum(p.n)::float8 as n
        from sums p join slices s on s.source_id = p.source_id and s.id = p.slice_id join sources o on o.id = p.source_id
        where ${provider === undefined ? sql`true` : sql`s.provider = ${provider}`}
        group by 1, 2, 3, 4 having sum(p.n) > 0
        order by n desc, 1, 2, 3, 4 limit ${SLICES_SHOWN})
    select null::int as hour, null::int as last, provider, ip, sender_domain as "senderDomain", source, n from places
    union all
    select d.hour, max(d.last), null, null, null, null, sum(d.n)::float8
    from dirty d ${
      provider === undefined
        ? sql``
        : sql`join slices s on s.source_id = d.source_id and s.id = d.slice_id and s.provider = ${provider}`
    }
    group by 1`.execute(db)
  return rows
}

/** How many there were in each hour that had any, in order. */
async function readHours(db: Db, wanted: Wanted, rows: readonly Row[]): Promise<[hour: number, n: number][]> {
  const { span, provider } = wanted
  const { rows: days } = await sql<{ day: number; hours: string }>`
    select c.day, array_to_string(c.hours, ',') as hours from reply_days c
    where ${isWanted(wanted)} and c.day between ${Math.floor(span.from / HOURS_A_DAY)} and ${Math.floor((span.to - 1) / HOURS_A_DAY)}
      and ${provider === undefined ? sql`true` : sql`c.provider = ${provider}`}`.execute(db)
  const perHour = new Map<number, number>()
  const add = (hour: number, n: number) => {
    if (hour >= span.from && hour < span.to) perHour.set(hour, (perHour.get(hour) ?? 0) + n)
  }
  for (const { day, hours } of days)
    for (const [i, n] of hours.split(',').entries()) add(day * HOURS_A_DAY + i, Number(n))
  for (const { hour, n } of rows) if (hour !== null) add(hour, n)
  return [...perHour].filter(([, n]) => n > 0).sort(([a], [b]) => a - b)
}

/** The last minute with any, in the hour that is known to have some. */
async function lastIn(db: Db, wanted: Wanted, hour: number, rows: readonly Row[]): Promise<Date | null> {
  // An hour may be in the totals of one source and not of another.
  const isWhole = wanted.dirty.filter((each) => each.hour.getTime() === hour * HOUR_MS).length === wanted.sources
  const known = rows.find((row) => row.hour === hour)?.last
  if (isWhole && known) return new Date(known * 60_000)
  const { provider } = wanted
  const { rows: found } = await sql<{ last: number | null }>`
    select max(${lastMinute(sql`c.minutes`)}) as last from counter_hours c
    where ${isWanted(wanted)} and c.hour = ${new Date(hour * HOUR_MS)}
      and ${
        provider === undefined
          ? sql`true`
          : sql`exists (select from slices s where s.source_id = c.source_id and s.id = c.slice_id and s.provider = ${provider})`
      }`.execute(db)
  const last = found[0]?.last
  return new Date(hour * HOUR_MS + (last ?? 0) * 60_000)
}
