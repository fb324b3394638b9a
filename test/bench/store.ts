import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTally, toEvents } from '../../src/jobs/ingest.ts'
import type { Observation } from '../../src/ports/esp.ts'
import type { CounterRow, Store } from '../../src/ports/store/index.ts'
import type { DatabaseOptions } from '../../src/store/db.ts'
import { openStore } from '../../src/store/index.ts'
import { startPostgres } from '../support/pg-server.ts'
import { minute, reply, row } from '../support/store-rows.ts'
import { PLAIN_TALLY } from '../support/store-tally.ts'

const MAILBOXES = ['gmail.com', 'outlook.com', 'yahoo.com', 'gmx.net']
const LEDGER = { at: minute(0), nextReadAt: null }

/** An hour of mail: 20 IPs, 4 mailbox providers, one in ten deferred. */
function observations(n: number, prefix: string): Observation[] {
  return Array.from({ length: n }, (_, i) => ({
    kind: 'event',
    id: `${prefix}-${i}`,
    at: new Date(minute(0).getTime() + Math.floor((i / n) * 3_600_000)),
    outcome: i % 10 === 0 ? 'deferred' : 'delivered',
    reply: i % 10 === 0 ? `421 4.7.28 try again in ${i % 60} minutes` : '250 2.0.0 OK',
    to: { domain: MAILBOXES[i % MAILBOXES.length]! },
    dims: { ip: `192.0.2.${i % 20}`, senderDomain: 'shop.example' },
  }))
}

/** One minute of many slices, two counters each. */
function minuteOf(slices: number, at: number): CounterRow[] {
  return Array.from({ length: slices }, (_, i) => {
    const slice = { ip: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, provider: MAILBOXES[i % MAILBOXES.length]! }
    return [row(at, 40 + (i % 7), { slice }), row(at, 1 + (i % 3), { slice, outcome: 'deferred', reply: reply() })]
  }).flat()
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const from = performance.now()
  const result = await work()
  return { ms: performance.now() - from, result }
}

const perSecond = (n: number, ms: number) => `${Math.round((n / ms) * 1000).toLocaleString('en')}/s`

/** `global.gc` exists under `node --expose-gc`; without it the figure includes garbage. */
function heapMiB(): number {
  ;(globalThis as { gc?: () => void }).gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

async function benchDatabase(name: string, store: Store, sizes: number[], print: (line: string) => void) {
  const polled = observations(200_000, 'polled')
  const window = { from: minute(0), to: minute(60) }
  const poll = await timed(async () => {
    const tally = createTally(PLAIN_TALLY)
    for (let i = 0; i < polled.length; i += 1000) tally.add(polled.slice(i, i + 1000))
    await store.counters.replaceWindow('polled', window, tally.rows(), LEDGER)
  })
  print(`${name}: ${perSecond(polled.length, poll.ms)} observations stored from a polled window`)

  const streamed = observations(20_000, 'streamed')
  const stream = await timed(async () => {
    for (let i = 0; i < streamed.length; i += 500) {
      await store.counters.addEvents('streamed', toEvents(streamed.slice(i, i + 500), PLAIN_TALLY), { at: minute(0) })
    }
  })
  print(`${name}: ${perSecond(streamed.length, stream.ms)} observations stored from a stream, 500 at a time`)

  for (const slices of sizes) {
    const source = `wide-${slices}`
    const one = { from: minute(100), to: minute(101) }
    const first = await timed(() => store.counters.replaceWindow(source, one, minuteOf(slices, 100), LEDGER))
    const next = { from: minute(101), to: minute(102) }
    const again = await timed(() => store.counters.replaceWindow(source, next, minuteOf(slices, 101), LEDGER))
    const before = heapMiB()
    const read = await timed(() => store.counters.read(next, source))
    const held = heapMiB() - before
    print(
      `${name}: a minute of ${slices.toLocaleString('en')} slices: written in ${Math.round(again.ms)} ms (${Math.round(first.ms)} ms when they are new), read in ${Math.round(read.ms)} ms, ${read.result.length.toLocaleString('en')} counters in ${held.toFixed(1)} MiB`,
    )
  }
}

/** Figures of the store on PGlite and on a PostgreSQL with fsync, both on this machine. */
export async function bench(print: (line: string) => void): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'bouncebell-bench-'))
  const server = await startPostgres({ durable: true })
  const run = async (name: string, options: DatabaseOptions, sizes: number[]) => {
    const { store } = await openStore(options)
    try {
      await benchDatabase(name, store, sizes, print)
    } finally {
      await store.close()
    }
  }
  try {
    await run('PGlite', { dataDir: home }, [1000, 10_000])
    await run('PostgreSQL', { databaseUrl: await server.create('bench') }, [1000, 10_000, 100_000])
  } finally {
    await server.stop()
    await rm(home, { recursive: true, force: true })
  }
}
