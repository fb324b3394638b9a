import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mailgun } from '../../adapters/esp/mailgun/index.ts'
import { createMailgunLog, type LogEntry, type MailgunLog } from '../../src/demo/mailgun-log.ts'
import { type MailgunFault, type MailgunServer, startMailgunServer } from '../../src/demo/mailgun-server.ts'
import type { Observation } from '../../src/ports/esp.ts'
import { espContext, pagesOf } from '../support/esp-context.ts'

const NOW = new Date('2026-10-05T09:00:00Z')
const WINDOW = { from: new Date('2026-10-05T08:00:00Z'), to: NOW }
const KEY = 'key-test'

let log: MailgunLog
let server: MailgunServer
let bodies: unknown[]
let fault: MailgunFault | null
beforeEach(async () => {
  log = createMailgunLog()
  bodies = []
  fault = null
  server = await startMailgunServer({
    key: KEY,
    log,
    now: () => NOW,
    fault: ({ body }) => {
      bodies.push(body)
      return fault
    },
  })
})
afterEach(() => server.close())

async function pull(config: object = {}): Promise<Observation[]> {
  const source = mailgun.open(mailgun.config.parse({ apiKey: KEY, baseUrl: server.url, ...config }), espContext(NOW))
  if (source.kind !== 'window') throw new Error('Mailgun is a window source')
  return (await pagesOf(source.pull(WINDOW, new AbortController().signal))).flat()
}

let entries = 0
const entry = (fields: Partial<LogEntry>): LogEntry => ({
  id: `e${++entries}`,
  event: 'failed',
  '@timestamp': '2026-10-05T08:30:00.250Z',
  account: { id: '100' },
  domain: { name: 'news.example.com' },
  recipient: 'jo@example.org',
  'recipient-domain': 'example.org',
  ...fields,
})
const status = (fields: NonNullable<LogEntry['delivery-status']>, more: Partial<LogEntry> = {}) =>
  entry({ 'delivery-status': fields, ...more })

describe('an entry becomes an observation', () => {
  test('with everything that Mailgun tells about where it went', async () => {
    log.add({
      id: 'xYrATi63Rke8EC_s7EoJeA',
      event: 'failed',
      '@timestamp': '2026-10-05T08:28:43.871Z',
      severity: 'temporary',
      account: { id: '100', 'parent-id': '1' },
      domain: { name: 'News.Example.com' },
      recipient: 'jo@hotmail.com',
      'recipient-domain': 'hotmail.com',
      'recipient-provider': 'Microsoft',
      envelope: {
        sender: 'us@news.example.com',
        transport: 'smtp',
        'sending-ip': '203.0.113.9',
        targets: 'jo@hotmail.com',
      },
      campaigns: [{ id: 'c1', name: 'autumn' }],
      tags: ['sale'],
      'delivery-status': {
        code: 451,
        'enhanced-code': '4.7.652',
        message: '4.7.652 The mail server [203.0.113.9] has exceeded the maximum number of connections.',
        'mx-host': 'hotmail-com.olc.protection.outlook.com',
      },
    })
    expect(await pull({ includeSubaccounts: true })).toEqual([
      {
        kind: 'event',
        id: 'xYrATi63Rke8EC_s7EoJeA',
        at: new Date('2026-10-05T08:28:43.871Z'),
        outcome: 'deferred',
        reply: '451 4.7.652 The mail server [203.0.113.9] has exceeded the maximum number of connections.',
        to: { domain: 'hotmail.com', mx: 'hotmail-com.olc.protection.outlook.com' },
        dims: {
          senderDomain: 'news.example.com',
          ip: '203.0.113.9',
          stream: '100',
          campaign: 'autumn',
          provider: 'Microsoft',
        },
      },
    ])
  })

  test.each<[string, LogEntry, object]>([
    [
      'a delivery',
      status({ code: 250, message: 'OK' }, { event: 'delivered' }),
      { outcome: 'delivered', reply: '250 OK' },
    ],
    ['a permanent failure', status({ code: 550, message: 'no' }, { severity: 'permanent' }), { outcome: 'bounced' }],
    ['a temporary failure', status({ code: 421, message: 'no' }, { severity: 'temporary' }), { outcome: 'deferred' }],
    ['a complaint', entry({ event: 'complained' }), { outcome: 'complained', reply: null }],
    ['a message that Mailgun did not take', entry({ event: 'rejected' }), { outcome: 'dropped', reply: null }],
    [
      'a recipient without a domain of its own',
      entry({ event: 'complained', 'recipient-domain': null as never, recipient: 'Jo@Mixed.Example' }),
      { to: { domain: 'mixed.example' } },
    ],
  ])('%s', async (_, given, expected) => {
    log.add(given)
    expect(await pull()).toMatchObject([expected])
  })
})

