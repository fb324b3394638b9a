import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, statfsSync } from 'node:fs'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/postfix-sink.ts'

const MB = 1024 * 1024
const PATIENCE_MS = 120_000
const MAIN = resolve(import.meta.dirname, '../../src/main.ts')

/** A program of the system. */
const run = (program: string, ...given: string[]) => execFileSync(program, given)

let home: string
let disk: string
let url: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'bouncebell-disk-'))
  disk = join(home, 'disk')
  mkdirSync(disk)
  run('mount', '-t', 'tmpfs', '-o', 'size=300m', 'tmpfs', disk)
})
afterAll(async () => {
  run('umount', disk)
  await rm(home, { recursive: true })
})

/** Leaves so many bytes free for others. */
async function leaveFree(bytes: number): Promise<void> {
  const ballast = join(disk, 'ballast')
  await rm(ballast, { force: true })
  const { bavail, bsize } = statfsSync(disk)
  run('fallocate', '--length', String(bavail * bsize - bytes), ballast)
}

async function until(look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await look().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1000} s`)
    await wait(200)
  }
}

test('a Bouncebell whose disk fills up says so, hears SIGTERM even when it is full, and goes on with room', {
  timeout: 600_000,
}, async () => {
  const port = await freePort()
  const log = join(home, 'mail.log')
  await writeFile(log, '')
  const config = join(home, 'bouncebell.yaml')
  await writeFile(
    config,
    JSON.stringify({
      server: { port },
      database: { directory: join(disk, 'data') },
      sources: [{ id: 'mta', type: 'postfix', path: log }],
      chat: { web: {} },
      timing: { tickSeconds: 1 },
    }),
  )
  const start = () =>
    spawn(process.execPath, [MAIN, 'serve', '--config', config], { stdio: ['ignore', 'ignore', 'inherit'] })
  url = `http://127.0.0.1:${port}`
  const ready = async () => (await fetch(`${url}/readyz`)).text()
  const page = async () => (await fetch(url)).text()

  const first = start()
  await until(async () => (await ready()) === 'ready\n')
  await leaveFree(50 * MB)
  await until(async () => (await ready()).includes('MB are free on the disk'))
  await until(async () => (await page()).includes('No data from any source'))
  await leaveFree(200 * MB)
  await until(async () => (await ready()) === 'ready\n')
  await until(async () => (await page()).includes('Data from all sources is back'))

  // Nothing left at all, from one moment to the next.
  await leaveFree(0)
  await until(async () => (await fetch(`${url}/readyz`)).status === 503)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  const ended = once(first, 'exit')
  first.kill('SIGTERM')
  await ended

  await leaveFree(200 * MB)
  await truncate(log, 0)
  const second = start()
  await until(async () => (await ready()) === 'ready\n')
  const over = once(second, 'exit')
  second.kill('SIGTERM')
  expect((await over)[0]).toBe(0)
})
