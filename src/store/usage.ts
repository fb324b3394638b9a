import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { OUTCOMES } from '../ports/esp.ts'
import type { ReplyFilter, Store, Usage } from '../ports/store.ts'
import type { Db } from './db.ts'
import { eachMinute, MINUTES_PER_HOUR } from './packed-minutes.ts'

const MINUTE_MS = 60_000
const HOUR_MS = MINUTES_PER_HOUR * MINUTE_MS
const hourOf = (at: Date) => Math.floor(at.getTime() / HOUR_MS) * HOUR_MS
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

interface Part {
  hour: Date
  provider: string
  ip: string
  sender_domain: string
  source: string
  n: number
  last: Date | null
}

type PackedPart = Omit<Part, 'n' | 'last'> & { minutes: Uint8Array }

export function createUsage(db: Db): Store['replies']['usage'] {
  const conditions = (filter: ReplyFilter) => sql<SqlBool>`
    ${outcomeCondition(filter)}
      and (c.reply_id = any(array(select r.id from replies r where ${replyConditions(filter)}))
        or ${isAboutPlaces(filter) ? sql`c.reply_id = 0` : sql`false`})
      and ${filter.provider === undefined ? sql`true` : sql`s.provider = ${filter.provider}`}
      and ${filter.ip === undefined ? sql`true` : sql`s.ip = ${filter.ip}`} and ${sourceCondition(filter)}`
  const counted = sql`
    counter_hours c join slices s on s.source_id = c.source_id and s.id = c.slice_id join sources o on o.id = c.source_id`

  async function wholeHours(filter: ReplyFilter, from: number, to: number): Promise<Part[]> {
    const { rows } = await sql<Part>`
      select c.hour, s.provider, s.ip, s.sender_domain, o.name as source, sum(c.n)::float8 as n, null as last
      from ${counted}
      where c.hour >= ${new Date(from)} and c.hour < ${new Date(to)} and ${conditions(filter)}
      group by 1, 2, 3, 4, 5`.execute(db)
    return rows
  }

  /** Of the hour that begins then, the minutes from `since` to `until`. */
  async function partOfHour(filter: ReplyFilter, hour: number, since: Date, until: Date): Promise<Part[]> {
    const { rows } = await sql<PackedPart>`
      select c.hour, s.provider, s.ip, s.sender_domain, o.name as source, c.minutes
      from ${counted} where c.hour = ${new Date(hour)} and ${conditions(filter)}`.execute(db)
    return rows.flatMap(({ minutes, ...row }) => {
      const part: Part = { ...row, n: 0, last: null }
      eachMinute(minutes, (minute, n) => {
        const at = new Date(hour + minute * MINUTE_MS)
        if (at < since || at >= until) return
        part.n += n
        part.last = at
      })
      return part.n > 0 ? [part] : []
    })
  }

  return async (filter, since, until) => {
    const [first, last] = [hourOf(since), hourOf(until)]
    const rows = await wholeHours(filter, first + HOUR_MS, last)
    for (const hour of new Set([first, last])) rows.push(...(await partOfHour(filter, hour, since, until)))
    const latest = rows.reduce((max, { hour }) => Math.max(max, hour.getTime()), 0)
    const inLatest = latest > 0 ? await partOfHour(filter, latest, since, until) : []
    const firstSeen = await sql<{ at: Date | null }>`
      select min(f.first_seen) as at
      from reply_seen f join replies r on r.id = f.reply_id join sources o on o.id = f.source_id
      where ${replyConditions(filter)} and ${sourceCondition(filter)}`.execute(db)
    return {
      ...summed(rows),
      firstSeen: firstSeen.rows[0]?.at ?? null,
      lastSeen: inLatest.reduce<Date | null>((max, { last }) => (max && last && max > last ? max : last), null),
    }
  }
}

function summed(rows: readonly Part[]): Pick<Usage, 'total' | 'perHour' | 'by'> {
  const perHour = new Map<number, number>()
  const by = new Map<string, Usage['by'][number]>()
  let total = 0
  for (const { hour, provider, ip, sender_domain: senderDomain, source, n } of rows) {
    total += n
    perHour.set(hour.getTime(), (perHour.get(hour.getTime()) ?? 0) + n)
    const key = JSON.stringify([provider, ip, senderDomain, source])
    const part = by.get(key)
    if (part) part.n += n
    else by.set(key, { provider, ip, senderDomain, source, n })
  }
  return {
    total,
    perHour: [...perHour].sort(([a], [b]) => a - b).map(([at, n]) => ({ at: new Date(at), n })),
    by: [...by.values()].sort((a, b) => b.n - a.n).slice(0, SLICES_SHOWN),
  }
}