describe('the reply is put together as the remote server gave it', () => {
  test.each<[string, NonNullable<LogEntry['delivery-status']>, string | null]>([
    ['code and text', { code: 450, message: 'Greylisted' }, '450 Greylisted'],
    ['code, enhanced code and text', { code: 550, 'enhanced-code': '5.7.1', message: 'Blocked' }, '550 5.7.1 Blocked'],
    [
      'an enhanced code that the text has already',
      { code: 550, 'enhanced-code': '5.1.1', message: '5.1.1 No such user' },
      '550 5.1.1 No such user',
    ],
    [
      'several lines',
      { code: 550, message: '5.1.1 The account does not exist.\n5.1.1 Please check it.' },
      '550-5.1.1 The account does not exist.\r\n550 5.1.1 Please check it.',
    ],
    [
      'a delayed bounce, which brings the code in its text',
      { code: 550, 'enhanced-code': '5.1.1', message: 'smtp; 550-5.1.1 The email account does not exist.' },
      'smtp; 550-5.1.1 The email account does not exist.',
    ],
    ['the description where there is no message', { code: 452, message: '', description: 'Full' }, '452 Full'],
    ['a code alone', { code: 554, message: '' }, '554'],
    ['no code at all', { message: 'connection lost' }, 'connection lost'],
    ['nothing', { message: '' }, null],
  ])('%s', async (_, given, reply) => {
    log.add(status(given, { severity: 'permanent' }))
    expect(await pull()).toMatchObject([{ reply }])
  })
})

test.each([498, 499, 605, 607, 680])("Mailgun's own code %i is no reply", async (code) => {
  log.add(status({ code, message: 'Not delivering to previously bounced address' }, { severity: 'temporary' }))
  const [one] = await pull()
  expect(one).toMatchObject({ outcome: 'dropped', reply: null, vendorCode: String(code) })
})

test('a real reply carries no vendor code', async () => {
  log.add(status({ code: 550, message: 'no' }, { severity: 'permanent' }))
  expect((await pull())[0]).not.toHaveProperty('vendorCode')
})

describe('a window is asked for', () => {
  test('in RFC 2822 dates, oldest first, a hundred at a time', async () => {
    await pull()
    expect(bodies).toEqual([
      {
        start: 'Mon, 05 Oct 2026 08:00:00 +0000',
        end: 'Mon, 05 Oct 2026 09:00:00 +0000',
        events: ['delivered', 'failed', 'rejected', 'complained'],
        include_subaccounts: false,
        include_totals: true,
        pagination: { sort: 'timestamp:asc', limit: 100 },
      },
    ])
  })

  test('for some domains only, where the configuration says so', async () => {
    log.add(entry({ domain: { name: 'a.example' } }))
    log.add(entry({ domain: { name: 'b.example' } }))
    log.add(entry({ domain: { name: 'c.example' } }))
    const found = await pull({ domains: ['a.example', 'c.example'] })
    expect(found.map(({ dims }) => dims.senderDomain)).toEqual(['a.example', 'c.example'])
  })

  test('without subaccounts, unless the configuration says so', async () => {
    log.add(entry({ account: { id: '100' } }))
    log.add(entry({ account: { id: '200', 'parent-id': '100' } }))
    expect((await pull()).map(({ dims }) => dims.stream)).toEqual([undefined])
    expect((await pull({ includeSubaccounts: true })).map(({ dims }) => dims.stream)).toEqual([undefined, '200'])
  })
})

