import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { stringify } from 'yaml'
import { freePort } from '../support/postfix-sink.ts'

export interface Bouncebell {
  url: string
  stop(): Promise<void>
}

/** Bouncebell as its users run it: a process of its own, an embedded database, the web page. */
export async function startBouncebell(source: object): Promise<Bouncebell> {
  const home = await mkdtemp(join(tmpdir(), 'bouncebell-system-'))
  const port = await freePort()
  const config = join(home, 'bouncebell.yaml')
  await writeFile(
    config,
    stringify({
      server: { port },
      database: { directory: join(home, 'data') },
      sources: [source],
      chat: { web: {} },
      timing: { tickSeconds: 2 },
      log: { level: 'warn' },
    }),
  )
  const main = resolve(import.meta.dirname, '../../src/main.ts')
  const child = spawn(process.execPath, [main, 'serve', '--config', config], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  await Promise.race([ready(url), ended.then(([code]) => Promise.reject(new Error(`Bouncebell ended with ${code}`)))])
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      await rm(home, { recursive: true, force: true })
    },
  }
}

async function ready(url: string): Promise<void> {
  for (;;) {
    const isReady = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
    if (isReady) return
    await wait(200)
  }
}
