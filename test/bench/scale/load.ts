import type { TrafficRow } from '../../../src/demo/telling.ts'
import type { Traffic } from '../../../src/demo/traffic.ts'
import type { TallyOptions } from '../../../src/jobs/ingest.ts'
import type { StoredReply } from '../../../src/ports/store/index.ts'
import { OUTCOMES } from '../../../src/smtp/outcomes.ts'
import type { CounterHour } from '../../../src/store/counter-hours.ts'
import { changeHour, recordChanges, recordSeen } from '../../../src/store/counters.ts'
import type { Db } from '../../../src/store/db.ts'
import { MINUTES_PER_HOUR, noMinutes } from '../../../src/store/packed-minutes.ts'
import { ensureDays } from '../../../src/store/partitions.ts'
import { createReplyIds } from '../../../src/store/replies.ts'
import { createSliceIds } from '../../../src/store/slices.ts'
import { createSourceIds } from '../../../src/store/sources.ts'
import { createReading } from './rows.ts'

const HOUR_MS = MINUTES_PER_HOUR * 60_000
/** An account's events may be held up for some minutes; after so many the hour is whole. */
const LATEST = 30
const DELIVERED = OUTCOMES.indexOf('delivered')
/** More templates than a source has. */
const TEMPLATES = 100_000

interface Loading {
  db: Db
  traffic: Traffic
  /** The time of the first minute: a whole hour. */
  origin: Date
  knowledge: TallyOptions
}

/** An hour of a source, its counters by slice and reply. The numbers are the loader's own until it is stored. */
type Gathered = Map<number, { slice: number; reply: StoredReply | null; outcome: number; minutes: Float64Array }>

/** Stores the traffic as its polls would have, an hour at a time instead of a minute. Returns the number of minutes' counters. */
export async function loadTraffic({ db, traffic, origin, knowledge }: Loading): Promise<number> {
  const store = createWriter(db, Math.floor(origin.getTime() / HOUR_MS))
  const reading = createReading(traffic.places, knowledge)
  const templates = new Map<StoredReply, number>()
  const hours = new Map<number, Map<string, Gathered>>()
  let stored = 0

  function add(row: TrafficRow, failed: TrafficRow['failures'][number] | null, n: number) {
    if (n === 0) return
    const hour = Math.floor(row.minute / MINUTES_PER_HOUR)
    if (hour < stored) throw new Error(`minute ${row.minute} came after its hour was stored`)
    const reply = failed && reading.replyOf(failed.reply, row.slice)
    if (reply && !templates.has(reply)) templates.set(reply, templates.size + 1)
    const sources = hours.get(hour) ?? new Map<string, Gathered>()
    hours.set(hour, sources)
    const { source } = traffic.slices[row.slice]!
    const gathered: Gathered = sources.get(source) ?? new Map()
    sources.set(source, gathered)
    const key = row.slice * TEMPLATES + (reply ? templates.get(reply)! : 0)
    const outcome = failed ? OUTCOMES.indexOf(failed.reply.outcome) : DELIVERED
    const counter = gathered.get(key) ?? { slice: row.slice, reply, outcome, minutes: noMinutes() }
    gathered.set(key, counter)
    const place = row.minute % MINUTES_PER_HOUR
    counter.minutes[place] = counter.minutes[place]! + n
  }

  let counters = 0
  const storeUntil = async (hour: number) => {
    for (; stored < hour; stored++) {
      for (const [source, gathered] of hours.get(stored) ?? [])
        counters += await store(source, stored, [...gathered.values()], reading.slices)
      hours.delete(stored)
    }
  }
  for (const { seen, rows } of traffic.play()) {
    for (const row of rows) {
      const failed = row.failures.reduce((sum, { n }) => sum + n, 0)
      add(row, null, row.attempts - failed)
      for (const failure of row.failures) add(row, failure, failure.n)
    }
    await storeUntil(Math.floor((seen - LATEST) / MINUTES_PER_HOUR))
  }
  await storeUntil(Math.ceil(traffic.minutes / MINUTES_PER_HOUR))
  return counters
}

type Counted = Gathered extends Map<number, infer Each> ? Each : never

/** Writes an hour of a source with the store's own statements. */
function createWriter(db: Db, firstHour: number) {
  const sources = createSourceIds(db)
  const slices = createSliceIds(db)
  const replies = createReplyIds(db)
  return async (
    source: string,
    hour: number,
    counted: readonly Counted[],
    dims: Parameters<typeof slices.ids>[1],
  ): Promise<number> => {
    const first = (minutes: Float64Array) => (firstHour + hour) * MINUTES_PER_HOUR + minutes.findIndex((n) => n > 0)
    const sourceId = await sources.id(source)
    const sliceIds = await slices.ids(
      sourceId,
      counted.map(({ slice }) => dims[slice]!),
      Math.floor((firstHour + hour) / 24),
    )
    const replyIds = await replies.ids(
      sourceId,
      counted.map(({ reply, minutes }) => ({ reply, at: new Date(first(minutes) * 60_000) })),
    )
    const put = counted.map(
      ({ outcome, minutes }, i): CounterHour => ({ slice: sliceIds[i]!, outcome, reply: replyIds[i]!, minutes }),
    )
    const changed = new Set<number>()
    const firstSeen = new Map<number, number>()
    let counters = 0
    for (const { minutes, reply } of put) {
      minutes.forEach((n, place) => {
        if (n > 0) counters++
        if (n > 0) changed.add((firstHour + hour) * MINUTES_PER_HOUR + place)
      })
      if (reply > 0) firstSeen.set(reply, Math.min(firstSeen.get(reply) ?? Number.POSITIVE_INFINITY, first(minutes)))
    }
    await ensureDays(db, 'counter_hours', [new Date((firstHour + hour) * HOUR_MS)])
    await db.transaction().execute(async (trx) => {
      await changeHour(trx, sourceId, firstHour + hour, { put, remove: [], minutes: changed })
      await recordSeen(trx, sourceId, firstSeen)
      await recordChanges(trx, sourceId, [...changed])
    })
    return counters
  }
}
