import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import { runBouncebell } from '../support/command-line.ts'
import { APP_TOKEN, BOT_TOKEN, CHANNEL, startSlackServer } from '../support/slack-server.ts'
import { freshPostgres } from '../support/store-databases.ts'
import { openWebSession } from '../support/web-session.ts'

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname
const TITLE = '[Test] Alerts from Bouncebell arrive here'

describe('bouncebell doctor --test-alert', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'bouncebell-test-alert-'))
  let slack: Awaited<ReturnType<typeof startSlackServer>>
  let url = ''

  beforeAll(async () => {
    slack = await startSlackServer()
    writeFileSync(join(cwd, 'mail.log'), '')
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    write('both.yaml', port, CHANNEL)
    write('uninvited.yaml', port, 'C0OTHER001')
  })
  afterAll(async () => {
    await slack.close()
    rmSync(cwd, { recursive: true, force: true })
  })

  function write(name: string, port: number, channel: string) {
    const config = {
      server: { port },
      sources: [{ id: 'mta', type: 'postfix', path: join(cwd, 'mail.log') }],
      chat: {
        web: {},
        slack: { mode: 'socket', botToken: BOT_TOKEN, appToken: APP_TOKEN, channel, apiUrl: slack.apiUrl },
      },
    }
    writeFileSync(join(cwd, name), JSON.stringify(config))
  }
  const doctor = (config: string, env: Record<string, string> = {}) =>
    runBouncebell(['doctor', '--test-alert', '--config', config], { cwd, env })
  const inSlack = () => slack.messages.filter(({ text }) => text.includes(TITLE)).length
  const onPage = (html: string) => html.split(TITLE).length > 1

  it('posts to every chat while Bouncebell does not run, also on the embedded database', async () => {
    const { exit, stdout } = await doctor('both.yaml')
    expect(stdout).toContain(`ok    test alert slack ${CHANNEL}\nok    test alert web alerts\n`)
    expect(exit).toBe(0)
    expect(inSlack()).toBe(1)
    const { store, journal } = await openStore({ dataDir: join(cwd, 'data') })
    const { entries } = await journal.latest('alerts', 10)
    expect(entries.map(({ card }) => card.title)).toEqual([TITLE])
    expect(await store.incidents.current(new Date(0))).toEqual([])
    await store.close()
  })

  it('says which chat it did not reach, and why, and reaches the others', async () => {
    const { exit, stdout } = await doctor('uninvited.yaml')
    expect(stdout).toContain('ok    test alert web alerts\n')
    expect(stdout.split('FAIL  test alert slack C0OTHER001\n')[1]).toMatch(/^ {6}\S.*\n {6}\S/)
    expect(exit).toBe(1)
  })

  it('posts to every chat on PostgreSQL', async () => {
    const database = await freshPostgres({ empty: true })
    const { exit } = await doctor('both.yaml', { DATABASE_URL: database.options.databaseUrl })
    expect(exit).toBe(0)
    const { store, journal } = await openStore(database.options)
    expect((await journal.latest('alerts', 10)).entries).toHaveLength(1)
    await store.close()
    await database.drop()
    expect(inSlack()).toBe(2)
  })

  it('asks the Bouncebell that has the embedded database, which nobody else may', async () => {
    const before = inSlack()
    const running = await serving('both.yaml')
    try {
      const key = statSync(join(cwd, 'data/test-alert-key'))
      expect(key.mode & 0o777).toBe(0o600)
      for (const headers of [{}, { authorization: 'Bearer guessed' }])
        expect((await fetch(`${url}/test-alert`, { method: 'POST', headers })).status).toBe(401)
      expect(inSlack()).toBe(before)
      const { stdout } = await doctor('both.yaml')
      expect(stdout).toContain(`ok    test alert slack ${CHANNEL}\nok    test alert web alerts\n`)
      expect(inSlack()).toBe(before + 1)
      expect(onPage(await (await openWebSession(url)).page())).toBe(true)
    } finally {
      running.kill('SIGTERM')
      await once(running, 'exit')
    }
  })

  it('is not needed to learn of a chat that cannot be reached: the start says so', async () => {
    const lines: string[] = []
    const running = await serving('uninvited.yaml', (line) => lines.push(line))
    try {
      await expect
        .poll(() => lines.find((line) => line.includes('Alerts will NOT reach')))
        .toContain('Alerts will NOT reach slack C0OTHER001')
    } finally {
      running.kill('SIGTERM')
      await once(running, 'exit')
    }
  })

  /** A Bouncebell that runs, once it says where. */
  async function serving(config: string, hear: (line: string) => void = () => {}): Promise<ChildProcess> {
    const { DATABASE_URL: _, ...env } = process.env
    const child = spawn(process.execPath, [MAIN, 'serve', '--config', config], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface(child.stdout)
    lines.on('line', hear)
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => line.includes('Bouncebell is at') && resolve())
      child.once('exit', (code) => reject(new Error(`it ended: ${code}`)))
    })
    return child
  }
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
