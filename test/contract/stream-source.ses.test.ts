import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { ses } from '../../adapters/esp/ses/index.ts'
import type { Batch, EspContext, StreamSource } from '../../src/ports/esp.ts'
import { type SqsQueue, type SqsServer, sqsKeys, startSqs } from '../support/sqs-server.ts'
import { sesBounce, sesDelay, sesDelivery } from '../support/sqs-ses-events.ts'
import { streamContext } from '../support/stream-context.ts'
import { type Attempt, streamSourceContract, type Upstream } from './stream-source.ts'

let server: SqsServer

beforeAll(async () => {
  server = await startSqs()
})
afterAll(() => server.stop())
afterEach(() => {
  vi.unstubAllEnvs()
})

const PATIENCE = { timeout: 120_000, interval: 50 }

function open(queueUrl: string, keys: object = sqsKeys(), change: Partial<EspContext> = {}): StreamSource {
  const config = ses.config.parse({ queueUrl, region: 'us-east-1', visibilityTimeoutSeconds: 1, ...keys })
  return ses.open(config, { ...streamContext(), ...change }) as StreamSource
}

function eventOf({ n, domain, outcome, at, reply }: Attempt) {
  const options = { messageId: `m-${n}`, recipients: [`person${n}@${domain}`], at, reply }
  return JSON.stringify({ delivered: sesDelivery, deferred: sesDelay, bounced: sesBounce }[outcome](options))
}

async function openUpstream(): Promise<Upstream> {
  const queue = await server.createQueue()
  const sent: string[] = []
  const send = (body: string) => {
    sent.push(body)
    return queue.send(body)
  }
  return {
    emit: async (attempts) => {
      for (const attempt of attempts) await send(eventOf(attempt))
    },
    emitMalformed: () =>
      send('{"eventType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"person@gmail.com"'),
    replay: async (position) => {
      for (const body of sent) await queue.send(body)
      return position
    },
    open: () => open(queue.url),
    openMissing: () => open(server.urlOf('no-such-queue')),
    close: async () => {},
  }
}

streamSourceContract('Amazon SES', openUpstream)

const bounce = eventOf({ n: 1, domain: 'gmail.com', outcome: 'bounced', at: new Date(), reply: '554 5.7.1 no' })

/** Runs the source until `isEnough` says so after a batch. */
async function follow(
  queue: SqsQueue,
  isEnough: (batches: Batch[]) => boolean | Promise<boolean>,
  source = open(queue.url),
): Promise<Batch[]> {
  const stop = new AbortController()
  const batches: Batch[] = []
  const deliver = async (batch: Batch) => {
    batches.push(batch)
    if (await isEnough(batches)) stop.abort()
  }
  await source.run({ position: null, deliver }, stop.signal)
  return batches
}
const idsOf = (batches: Batch[]) => batches.flatMap(({ observations }) => observations.map((it) => 'id' in it && it.id))

test('events come through SNS, in its envelope or raw, as one and the same', async () => {
  const queue = await server.createQueue()
  await queue.publish(bounce, { raw: false })
  await queue.publish(bounce, { raw: true })
  const ids = idsOf(await follow(queue, (batches) => idsOf(batches).length >= 2))
  expect(ids[0]).toBe(ids[1])
})

test('a message leaves the queue only when it is committed', async () => {
  const queue = await server.createQueue()
  await queue.send(bounce)
  const lengths: number[] = []
  await follow(queue, async () => {
    lengths.push(await queue.length())
    return true
  })
  expect([...lengths, await queue.length()]).toEqual([1, 0])
})

test('what is committed too slowly, or could not be removed, comes again as the same event', async () => {
  const queue = await server.createQueue()
  await queue.send(bounce)
  const failed = { Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }], Successful: [] }
  server.answerNext('DeleteMessageBatch', 200, failed)
  const ids = idsOf(
    await follow(queue, async (batches) => {
      if (idsOf(batches).length === 1) await wait(1100)
      return idsOf(batches).length >= 2
    }),
  )
  expect(ids[0]).toBe(ids[1])
  expect(await queue.length()).toBe(0)
})

test.each([
  [345_600, []],
  [1_209_600, [14]],
])('a queue that keeps messages for %i seconds is warned of where that is too long', async (seconds, days) => {
  const queue = await server.createQueue()
  await queue.keepFor(seconds)
  const warned: unknown[] = []
  const log = { ...streamContext().log, warn: (fields: object) => void warned.push(fields) }
  const stop = new AbortController()
  const source = open(queue.url, sqsKeys(), { log })
  await source.run({ position: null, deliver: async () => stop.abort() }, stop.signal)
  expect(warned).toEqual(days.map((each) => ({ days: each })))
})

test('what arrives during a commit is committed together with the next', async () => {
  const queue = await server.createQueue()
  const numbers = Array.from({ length: 95 }, (_, n) => n)
  for (const n of numbers)
    await queue.send(eventOf({ n, domain: 'gmail.com', outcome: 'delivered', at: new Date(), reply: '250 ok' }))
  const batches = await follow(
    queue,
    async (received) => {
      if (received.length === 1) await vi.waitUntil(async () => (await queue.visible()) === 0, PATIENCE)
      return idsOf(received).length === 95
    },
    open(queue.url, { ...sqsKeys(), visibilityTimeoutSeconds: 600 }),
  )
  expect(batches).toHaveLength(2)
  expect(await queue.length()).toBe(0)
})

test.each([
  [403, 'InvalidClientTokenId', 'AuthFailed'],
  [403, 'AccessDenied', 'Refused'],
])('an answer of %s %s is %s, and says what to do', async (status, type, name) => {
  const queue = await server.createQueue()
  for (const [action, call] of [
    ['GetQueueAttributes', () => open(queue.url).ping(new AbortController().signal)],
    ['ReceiveMessage', () => follow(queue, () => true)],
  ] as const) {
    server.answerNext(action, status, { __type: `com.amazonaws.sqs#${type}`, message: 'no' })
    await expect(call()).rejects.toMatchObject({ name, remedy: expect.stringMatching(/\w+ \w+/) })
  }
})

test('credentials that cannot be found are a fault that says where to put them', async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined)
  for (const name of ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']) vi.stubEnv(name, '/nonexistent')
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  const queue = await server.createQueue()
  await expect(open(queue.url, {}).ping(new AbortController().signal)).rejects.toMatchObject({
    name: 'AuthFailed',
    remedy: expect.stringContaining('accessKeyId'),
  })
})
