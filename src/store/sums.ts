import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Slice, SlicePattern } from '../detect/state/slice.ts'
import type { Store } from '../ports/store/index.ts'
import { OUTCOMES } from '../smtp/outcomes.ts'
import { HOUR_MS } from '../time/units.ts'
import type { Db } from './db.ts'
import { eachMinute } from './packed-minutes.ts'

const MINUTE_MS = 60_000

interface Sum {
  step: number
  outcome: number
  reply: number
  n: number
}

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
    const { rows } = await sql<{ hour: Date; outcome: number; reply: number; minutes: Uint8Array }>`
      with meant as materialized (
        select s.source_id, s.id from slices s join sources o on o.id = s.source_id where ${condition})
      select c.hour, c.outcome, c.reply_id as reply, c.minutes
      from counter_hours c join meant m on m.source_id = c.source_id and m.id = c.slice_id
      where c.hour > ${new Date(window.from.getTime() - HOUR_MS)} and c.hour < ${window.to}`.execute(db)
    const sums = new Map<string, Sum>()
    const [from, to] = [window.from.getTime(), window.to.getTime()]
    const stepMs = stepMinutes * MINUTE_MS
    for (const { hour, outcome, reply, minutes } of rows) {
      eachMinute(minutes, (minute, n) => {
        const time = hour.getTime() + minute * MINUTE_MS
        if (time < from || time >= to) return
        const step = Math.floor((time - from) / stepMs)
        const key = `${step} ${outcome} ${reply}`
        const sum = sums.get(key)
        if (sum) sum.n += n
        else sums.set(key, { step, outcome, reply, n })
      })
    }
    return [...sums.values()]
      .sort((a, b) => a.step - b.step || a.outcome - b.outcome || a.reply - b.reply)
      .map(({ step, outcome, reply, n }) => ({
        at: new Date(from + step * stepMs),
        outcome: OUTCOMES[outcome]!,
        replyId: reply === 0 ? null : reply,
        n,
      }))
  }
}
