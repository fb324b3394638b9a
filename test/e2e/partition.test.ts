import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { freshPostgres } from '../support/store-databases.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
/** It takes ten seconds at most; a busy machine gets three times that. Without limits it would take TCP's quarter of an hour. */
const ENDED_WITHIN_MS = 30_000

it('SIGTERM ends Bouncebell soon while the network swallows all that goes to PostgreSQL', async () => {
  const database = await freshPostgres({ empty: false })
  const proxy = await startTcpProxy(database.options.databaseUrl)
  const home = await mkdtemp(join(tmpdir(), 'bouncebell-partition-'))
  await writeFile(join(home, 'mail.log'), '')
  await writeFile(
    join(home, 'bouncebell.yaml'),
    JSON.stringify({
      server: { port: 0 },
      database: { url: proxy.through(database.options.databaseUrl) },
      sources: [{ id: 'mta', type: 'postfix', path: join(home, 'mail.log') }],
      chat: { web: {} },
      timing: { tickSeconds: 1 },
    }),
  )
  const child = spawn(process.execPath, [MAIN, 'serve', '--config', join(home, 'bouncebell.yaml')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const lines = createInterface(child.stdout)
  await new Promise<void>((isUp) => lines.on('line', (line) => line.includes('Bouncebell is at') && isUp()))

  proxy.silence()
  // Long enough that questions to the database are on their way, whatever the machine is doing.
  await wait(3000)
  const asked = performance.now()
  child.kill('SIGTERM')
  await ended
  expect(performance.now() - asked).toBeLessThan(ENDED_WITHIN_MS)
  await proxy.close()
  await database.drop()
  await rm(home, { recursive: true, force: true })
})
