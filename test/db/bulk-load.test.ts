import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { createTraffic } from '../../src/demo/traffic.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { openDatabase } from '../../src/store/db.ts'
import { openStore } from '../../src/store/index.ts'
import { loadTraffic } from '../bench/scale/load.ts'
import { counterRows } from '../bench/scale/rows.ts'
import { topologyOf } from '../bench/scale/topology.ts'
import { freshDatabase } from '../support/store-databases.ts'

const origin = new Date('2026-11-16T00:00:00Z')
const HOURS = 3
const knowledge = loadKnowledge([])
const SOURCES = new Set(['bank', 'magazine'])
const traffic = createTraffic({ seed: 7, days: 1, topology: topologyOf(200), hiccups: 1 })
const afternoon = {
  ...traffic,
  minutes: HOURS * 60,
  *play() {
    for (const minute of traffic.play()) {
      if (minute.seen === HOURS * 60) return
      yield {
        ...minute,
        rows: minute.rows.filter((row) => SOURCES.has(traffic.slices[row.slice]!.source) && row.slice % 3 === 0),
      }
    }
  },
}

/** Everything that was stored, without the numbers that differ from database to database. */
async function contentsOf(options: Parameters<typeof openDatabase>[0]) {
  const { db, close } = await openDatabase(options)
  const { rows: hours } = await sql`
    select o.name, c.hour, s.provider, s.ip, s.sender_domain, s.stream, s.campaign, c.outcome, r.provider as said_by, r.template, r.code, r.enhanced, r.cause, r.rule,
      c.n, encode(c.minutes, 'hex') as minutes
    from counter_hours c join sources o on o.id = c.source_id join slices s on s.source_id = c.source_id and s.id = c.slice_id
    left join replies r on r.id = c.reply_id
    order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11`.execute(db)
  const { rows: seen } = await sql`
    select o.name, r.provider, r.template, r.code, f.first_seen
    from reply_seen f join sources o on o.id = f.source_id join replies r on r.id = f.reply_id order by 1, 2, 3, 4`.execute(
    db,
  )
  const { rows: changes } = await sql`
    select o.name, c.minute from changes c join sources o on o.id = c.source_id order by 1, 2`.execute(db)
  const { rows: made } = await sql`
    select (select count(*)::int from slices) as slices, (select count(*)::int from replies) as replies`.execute(db)
  await close()
  return { hours, seen, changes, made }
}

describe('stores that the scale benchmark loads in bulk', () => {
  it('hold what polls, minute by minute, would have stored', async () => {
    const bulk = await freshDatabase('PostgreSQL')
    const loading = await openDatabase(bulk.options)
    const counters = await loadTraffic({ db: loading.db, traffic: afternoon, origin, knowledge })
    await loading.close()

    const polled = await freshDatabase('PostgreSQL')
    const { store } = await openStore(polled.options)
    const all = [...afternoon.play()].flatMap(({ rows }) => rows)
    const bySource = Map.groupBy(all, ({ slice }) => traffic.slices[slice]!.source)
    let written = 0
    for (const [source, ofSource] of bySource) {
      const byMinute = Map.groupBy(ofSource, ({ minute }) => minute)
      for (const [minute, rows] of byMinute) {
        const from = new Date(origin.getTime() + minute * 60_000)
        const window = { from, to: new Date(from.getTime() + 60_000) }
        const counted = counterRows(rows, traffic.places, origin, knowledge)
        written += counted.length
        await store.counters.replaceWindow(source, window, counted, { at: window.to, nextReadAt: null })
      }
    }
    await store.close()

    expect(counters).toBe(written)
    expect(await contentsOf(bulk.options)).toEqual(await contentsOf(polled.options))
    await bulk.drop()
    await polled.drop()
  })
})
