import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { web } from '../../adapters/chat/web/index.ts'
import { postfix } from '../../adapters/esp/postfix/index.ts'
import { readConfig } from '../../src/config/read.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { readProviders } from '../../src/knowledge/rule-files.ts'
import { createLog } from '../../src/lib/log.ts'
import { speedsOf } from '../../src/lib/regex-speed.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import type { ChatDefinition } from '../../src/ports/chat.ts'
import type { Batch, EspDefinition, Observation, StreamSource, WindowSource } from '../../src/ports/esp.ts'
import { type Serving, serve } from '../../src/serve.ts'
import { type OpenedStore, openStore } from '../../src/store/index.ts'
import { finding } from '../support/findings.ts'
import { type FreshDatabase, freshPglite } from '../support/store-databases.ts'
import { openWebSession } from '../support/web-session.ts'

const MINUTE = 60_000
const PATIENCE_MS = 200_000
const log = createLog({ level: 'silent', format: 'json', color: false })
const kinds = {
  esps: [postfix as EspDefinition<unknown>],
  chats: [web as ChatDefinition<unknown>],
  providers: readProviders,
  speedsOf,
}

/** Everything that `main.ts` puts together, on an embedded database, with a stream and a polled source that the test feeds. */
describe('Bouncebell as it is put together', () => {
  let database: FreshDatabase
  let opened: OpenedStore
  let serving: Serving
  let aheadMs = 0
  let isHeld = true
  let isAway = false
  let deliver: (batch: Batch) => Promise<void>
  const began = new Date(Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE)
  const clock = { now: () => new Date(Date.now() + aheadMs), sleep: systemClock.sleep }

  const stream: StreamSource = {
    kind: 'stream',
    ping: async () => {},
    run: async (start, signal) => {
      deliver = start.deliver
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
  }
  const polled: WindowSource = {
    kind: 'window',
    ping: async () => {},
    async *pull({ from, to }) {
      if (isAway) throw new Error('the account is closed')
      const minutes = Math.round((to.getTime() - from.getTime()) / MINUTE)
      yield Array.from({ length: minutes }, (_, i) =>
        delivery(`polled ${from.getTime() + i}`, from.getTime() + i * MINUTE),
      )
    },
  }

  beforeAll(async () => {
    database = await freshPglite()
    opened = await openStore(database.options)
    const { store } = opened
    const config = readConfig(
      JSON.stringify({
        server: { port: 0 },
        sources: [{ id: 'stream', type: 'postfix', path: '/var/log/mail.log' }],
        chat: { web: {} },
        timing: { tickSeconds: 1, backfillDays: 0 },
      }),
      'the test',
      kinds,
      {},
    )
    const facts = postfix.facts
    serving = await serve({
      config,
      knowledge: loadKnowledge([]),
      // Until it is let go, another replica has the watch.
      store: {
        ...store,
        leases: { take: async (name) => (isHeld && name.startsWith('watch') ? null : store.leases.take(name)) },
      },
      journal: opened.journal,
      queue: opened.queue,
      clock,
      log,
      sources: [
        { id: 'stream', type: 'postfix', facts, source: stream },
        {
          id: 'polled',
          type: 'mailgun',
          facts: { ...facts, name: 'Mailgun', rereadAfterMinutes: [5] },
          source: polled,
        },
      ],
      openChats: (context) => [{ platform: web.open(web.config.parse({}), context), channel: 'alerts' }],
    })
  })
  afterAll(async () => {
    await serving.stop()
    await opened.store.close()
    await database.drop()
  })

  const get = async (path: string) => {
    const response = await fetch(serving.url + path)
    return { status: response.status, body: await response.text() }
  }
  const ask = async (text: string) => {
    const session = await openWebSession(serving.url)
    const response = await session.submit('/command', { text })
    return ((await response.json()) as { html: string }).html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
  }

  it('is alive but not ready before the first watch, and status says so', async () => {
    await until(async () => deliver !== undefined)
    await deliver({ observations: [delivery('a', began.getTime())] })
    await until(async () => (await opened.store.sources.health()).every(({ lastOkAt }) => lastOkAt !== null))
    expect(await get('/healthz')).toEqual({ status: 200, body: 'ok\n' })
    expect(await get('/readyz')).toEqual({ status: 503, body: 'nothing has been watched yet\n' })
    const status = await ask('status')
    expect(status).toContain('Bouncebell is not watching')
    expect(status).toContain('Nothing has been watched yet.')
  })

  it('tells on the first scrape what is true, and asks for the name it is known by', async () => {
    const { status, body } = await get('/metrics')
    expect(status).toBe(200)
    expect(body).toContain('bouncebell_source_failing{source="stream",type="postfix"} 0')
    expect(body).toContain('bouncebell_source_malformed_items{source="stream",type="postfix"} 0')
    expect(body).toMatch(/bouncebell_source_last_ok_timestamp_seconds\{source="stream",type="postfix"\} \d{10}/)
    expect(body).toContain('bouncebell_messages_behind 0')
  })

  it('counts what a stream told once it is committed, and never before', async () => {
    const total = async () =>
      Number(/observations_total\{source="stream",outcome="delivered"\} (\d+)/.exec((await get('/metrics')).body)?.[1])
    const before = await total()
    const telling = deliver({ observations: [delivery('b', began.getTime()), delivery('c', began.getTime())] })
    await telling
    const window = { from: began, to: new Date(began.getTime() + MINUTE) }
    const rows = await opened.store.counters.read(window, 'stream')
    expect(rows.reduce((sum, { n }) => sum + n, 0)).toBe(3)
    expect(await total()).toBe(before + 2)
  })

  it('is ready once the counters were watched, and says in status what it watches', async () => {
    isHeld = false
    await until(async () => (await get('/readyz')).status === 200)
    await until(async () => /Watched (?:one|[1-9]\d*) slices?;/.test(await ask('status detail')))
    const status = await ask('status')
    expect(status).not.toContain('no traffic yet')
    expect(status).not.toContain('Watched')
    expect(status).toContain('No open incidents, all sources are up to date')
  })

  it('is not ready while the watch stands still', async () => {
    isHeld = true
    aheadMs = 20 * MINUTE
    // The source is read by the new time as well.
    await until(async () => (await get('/readyz')).body.startsWith('nothing has been watched since'))
    expect((await get('/readyz')).status).toBe(503)
    isHeld = false
    await until(async () => (await get('/readyz')).status === 200)
  })

  it('is not ready while no source is read, and names them', async () => {
    isAway = true
    aheadMs = 50 * MINUTE
    await until(async () => (await get('/readyz')).body.includes('no source was read recently (stream, polled)'))
    expect((await get('/readyz')).status).toBe(503)
    expect(await ask('status')).toContain('o data from 2 sources')
    await deliver({ observations: [] })
    await until(async () => (await get('/readyz')).status === 200)
    expect(await ask('status')).toContain('o data from one source')
  })

  it('is not ready while alerts do not get through', async () => {
    const { incident, audit } = openDelivery(finding(10))
    const at = new Date(clock.now().getTime() - 15 * MINUTE)
    const to = { platform: 'web', channel: 'alerts' }
    const older = { ...incident, openedAt: at, updatedAt: at }
    await opened.store.incidents.commit([
      { incident: older, from: 0, audit: audit.map((entry) => ({ ...entry, at })), deliverTo: [to] },
    ])
    // Delivered, as the page is there; then as if the history had gone on and nobody had told it.
    await until(async () => (await opened.store.messages.waitingSince(['web'])) === null)
    const record = (await opened.store.messages.get(incident.id, to))!
    await opened.boss.offWork('deliver', { wait: true })
    await opened.store.messages.save({ ...record, threadSeq: 0 })
    expect(await opened.store.messages.waitingSince(['slack'])).toBeNull()
    await until(async () => (await get('/readyz')).body.includes('alerts have been waiting since'))
    expect((await get('/readyz')).status).toBe(503)
    await opened.store.messages.save(record)
    await until(async () => (await get('/readyz')).status === 200)
  })
})

const delivery = (id: string, at: number): Observation => ({
  kind: 'event',
  id,
  at: new Date(at),
  outcome: 'delivered',
  reply: null,
  to: { domain: 'gmail.com' },
  dims: { ip: '192.0.2.1', senderDomain: 'shop.example' },
})

async function until(look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1000} s`)
    await wait(100)
  }
}
