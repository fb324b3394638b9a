import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { CounterRow } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { startPostgres } from '../support/pg-server.ts'
import { minute, reply, row } from '../support/store-rows.ts'
import { createWatchHarness } from '../support/watch-harness.ts'

const MOST_MS = 60_000
const PROVIDERS = ['gmail', 'microsoft', 'yahoo', 'apple']

export async function bench(print: (line: string) => void): Promise<void> {
  await processToReady(print)
  await detectorToReady(print)
}

/** From the start of the process to a 200 of /readyz: with a new database, and with one that is there already. */
async function processToReady(print: (line: string) => void): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bouncebell-start-'))
  try {
    const port = await freePort()
    const config = join(directory, 'bouncebell.yaml')
    const log = join(directory, 'mail.log')
    await writeFile(log, '')
    const settings = {
      server: { port },
      database: { directory: join(directory, 'data') },
      sources: [{ id: 'mta', type: 'postfix', path: log }],
    }
    await writeFile(config, JSON.stringify(settings))
    print(`cold start to ready, new embedded database: ${await timeToReady(config, port)} ms`)
    print(`cold start to ready, database there already: ${await timeToReady(config, port)} ms`)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const SLICES = 10_000
/** Every slice has mail once in so many minutes. */
const EVERY = 10
const DAYS = 3

/** The first watch of a process, on PostgreSQL: from the counters of some days, and from the state that was stored. */
async function detectorToReady(print: (line: string) => void): Promise<void> {
  const server = await startPostgres({ durable: true })
  const { store } = await openStore({ databaseUrl: await server.create('start') })
  const end = DAYS * 1440
  try {
    for (let from = 0; from < end; from += 60) {
      const window = { from: minute(from), to: minute(from + 60) }
      const rows = Array.from({ length: 60 }, (_, i) => minuteOf(from + i)).flat()
      await store.counters.replaceWindow('mailgun', window, rows, { at: window.to, nextReadAt: null })
    }
    const timed = async (at: number) => {
      const harness = createWatchHarness(store)
      const started = performance.now()
      await harness.watch(at)
      return `${((performance.now() - started) / 1000).toFixed(1)} s`
    }
    const days = `${SLICES.toLocaleString('en')} slices, ${DAYS} days`
    print(`first watch of a process, ${days}: from the counters ${await timed(end)}`)
    print(`first watch of a process, ${days}: from the stored state ${await timed(end + 1)}`)
  } finally {
    await store.close()
    await server.stop()
  }
}

function minuteOf(at: number): CounterRow[] {
  return Array.from({ length: SLICES / EVERY }, (_, k) => {
    const i = k * EVERY + (at % EVERY)
    const slice = { ip: `10.0.${i >> 10}.${(i >> 2) & 255}`, provider: PROVIDERS[i % 4]! }
    const failed = (i * 7 + at) % 40 === 0 ? 1 : 0
    return [
      row(at, 20, { slice }),
      ...(failed > 0 ? [row(at, failed, { slice, outcome: 'deferred', reply: reply() })] : []),
    ]
  }).flat()
}

async function timeToReady(config: string, port: number): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, ['src/main.ts', 'serve', '--config', config], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    while (!(await isReady(port))) {
      if (performance.now() - started > MOST_MS) throw new Error('not ready within a minute')
      await wait(10)
    }
    return Math.round(performance.now() - started)
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

const isReady = (port: number) =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    (response) => response.ok,
    () => false,
  )

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