describe('a period with many entries', () => {
  const fill = (n: number) => {
    for (let i = 0; i < n; i++) {
      const at = new Date(WINDOW.from.getTime() + Math.floor((i / n) * 3_600_000)).toISOString()
      log.add(entry({ event: 'delivered', '@timestamp': at }))
    }
  }

  test('is read in parts, each entry once', async () => {
    fill(2500)
    const ids = (await pull()).map((each) => (each.kind === 'event' ? each.id : ''))
    expect(ids).toHaveLength(2500)
    expect(new Set(ids).size).toBe(2500)
    const starts = new Set((bodies as { start: string }[]).map(({ start }) => start))
    expect(starts.size).toBeGreaterThan(3)
  })

  test('is read in one request where they fit on a page, and counted in one', async () => {
    fill(42)
    expect(await pull()).toHaveLength(42)
    expect(bodies).toHaveLength(1)
    const source = mailgun.open(mailgun.config.parse({ apiKey: KEY, baseUrl: server.url }), espContext(NOW))
    if (source.kind !== 'window') throw new Error('Mailgun is a window source')
    expect(await source.count?.(WINDOW, new AbortController().signal)).toBe(42)
    expect(bodies.at(-1)).toMatchObject({ include_totals: true, pagination: { limit: 1 } })
  })
})

test('an entry that cannot be read fails the window and is named, so that nothing is left out in silence', async () => {
  log.add(entry({}))
  log.add(entry({ domain: {} as never }))
  await expect(pull()).rejects.toThrow(/items\.1\.domain\.name/)
})

test('a page that names itself as the next one does not go on for ever', async () => {
  const source = mailgun.open(mailgun.config.parse({ apiKey: KEY }), {
    ...espContext(NOW),
    http: ({ schema }) => Promise.resolve(schema.parse({ items: [entry({})], pagination: { next: 'the-same' } })),
  })
  if (source.kind !== 'window') throw new Error('Mailgun is a window source')
  const pages = await pagesOf(source.pull(WINDOW, new AbortController().signal))
  expect(pages).toHaveLength(2)
})

test('gives up on pages that go on without anything new', async () => {
  let pages = 0
  const items = [entry({})]
  const source = mailgun.open(mailgun.config.parse({ apiKey: KEY }), {
    ...espContext(NOW),
    http: ({ schema }) => Promise.resolve(schema.parse({ items, pagination: { next: `${++pages}` } })),
  })
  if (source.kind !== 'window') throw new Error('Mailgun is a window source')
  await expect(pagesOf(source.pull(WINDOW, new AbortController().signal))).rejects.toMatchObject({ name: 'BadPayload' })
  expect(pages).toBeLessThan(50)
})

describe('the configuration', () => {
  test('needs a key, and takes the address from the region', () => {
    expect(mailgun.config.safeParse({}).error?.issues[0]?.path).toEqual(['apiKey'])
    expect(mailgun.config.safeParse({ apiKey: 'k', region: 'asia' }).error?.issues[0]?.path).toEqual(['region'])
  })

  test('knows no other keys', () => {
    expect(mailgun.config.safeParse({ apiKey: 'k', domain: 'a.example' }).success).toBe(false)
  })

  test.each([
    ['us', 'https://api.mailgun.net/v1/analytics/logs'],
    ['eu', 'https://api.eu.mailgun.net/v1/analytics/logs'],
  ])('%s asks %s', async (region, address) => {
    const asked: string[] = []
    const context = espContext(NOW)
    const source = mailgun.open(mailgun.config.parse({ apiKey: KEY, region }), {
      ...context,
      http: ({ url, schema }) => {
        asked.push(url)
        return Promise.resolve(schema.parse({ items: [], pagination: {} }))
      },
    })
    await source.ping(new AbortController().signal)
    expect(asked).toEqual([address])
  })
})
