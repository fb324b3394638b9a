import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { mailgun } from '../../adapters/esp/mailgun/index.ts'
import { postfix } from '../../adapters/esp/postfix/index.ts'
import { ses } from '../../adapters/esp/ses/index.ts'
import { createMailgunLog, type LogEntry } from '../../src/demo/mailgun-log.ts'
import { startMailgunServer } from '../../src/demo/mailgun-server.ts'
import { poll } from '../../src/jobs/poll.ts'
import { createWindowSizes } from '../../src/jobs/window-sizes.ts'
import { createHttpClient } from '../../src/lib/http-client.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { silentLog, startFollowing, until } from '../support/following.ts'
import { attemptLine, isoTime } from '../support/postfix-log.ts'
import { type SqsServer, sqsKeys, startSqs } from '../support/sqs-server.ts'
import { sesBounce } from '../support/sqs-ses-events.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute } from '../support/store-rows.ts'
import { PLAIN_TALLY } from '../support/store-tally.ts'
import { streamContext } from '../support/stream-context.ts'

const NOW = minute(60)
const now = () => NOW
const DAY = 1440
/** No compression makes it short enough for an index. */
const LONG = Array.from({ length: 900 }, (_, i) => (i * 7919 * 104_729).toString(36)).join('')

describe.each(DATABASE_KINDS)('what a source tells, on %s', (kind) => {
  let database: FreshDatabase
  let store: Store
  let sqs: SqsServer
  let sources = 0
  const ends: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
    sqs = await startSqs()
  })
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })
  afterAll(async () => {
    await sqs.stop()
    await store.close()
    await database.drop()
  })

  const newSource = () => `source-${++sources}`
  const counted = async (source: string) => {
    const rows = await store.counters.read({ from: minute(-30 * DAY), to: minute(30 * DAY) }, source)
    return rows.reduce((sum, { n }) => sum + n, 0)
  }
  const healthOf = async (source: string) => (await store.sources.health()).find((each) => each.source === source)

  /** A log of Postfix with these lines, followed. */
  async function followLog(lines: string[]) {
    const source = newSource()
    const directory = await mkdtemp(join(tmpdir(), 'bouncebell-border-'))
    ends.push(() => rm(directory, { recursive: true }))
    const path = join(directory, 'mail.log')
    await writeFile(path, '')
    const write = (more: string[]) => appendFile(path, more.map((line) => `${line}\n`).join(''))
    await write(lines)
    const opened = postfix.open(postfix.config.parse({ path, ip: '198.51.100.7' }), streamContext())
    let stop = startFollowing(store, source, opened, now)
    ends.push(() => stop())
    const restart = async () => {
      await stop()
      stop = startFollowing(store, source, opened, now)
    }
    return { source, write, restart }
  }
  const attempt = (n: number, change: Partial<Parameters<typeof attemptLine>[0]> = {}) =>
    attemptLine({
      queueId: `4FzX${String(n).padStart(6, '0')}`,
      to: `person${n}@gmail.com`,
      status: 'bounced',
      text: '550 5.7.1 no',
      time: isoTime(minute(n % 60)),
      ...change,
    })

  it('of Postfix is read, whatever one line holds', async () => {
    const { source, write } = await followLog([
      attempt(1),
      attempt(2, { text: '550 5.7.1 no\0t here \ud83d' }),
      attempt(3, { time: '9999-12-31T23:59:59+00:00' }),
      attempt(4, { time: '2030-01-01T00:00:00+00:00' }),
      attempt(5, { tag: `postfix/${LONG}/smtp[1]` }),
      attempt(6, { tag: `postfix/${'\0'.repeat(9)}bulk/smtp[1]` }),
      attempt(7),
    ])
    await until(async () => (await counted(source)) === 5)
    expect(await healthOf(source)).toMatchObject({ malformed: 2, lastEventAt: minute(7) })
    await write([attempt(8)])
    await until(async () => (await counted(source)) === 6)
  })

  it('of Amazon SES is read, whatever one message holds, and leaves the queue', async () => {
    const source = newSource()
    const queue = await sqs.createQueue()
    const event = (n: number, change: Partial<Parameters<typeof sesBounce>[0]> = {}) =>
      queue.send(
        JSON.stringify(
          sesBounce({ messageId: `m-${n}`, recipients: ['a@gmail.com'], at: minute(n), reply: '550 no', ...change }),
        ),
      )
    await event(1)
    await event(2, { reply: '550 no\0t here \ud83d' })
    await event(3, { at: new Date('9999-12-31T23:59:59Z') })
    await event(4, { tags: { campaign: [LONG] } })
    await event(5, {
      tags: { campaign: ['a\0b'], 'ses:configuration-set': ['\0'], 'ses:from-domain': ['x\0.example'] },
    })
    await event(6)
    const config = ses.config.parse({ queueUrl: queue.url, region: 'us-east-1', ...sqsKeys() })
    ends.push(startFollowing(store, source, ses.open(config, streamContext()), now))
    await until(async () => (await counted(source)) === 5)
    await until(async () => (await queue.length()) === 0)
    expect(await healthOf(source)).toMatchObject({ malformed: 1, lastEventAt: minute(6) })
  })

  it('of Mailgun is read, whatever one entry holds', async () => {
    const source = newSource()
    const log = createMailgunLog()
    const entry = (n: number, change: Partial<LogEntry> = {}): LogEntry => ({
      id: `entry-${n}`,
      event: 'failed',
      severity: 'permanent',
      '@timestamp': minute(n).toISOString(),
      account: { id: '1' },
      domain: { name: 'news.example.com' },
      recipient: 'a@gmail.com',
      'delivery-status': { code: 550, message: 'no' },
      ...change,
    })
    log.add(entry(1))
    log.add(entry(2, { 'delivery-status': { code: 550, message: 'no\0t here \ud83d' } }))
    log.add(entry(3, { tags: [LONG] }))
    log.add(entry(4, { domain: { name: 'news\0.example.com' }, campaigns: [{ id: '\0' }] }))
    log.add(entry(5))
    const server = await startMailgunServer({ key: 'key-of-a-test-0123456789', log, now })
    ends.push(server.close)
    const clock = { now, sleep: async () => {} }
    const config = mailgun.config.parse({ apiKey: server.key, baseUrl: server.url })
    const opened = mailgun.open(config, { http: createHttpClient(), clock, log: silentLog })
    if (opened.kind !== 'window') throw new Error('Mailgun is asked about periods')
    for (const part of ['news', 'history'] as const) {
      const { left } = await poll(
        { name: source, type: 'mailgun', facts: { rereadAfterMinutes: [] }, source: opened },
        {
          store,
          clock,
          log: silentLog,
          tally: PLAIN_TALLY,
          backfillDays: 1,
          part,
          sizes: createWindowSizes(),
        },
        new AbortController().signal,
      )
      expect(left).toBe(0)
    }
    expect(await counted(source)).toBe(5)
    expect(await healthOf(source)).toMatchObject({ problem: null, lastEventAt: minute(5) })
  })

  it('makes no partition for each of 3,000 old days, and old lines are no trouble', async () => {
    const old = Array.from({ length: 3000 }, (_, n) =>
      attempt(n, { time: isoTime(new Date(NOW.getTime() - (20 + n) * 86_400_000)) }),
    )
    const before = await partitions()
    const { source } = await followLog([...old, attempt(9000)])
    await until(async () => (await counted(source)) === 1)
    expect((await partitions()) - before).toBeLessThanOrEqual(2)
    expect(await healthOf(source)).toMatchObject({ malformed: 0, problem: null })
  })

  /** Only PostgreSQL can be asked by another than the store. */
  async function partitions(): Promise<number> {
    if (!('databaseUrl' in database.options)) return 0
    const client = new pg.Client({ connectionString: database.options.databaseUrl })
    await client.connect()
    const { rows } = await client.query('select count(*)::int as n from pg_class where relispartition')
    await client.end()
    return rows[0].n
  }

  it('is said to be unreadable where a notable share of it is, with an example, until it is better', async () => {
    const odd = Array.from({ length: 198 }, (_, n) => attempt(n, { status: 'teleported', to: `jane${n}@gmail.com` }))
    const { source, write, restart } = await followLog(odd)
    await until(async () => (await healthOf(source))?.problem != null)
    const health = await healthOf(source)
    expect(health).toMatchObject({ malformed: 198, failingSince: NOW, lastOkAt: NOW })
    expect(health!.problem).toMatch(/none of its items can be read, for example: its status is not known/)
    expect(health!.problem).not.toMatch(/jane|@/)
    expect(health!.remedy).toMatch(/Report this/)
    // A restart forgets nothing, and a few good lines do not make it good.
    await restart()
    await write([attempt(1), attempt(2)])
    await until(async () => (await counted(source)) === 2)
    await until(async () => /^only some/.test((await healthOf(source))?.problem ?? ''))
    const good = Array.from({ length: 5000 }, (_, n) => attempt(10 + n))
    await write(good)
    await until(async () => (await counted(source)) === 5002)
    await until(async () => (await healthOf(source))?.problem === null)
    expect(await healthOf(source)).toMatchObject({ failingSince: null, remedy: null, malformed: 198 })
  })
})
