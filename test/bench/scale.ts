import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTraffic } from '../../src/demo/traffic.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { type DatabaseOptions, openDatabase } from '../../src/store/db.ts'
import { openStore } from '../../src/store/index.ts'
import { startPostgres } from '../support/pg-server.ts'
import { amount, type Bars, BEFORE, createBars, time } from './scale/bars.ts'
import { type Disk, directorySize, diskOf } from './scale/disk.ts'
import { loadTraffic } from './scale/load.ts'
import type { Measured } from './scale/measured.ts'
import { timeToReady } from './scale/ready.ts'
import { topologyOf } from './scale/topology.ts'

const DAYS = 14
const HOUR_MS = 3_600_000
const MEGABYTE = 1e6
const USUAL = [200, 2000]

/** From issue 10. */
const BAR = {
  lookupMs: (slices: number) => (slices > 2000 ? 100 : 50),
  readyMs: 10_000,
  lateMs: { p99: 100, worst: 500 },
  builtMs: 120_000,
  memory: 700,
  rollUpMinuteMs: 1000,
  megabytesPerMillion: 70,
  directory: 1.3,
}

type Print = (line: string) => void

interface Run {
  /** As in `BEFORE`. */
  name: string
  slices: number
  options: DatabaseOptions
  end: number
  bars: Bars
  print: Print
}

/**
 * Stores of 14 days with so many slices (200 and 2 000; others on request), and all that issue 10 measured on them.
 * False where a bar is not reached.
 */
export async function bench(print: Print, sizes: readonly number[]): Promise<boolean> {
  const bars = createBars()
  const end = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  const server = await startPostgres({ durable: true })
  const directory = await mkdtemp(join(tmpdir(), 'bouncebell-scale-'))
  try {
    for (const slices of sizes.length ? sizes : USUAL) {
      const databaseUrl = await server.create(`scale_${slices}`)
      await run({ name: `PostgreSQL ${slices}`, slices, options: { databaseUrl }, end, bars, print })
      await server.drop(`scale_${slices}`)
    }
    if (!sizes.length || sizes.includes(200))
      await run({ name: 'PGlite 200', slices: 200, options: { dataDir: directory }, end, bars, print })
  } finally {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
  for (const line of bars.lines()) print(line)
  return bars.areHeld()
}

async function run(run: Run): Promise<void> {
  const { name, slices, options, bars, print } = run
  const tell = (row: string, figure: string) => print(`${name}: ${row}: ${figure}${before(row, name)}`)
  const counters = await fill(run)
  await measureDisk(run, counters, tell)
  const { ready, ...late } = await timeToReady(options)
  tell('ready', `${time(ready)}; event loop p99 ${time(late.p99)}, worst ${time(late.worst)} until 20 s later`)
  bars.hold(`${name} ready`, ready / 1000, BAR.readyMs / 1000, 's')
  hold(run, 'serving', late)

  const measure = async (row: string, subject: string, figure: (found: Measured) => string) => {
    const found = await inOwnProcess(run, subject)
    const { late, memory } = found
    tell(row, `${figure(found)}; event loop p99 ${time(late.p99)}, worst ${time(late.worst)}; ${amount(memory)} MiB`)
    hold(run, row, late)
    return found
  }
  await measure(
    'first roll-up',
    'firstRollUp',
    ({ ms, figures }) => `${time(ms)}, a piece at most ${time(figures.longest!)}`,
  )
  await measure('lookups alone', 'alone', ({ figures }) =>
    Object.entries(figures)
      .map(([what, ms]) => `${what} ${time(ms)}`)
      .join(', '),
  )
  for (const row of ['lookup 550 alone', 'lookup 421 gmail alone']) print(`${name}: ${row}:${before(row, name)}`)
  const { figures: asked } = await measure(
    'lookup 20 at once',
    'together',
    ({ figures }) => `p99 ${time(figures.same!)} for the same question, ${time(figures.mixed!)} for different ones`,
  )
  bars.hold(`${name} lookup 20 at once p99`, Math.max(asked.same!, asked.mixed!), BAR.lookupMs(slices), 'ms')
  const watch = await measure('first watch', 'firstWatch', watched)
  bars.hold(`${name} first state`, watch.figures.detecting! / 1000, BAR.builtMs / 1000, 's')
  bars.hold(`${name} memory`, watch.memory, BAR.memory, 'MiB')
  print(`${name}: memory: ${amount(watch.memory)} MiB${before('memory', name)}`)
  await measure('restart', 'restart', watched)
  const { figures } = await measure("a minute's roll-up", 'rollUpMinute', ({ figures }) => time(figures.rollUp!))
  bars.hold(`${name} a minute's roll-up`, figures.rollUp! / 1000, BAR.rollUpMinuteMs / 1000, 's')
  await measure('six hours again', 'reread', ({ figures }) => time(figures.reread!))
}

const watched = ({ figures }: Measured) => `first minute ${time(figures.first!)}, detector ${time(figures.detecting!)}`
const before = (row: string, name: string) => (BEFORE[row]?.[name] ? ` (was ${BEFORE[row][name]})` : '')

function hold({ name, bars }: Run, row: string, late: { p99: number; worst: number }): void {
  bars.hold(`${name} ${row}, event loop p99`, late.p99, BAR.lateMs.p99, 'ms')
  bars.hold(`${name} ${row}, event loop worst`, late.worst, BAR.lateMs.worst, 'ms')
}

/** Loads the store, and returns the number of counters in it. */
async function fill({ name, slices, options, end, print }: Run): Promise<number> {
  const began = performance.now()
  await (await openStore(options)).store.close()
  const traffic = createTraffic({ seed: 1, days: DAYS, topology: topologyOf(slices), noise: 0.5, hiccups: 0.02 })
  const { db, close } = await openDatabase(options)
  const origin = new Date(end - DAYS * 24 * HOUR_MS)
  const counters = await loadTraffic({ db, traffic, origin, knowledge: loadKnowledge([]) })
  await close()
  print(`${name}: ${amount(counters / 1e6)} M counters of ${DAYS} days loaded in ${time(performance.now() - began)}`)
  return counters
}

async function measureDisk(run: Run, counters: number, tell: (row: string, figure: string) => void): Promise<void> {
  const { name, options, bars } = run
  const disk = await diskNow(options)
  const perMillion = disk.counters / MEGABYTE / (counters / 1e6)
  const indexes = disk.counterIndexes / MEGABYTE / (counters / 1e6)
  tell(
    'disk',
    `${amount(disk.all / MEGABYTE)} MB, ${amount(perMillion)} MB per million counters, ${amount(indexes)} of it indexes`,
  )
  bars.hold(`${name} disk per million counters, loaded`, perMillion, BAR.megabytesPerMillion, 'MB')
  if (!('dataDir' in options)) return
  const ratio = (await directorySize(options.dataDir)) / disk.all
  tell('directory', `${amount(ratio)} times its tables`)
  bars.hold(`${name} directory`, ratio, BAR.directory, 'times its tables')
}

async function diskNow(options: DatabaseOptions): Promise<Disk> {
  const { db, close } = await openDatabase(options)
  try {
    return await diskOf(db)
  } finally {
    await close()
  }
}

async function inOwnProcess({ options, slices, end }: Run, subject: string): Promise<Measured> {
  const script = join(import.meta.dirname, 'scale', 'measure.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    subject,
    JSON.stringify({ options, slices, end }),
  ])
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured
}
