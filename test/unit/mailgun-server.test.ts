import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createMailgunLog } from '../../src/demo/mailgun-log.ts'
import { type MailgunServer, startMailgunServer } from '../../src/demo/mailgun-server.ts'

const NOW = new Date('2026-10-05T09:00:00Z')
const KEY = 'key-test'
const answer = z.object({
  items: z.array(z.object({ id: z.string() })).default([]),
  pagination: z.object({ next: z.string().optional() }).default({}),
})
const basic = (user: string, key: string) => `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`

let server: MailgunServer
beforeAll(async () => {
  const log = createMailgunLog()
  for (let n = 0; n < 5; n++)
    log.add({
      id: `e${n}`,
      event: n === 4 ? 'failed' : 'delivered',
      '@timestamp': new Date(NOW.getTime() - n * 3_600_000).toISOString(),
      account: { id: '1' },
      domain: { name: 'a.example' },
    })
  server = await startMailgunServer({ key: KEY, log, now: () => NOW })
})
afterAll(() => server.close())

async function ask(body: unknown, authorization = basic('api', KEY), path = '/v1/analytics/logs') {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: answer.parse(await response.json()) }
}
const ids = ({ body }: Awaited<ReturnType<typeof ask>>) => body.items.map(({ id }) => id)

test('takes only its key, as the user "api"', async () => {
  expect((await ask({})).status).toBe(200)
  for (const wrong of [basic('api', 'other'), basic('me', KEY), KEY, ''])
    expect((await ask({}, wrong)).status).toBe(401)
})

test('knows one address', async () => {
  expect((await ask({}, basic('api', KEY), '/v3/events')).status).toBe(404)
  expect((await fetch(`${server.url}/v1/analytics/logs`)).status).toBe(405)
})

test('by default gives the last day, newest first', async () => {
  expect(ids(await ask({}))).toEqual(['e0', 'e1', 'e2', 'e3', 'e4'])
  expect(ids(await ask({ events: ['failed'] }))).toEqual(['e4'])
})

test('turns pages by tokens, until one is empty', async () => {
  const pagination = { sort: 'timestamp:asc', limit: 2 }
  const pages: string[][] = []
  let token: string | undefined
  do {
    const page = await ask({ pagination: { ...pagination, ...(token && { token }) } })
    pages.push(ids(page))
    token = page.body.pagination.next
  } while (token)
  expect(pages).toEqual([['e4', 'e3'], ['e2', 'e1'], ['e0'], []])
})

test('takes a token only with the query that it was given for', async () => {
  const pagination = { limit: 2 }
  const { body } = await ask({ pagination })
  const { next: token } = body.pagination
  expect((await ask({ pagination: { ...pagination, token } })).status).toBe(200)
  expect((await ask({ events: ['failed'], pagination: { ...pagination, token } })).status).toBe(400)
  expect((await ask({ pagination: { token: 'made-up' } })).status).toBe(400)
})

describe('refuses', () => {
  test.each<[string, unknown]>([
    ['a date that is not RFC 2822', { start: '2026-10-05T08:00:00Z' }],
    ['a start after the end', { start: 'Mon, 05 Oct 2026 09:00:00 +0000', end: 'Mon, 05 Oct 2026 08:00:00 +0000' }],
    ['more than a hundred a page', { pagination: { limit: 101 } }],
    ['none a page', { pagination: { limit: 0 } }],
    ['an event it does not know', { events: ['deferred'] }],
    ['a field it does not know', { from: 1 }],
    ['an order it does not know', { pagination: { sort: 'timestamp' } }],
    ['what is no object', [1]],
  ])('%s', async (_, body) => {
    expect((await ask(body)).status).toBe(400)
  })
})
