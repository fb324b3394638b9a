import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mailgun } from '../../adapters/esp/mailgun/index.ts'
import { createMailgunLog } from '../../src/demo/mailgun-log.ts'
import { type MailgunServer, startMailgunServer } from '../../src/demo/mailgun-server.ts'
import type { Observation } from '../../src/ports/esp.ts'
import { espContext, pagesOf } from '../support/esp-context.ts'
import { logsModels } from '../support/mailgun-models.ts'
import { mailgunSamples } from '../support/mailgun-samples.ts'

const NOW = new Date('2026-10-05T09:00:00Z')
const WINDOW = { from: new Date('2026-10-05T08:00:00Z'), to: NOW }
const KEY = 'key-test'

// What the adapter and the stand-in said to each other, on the wire.
const requests: unknown[] = []
const answers: unknown[] = []
const observations: Observation[] = []
let server: MailgunServer

beforeAll(async () => {
  const log = createMailgunLog()
  for (const sample of mailgunSamples) log.add(sample)
  server = await startMailgunServer({
    key: KEY,
    log,
    now: () => NOW,
    fault: ({ body }) => {
      requests.push(body)
      return {
        kind: 'change',
        answer: (page) => {
          answers.push(structuredClone(page))
          // Without a total the adapter cannot know that a short page is the last, and asks for the next.
          return { ...page, pagination: { ...page.pagination, total: undefined } }
        },
      }
    },
  })
  const config = { apiKey: KEY, baseUrl: server.url, domains: ['news.example.com'], includeSubaccounts: true }
  const source = mailgun.open(mailgun.config.parse(config), espContext(NOW))
  if (source.kind !== 'window') throw new Error('Mailgun is a window source')
  observations.push(...(await pagesOf(source.pull(WINDOW, new AbortController().signal))).flat())
})
afterAll(() => server.close())

test('the stand-in gives every sample, and the adapter reads each', () => {
  expect(answers.flatMap((page) => (page as { items: unknown[] }).items)).toEqual(mailgunSamples)
  expect(observations.map(({ outcome, reply }) => [outcome, reply])).toEqual([
    ['delivered', '250 OK'],
    ['deferred', '421 4.7.0 [TSS04] Messages from 203.0.113.9 temporarily deferred'],
    ['bounced', '550 5.1.1 <{address}> no such user'],
    ['dropped', null],
    ['dropped', null],
  ])
})

describe.each(logsModels())('%s', (_, { request, answer }) => {
  test('the adapter sends good requests, with and without a token', () => {
    expect(requests).toHaveLength(2)
    for (const body of requests) expect(request.safeParse(body).error?.issues ?? []).toEqual([])
    expect(request.safeParse({ ...(requests[0] as object), duration: 5, made_up: true }).success).toBe(false)
  })

  test('the stand-in gives good answers', () => {
    for (const page of answers) expect(answer.safeParse(page).error?.issues ?? []).toEqual([])
    expect(answer.safeParse({ ...(answers[0] as object), items: [{ id: 5 }] }).success).toBe(false)
  })
})
