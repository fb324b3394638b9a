import { sql } from 'kysely'
import { createPace } from '../lib/pace.ts'
import type { CountedMinute, SliceMinute } from '../ports/store/index.ts'
import { OUTCOMES } from '../smtp/outcomes.ts'
import { HOUR_MS } from '../time/units.ts'
import type { PackedHour } from './counter-hours.ts'
import type { Db } from './db.ts'
import { eachMinute, MINUTES_PER_HOUR } from './packed-minutes.ts'
import type { SliceIds } from './slices.ts'

const MINUTE_MS = 60_000
/** A query asks for as many hours as probably hold so many rows, and for one at least. */
const AIM_ROWS = 4000
const MOST_HOURS = 24
/** Rows whose minutes are unpacked in one go. */
const ROWS_AT_ONCE = 500

type Row = PackedHour & { hour: number }

interface Page {
  hours: number[]
  rows: Row[]
}

/** The hours that hold these minutes, in order. */
const hoursOf = (minutes: readonly Date[]): number[] =>
  [...new Set(minutes.map((minute) => Math.floor(minute.getTime() / HOUR_MS)))].sort((a, b) => a - b)

/** Pages of whole hours, each sized by what the last one held; the next one is on its way while one is worked on. */
async function* pagesOf(hours: readonly number[], read: (hours: number[]) => Promise<Row[]>): AsyncGenerator<Page> {
  let size = 1
  const pageAt = async (at: number): Promise<Page> => {
    const wanted = hours.slice(at, at + size)
    return { hours: wanted, rows: await read(wanted) }
  }
  let next = hours.length > 0 ? pageAt(0) : null
  for (let at = 0; next; ) {
    const page: Page = await next
    at += page.hours.length
    const perHour = Math.max(page.rows.length, 1) / page.hours.length
    size = Math.max(1, Math.min(MOST_HOURS, 2 * size, Math.floor(AIM_ROWS / perHour)))
    next = at < hours.length ? pageAt(at) : null
    // Whoever stops early never asks for it; its failure is then nobody's.
    next?.catch(() => {})
    yield page
  }
}

/** Each of these minutes of one source, in order, with what was counted in it. */
export async function* readMinutes(
  db: Db,
  slices: Pick<SliceIds, 'byId'>,
  sourceId: number,
  minutes: readonly Date[],
): AsyncGenerator<CountedMinute> {
  const pace = createPace()
  const read = async (hours: number[]) => {
    const times = sql`${hours.map((hour) => new Date(hour * HOUR_MS).toISOString())}::text[]::timestamptz[]`
    const { rows } = await sql<Row>`
      select (extract(epoch from hour) / 3600)::int as hour, slice_id as slice, outcome, reply_id as reply, minutes
      from counter_hours
      where source_id = ${sourceId} and hour >= ${new Date(hours[0]! * HOUR_MS)}
        and hour <= ${new Date(hours.at(-1)! * HOUR_MS)} and hour = any(${times})`.execute(db)
    return rows
  }
  const wanted = Map.groupBy(minutes.toSorted(byTime), (minute) => Math.floor(minute.getTime() / HOUR_MS))
  for await (const page of pagesOf(hoursOf(minutes), read)) {
    const known = await slices.byId(new Set(page.rows.map((row) => row.slice)))
    const byHour = Map.groupBy(page.rows, ({ hour }) => hour)
    for (const hour of page.hours) {
      const counted = new Map(
        wanted.get(hour)!.map((minute) => [minute.getTime(), { minute, counted: [] as SliceMinute[] }]),
      )
      const found = Array.from({ length: MINUTES_PER_HOUR }, (_, i) => counted.get(hour * HOUR_MS + i * MINUTE_MS))
      for (const [i, row] of (byHour.get(hour) ?? []).entries()) {
        if (i % ROWS_AT_ONCE === 0) await pace()
        const [slice, outcome] = [known.get(row.slice)!, OUTCOMES[row.outcome]!]
        const replyId = row.reply === 0 ? null : row.reply
        eachMinute(row.minutes, (place, n) => {
          const at = found[place]
          at?.counted.push({ minute: at.minute, slice, outcome, replyId, n })
        })
      }
      yield* counted.values()
    }
  }
}

const byTime = (a: Date, b: Date) => a.getTime() - b.getTime()
