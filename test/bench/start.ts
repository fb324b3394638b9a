import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const MOST_MS = 60_000

/** From the start of the process to a 200 of /readyz: with a new database, and with one that is there already. */
export async function bench(print: (line: string) => void): Promise<void> {
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
