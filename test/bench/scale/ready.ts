import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { DatabaseOptions } from '../../../src/store/db.ts'

const MOST_MS = 300_000
/** What is watched after it is ready, while the detector is built. */
const DWELL_MS = 20_000
const LOOK_EVERY_MS = 20

/** Serves what is stored: how long until /readyz says yes, and how late its event loop was by its own metrics. */
export async function timeToReady(options: DatabaseOptions): Promise<{ ready: number; p99: number; worst: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'bouncebell-ready-'))
  const port = await freePort()
  const config = join(directory, 'bouncebell.yaml')
  const log = join(directory, 'mail.log')
  await writeFile(log, '')
  const database = 'databaseUrl' in options ? { url: options.databaseUrl } : { directory: options.dataDir }
  const settings = { server: { port }, database, sources: [{ id: 'mta', type: 'postfix', path: log }] }
  await writeFile(config, JSON.stringify(settings))
  const began = performance.now()
  const child = spawn(process.execPath, ['src/main.ts', 'serve', '--config', config], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    while (!(await isReady(port))) {
      if (child.exitCode !== null || performance.now() - began > MOST_MS) throw new Error('it does not get ready')
      await wait(LOOK_EVERY_MS)
    }
    const ready = performance.now() - began
    await wait(DWELL_MS)
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`).then((response) => response.text())
    return { ready, p99: lagOf(metrics, 'p99_seconds'), worst: lagOf(metrics, 'max_seconds') }
  } finally {
    child.kill('SIGTERM')
    await ended
    await rm(directory, { recursive: true, force: true })
  }
}

const lagOf = (metrics: string, which: string): number =>
  1000 * Number(new RegExp(`^nodejs_eventloop_lag_${which} (\\S+)`, 'm').exec(metrics)?.[1])

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
