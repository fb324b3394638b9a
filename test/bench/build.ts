import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'pg'
import { describeBuilding } from '../../src/jobs/building.ts'
import { openStore } from '../../src/store/index.ts'
import { startPostgres } from '../support/pg-server.ts'
import { minute, reply, row } from '../support/store-rows.ts'
import { createWatchHarness } from '../support/watch-harness.ts'

const SLICES = Number(process.env.BENCH_SLICES ?? 2000)
const DAYS = Number(process.env.BENCH_DAYS ?? 14)
const PROVIDERS = ['gmail', 'microsoft', 'yahoo', 'apple']
const SOURCE = 'mailgun'
/** As serving waits. */
const PATIENCE_MS = 5000

/**
 * The first watch of a process on a PostgreSQL with some weeks of many slices, and the first after two hours away: how long until there
 * is a detector, how long the event loop was held up meanwhile, and how much memory the process took.
 */
export async function bench(print: (line: string) => void): Promise<void> {
  const server = await startPostgres({ durable: true })
  const databaseUrl = await server.create('build')
  const { store } = await openStore({ databaseUrl })
  try {
    const counters = await fill(store, databaseUrl)
    const size = `${SLICES.toLocaleString('en')} slices, ${DAYS} days, ${(counters / 1e6).toFixed(1)} M counters`
    const end = DAYS * 1440
    const timed = async (what: string, now: number) => {
      const harness = createWatchHarness(store, SOURCE, [], 'for tests', PATIENCE_MS)
      const delay = monitorEventLoopDelay({ resolution: 5 })
      const started = performance.now()
      const before = process.cpuUsage()
      let most = 0
      delay.enable()
      await harness.watch(now)
      const first = performance.now() - started
      for (let at = now; !harness.isDetecting(); at++) {
        await wait(500)
        most = Math.max(most, process.memoryUsage.rss())
        await harness.watch(at)
        const building = await describeBuilding(store.state, harness.clock)
        if (building && process.env.BENCH_VERBOSE) print(building.value)
      }
      const seconds = (performance.now() - started) / 1000
      delay.disable()
      const { user, system } = process.cpuUsage(before)
      const work = `${((user + system) / 1e6).toFixed(0)} s of processor time`
      most = Math.max(most, process.memoryUsage.rss())
      const ms = (nanoseconds: number) => Math.round(nanoseconds / 1e6)
      print(
        `${what}, ${size}: the first minute is watched after ${(first / 1000).toFixed(1)} s, by a detector after ${seconds.toFixed(1)} s (${work}); event loop p99 ${ms(delay.percentile(99))} ms, worst ${ms(delay.max)} ms; ${Math.round(most / 2 ** 20)} MiB`,
      )
      await harness.stop()
    }
    await timed('from the counters', end - 120)
    await timed('from the stored state, two hours away', end)
  } finally {
    await store.close()
    await server.stop()
  }
}

type OpenedStore = Awaited<ReturnType<typeof openStore>>['store']

/** Every slice has mail in 57 of 60 minutes, and a failure or two in one of four hours. */
async function fill(store: OpenedStore, databaseUrl: string): Promise<number> {
  const slice = (i: number) => ({ ip: `10.0.${i >> 10}.${(i >> 2) & 255}`, provider: PROVIDERS[i % 4]! })
  // One minute a day by the store itself makes slices, replies and partitions.
  for (let day = 0; day <= DAYS; day++) {
    const at = Math.min(day * 1440, DAYS * 1440 - 1)
    const rows = Array.from({ length: SLICES }, (_, i) => row(at, 1, { slice: slice(i) }))
    rows.push(row(at, 1, { slice: slice(0), outcome: 'deferred', reply: reply() }))
    const ledger = { at: minute(at), nextReadAt: null }
    await store.counters.replaceWindow(SOURCE, { from: minute(at), to: minute(at + 1) }, rows, ledger)
  }
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(FILL, [minute(0), DAYS * 24 - 1])
    await client.query(
      `insert into changes (source_id, minute, revision)
       select o.id, m, nextval('changes_revision_seq') from sources o, generate_series($1::timestamptz, $1::timestamptz + ($2 || ' minutes')::interval, '1 minute') m
       on conflict do nothing`,
      [minute(0), DAYS * 1440 - 1],
    )
    const { rows } = await client.query(`select sum(length(minutes) / 2)::float8 as n from counter_hours`)
    await client.query('analyze')
    return rows[0].n
  } finally {
    await client.end()
  }
}

/** Hours as the store packs them: a byte for the minute, one for its count. */
const FILL = `
  with variants as materialized (
    select v, string_agg(decode(lpad(to_hex(m), 2, '0') || lpad(to_hex(2 + (v * 7 + m * 3) % 20), 2, '0'), 'hex'), ''::bytea order by m) as minutes,
      sum(2 + (v * 7 + m * 3) % 20)::int as n
    from generate_series(0, 63) v, generate_series(0, 59) m where (m + v) % 20 <> 0 group by v),
  failures as materialized (
    select v, decode(lpad(to_hex((v * 13) % 60), 2, '0') || lpad(to_hex(1 + v % 2), 2, '0'), 'hex') as minutes, 1 + v % 2 as n
    from generate_series(0, 63) v),
  hours as materialized (select h, $1::timestamptz + h * interval '1 hour' as hour from generate_series(0, $2::int) h),
  good as (
    insert into counter_hours (source_id, hour, slice_id, outcome, reply_id, n, minutes)
    select s.source_id, hour, s.id, 0, 0, v.n, v.minutes from hours, slices s, variants v where v.v = (s.id * 31 + h * 17) % 64
    on conflict (source_id, hour, slice_id, outcome, reply_id) do update set n = excluded.n, minutes = excluded.minutes)
  insert into counter_hours (source_id, hour, slice_id, outcome, reply_id, n, minutes)
  select s.source_id, hour, s.id, 1, r.id, v.n, v.minutes from hours, slices s, failures v, (select max(id) as id from replies) r
  where v.v = (s.id * 37 + h * 11) % 64 and (s.id * 7 + h * 5) % 4 = 0
  on conflict do nothing`
