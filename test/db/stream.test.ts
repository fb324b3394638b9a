import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { follow } from '../../src/jobs/stream.ts'
import { createLog } from '../../src/lib/log.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { RateLimited, Unavailable } from '../../src/ports/errors.ts'
import type { Batch, Observation, StreamSource } from '../../src/ports/esp.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { silentLog, until } from '../support/following.ts'
import { DATABASE_KINDS, freshDatabase, freshPostgres } from '../support/store-databases.ts'
import { minute } from '../support/store-rows.ts'
import { PLAIN_TALLY } from '../support/store-tally.ts'

/** A hundred times as fast, so that a back-off is not worth waiting for. */
const clock: Clock = { now: () => minute(0), sleep: async (ms, signal) => wait(ms / 100, undefined, { signal }) }

const delivery = (id: string): Observation => ({
  kind: 'event',
  id,
  at: minute(0),
  outcome: 'delivered',
  reply: null,
  to: { domain: 'gmail.com' },
  dims: {},
})

/** A log of numbered lines, told from a position on; what is told of it goes through `tell`. */
function numbered(
  tell: (from: number, deliver: (batch: Batch) => Promise<void>, signal: AbortSignal) => Promise<void>,
) {
  const starts: (string | null)[] = []
  const source: StreamSource = {
    kind: 'stream',
    ping: async () => {},
    run: async ({ position, deliver }, signal) => {
      starts.push(position)
      await tell(Number(position ?? 0), deliver, signal)
    },
  }
  return { starts, source }
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

describe('a stream', () => {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  function start(store: Store, source: StreamSource): AbortController {
    const stop = new AbortController()
    const log = createLog({ level: 'silent', format: 'json', color: false })
    const running = follow(
      { name: 'log', type: 'test', source },
      { store, clock, log, tally: PLAIN_TALLY },
      stop.signal,
    )
    ends.push(async () => {
      stop.abort()
      await running
    })
    return stop
  }

  it.each(DATABASE_KINDS)(
    'goes on where it left off after a failure, and counts nothing twice, on %s',
    async (kind) => {
      const database = await freshDatabase(kind)
      ends.push(database.drop)
      const { store } = await openStore(database.options)
      ends.push(store.close)
      const { starts, source } = numbered(async (from, deliver, signal) => {
        // One batch, then a failure; the event before it is told again.
        const ids = [Math.max(0, from - 1), from, from + 1].map((i) => delivery(`line ${i}`))
        await deliver({ observations: ids, position: String(from + 2) })
        if (from >= 4) return untilAborted(signal)
        throw new Unavailable('the log went away')
      })
      start(store, source)
      while (starts.length < 3) await wait(20)
      while ((await store.counters.position('log')) !== '6') await wait(20)
      expect(starts).toEqual([null, '2', '4'])
      const rows = await store.counters.read({ from: minute(0), to: minute(1) }, 'log')
      expect(rows.map(({ n }) => n)).toEqual([6])
      const [health] = await store.sources.health()
      expect(health).toMatchObject({ problem: null, lastEventAt: minute(0) })
    },
  )

  it('says that it fails', async () => {
    const database = await freshDatabase('PGlite')
    ends.push(database.drop)
    const { store } = await openStore(database.options)
    ends.push(store.close)
    const { starts, source } = numbered(async () => {
      throw new Unavailable('the queue is gone', 'Look for it.')
    })
    start(store, source)
    while (starts.length < 2) await wait(20)
    const [health] = await store.sources.health()
    expect(health).toMatchObject({ failingSince: minute(0), problem: 'the queue is gone', remedy: 'Look for it.' })
  })

  /** A fresh store, a clock that notes for how long it is slept, and what is warned of. */
  async function setUp() {
    const database = await freshDatabase('PGlite')
    ends.push(database.drop)
    const { store } = await openStore(database.options)
    ends.push(store.close)
    const sleeps: number[] = []
    const noting: Clock = {
      now: clock.now,
      sleep: (ms, signal) => {
        sleeps.push(ms)
        return wait(1, undefined, { signal })
      },
    }
    const warnings: string[] = []
    const log = { ...silentLog, warn: (_: object, text: string) => void warnings.push(text) }
    const run = (source: StreamSource, over: Store = store) => {
      const stop = new AbortController()
      const options = { store: over, clock: noting, log, tally: PLAIN_TALLY }
      const running = follow({ name: 'log', type: 'test', source }, options, stop.signal)
      ends.push(async () => {
        stop.abort()
        await running
      })
    }
    return { store, sleeps, warnings, run }
  }

  it.each([
    ['as long as it was asked to', 150_000, 150_000],
    ['a minute where no time is named', Number.NaN, 60_000],
  ])('waits %s', async (_, asked, waited) => {
    const { sleeps, run } = await setUp()
    const { source } = numbered(async () => {
      throw new RateLimited('slow down', asked)
    })
    run(source)
    await until(() => sleeps.length > 0)
    expect(sleeps[0]).toBe(waited)
  })

  it('asks every five seconds whether it is free, while another has it', async () => {
    const { store, sleeps, run } = await setUp()
    const lease = await store.leases.take('stream log')
    const { source, starts } = numbered(async (_from, _deliver, signal) => untilAborted(signal))
    run(source)
    await until(() => sleeps.length >= 3)
    expect([...new Set(sleeps)]).toEqual([5000])
    expect(starts).toEqual([])
    await lease!.release()
    await until(() => starts.length === 1)
  })

  it('acknowledges what is committed although the state of the source cannot be stored, and says so', async () => {
    const { store, warnings, run } = await setUp()
    const fail = () => Promise.reject(new Error('the database is gone'))
    let acknowledged = 0
    const { source, starts } = numbered(async (_from, deliver, signal) => {
      await deliver({ observations: [delivery('line 1')], position: '1' })
      acknowledged++
      if (starts.length === 1) throw new Unavailable('the log went away')
      await untilAborted(signal)
    })
    run(source, { ...store, sources: { ...store.sources, ok: fail, failed: fail } })
    await until(() => acknowledged === 2)
    expect(starts).toEqual([null, '1'])
    expect(warnings.filter((text) => text === 'the state of the source could not be stored')).toHaveLength(3)
  })

  it('acknowledges when the state of the source is stored, not before', async () => {
    const { store, run } = await setUp()
    const written = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    let isAcknowledged = false
    const { source } = numbered(async (_from, deliver, signal) => {
      await deliver({ observations: [delivery('line 1')] })
      isAcknowledged = true
      await untilAborted(signal)
    })
    const ok: Store['sources']['ok'] = async (...given) => {
      asked.resolve()
      await written.promise
      return store.sources.ok(...given)
    }
    run(source, { ...store, sources: { ...store.sources, ok } })
    await asked.promise
    await wait(20)
    expect(isAcknowledged).toBe(false)
    written.resolve()
    await until(() => isAcknowledged)
    expect(await store.sources.health()).toMatchObject([{ lastOkAt: minute(0), problem: null }])
  })

  it('runs on one replica, and on another one as soon as that one is gone', async () => {
    const { options, drop } = await freshPostgres({ empty: false })
    ends.push(drop)
    const running = new Set<number>()
    let most = 0
    for (const replica of [1, 2, 3]) {
      const { store } = await openStore(options)
      ends.push(store.close)
      const { source } = numbered(async (_from, _deliver, signal) => {
        running.add(replica)
        most = Math.max(most, running.size)
        await untilAborted(signal).finally(() => running.delete(replica))
      })
      start(store, source)
    }
    while (running.size === 0) await wait(20)
    await wait(500)
    const [first] = running
    // The network is cut: the server drops the session that holds the lease.
    const client = new pg.Client({ connectionString: options.databaseUrl })
    await client.connect()
    await client.query(
      `select pg_terminate_backend(l.pid) from pg_locks l join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and a.application_name = 'bouncebell leases'
         and a.datname = current_database()`,
    )
    await client.end()
    while (running.has(first!)) await wait(20)
    while (running.size === 0) await wait(20)
    expect(most).toBe(1)
  })
})
