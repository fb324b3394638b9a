import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ses } from '../../adapters/esp/ses.ts'
import { AuthFailed } from '../../src/ports/errors.ts'
import type { StreamSource } from '../../src/ports/esp.ts'
import { type SqsServer, sqsKeys, startSqs } from '../support/sqs-server.ts'
import { sesBounce, sesDelay, sesDelivery } from '../support/sqs-ses-events.ts'
import { streamContext } from '../support/stream-context.ts'
import { type Attempt, streamSourceContract, type Upstream } from './stream-source.ts'

let server: SqsServer
let queues = 0

beforeAll(async () => {
  server = await startSqs()
})
afterAll(() => server.stop())

const open = (queue: string, more: object = {}): StreamSource => {
  const config = {
    queueUrl: server.queueUrl(queue),
    region: 'us-east-1',
    visibilityTimeoutSeconds: 1,
    ...sqsKeys(),
    ...more,
  }
  return ses.open(ses.config.parse(config), streamContext()) as StreamSource
}

function eventOf({ n, domain, outcome, at, reply }: Attempt) {
  const options = { messageId: `m-${n}`, recipients: [`person${n}@${domain}`], at, reply }
  return { delivered: sesDelivery, deferred: sesDelay, bounced: sesBounce }[outcome](options)
}

async function createQueue() {
  const name = `events-${++queues}`
  const sqs = server.client()
  await sqs.send(new CreateQueueCommand({ QueueName: name }))
  const send = (body: string) =>
    sqs.send(new SendMessageCommand({ QueueUrl: server.queueUrl(name), MessageBody: body }))
  const left = async () => {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
    const request = new GetQueueAttributesCommand({ QueueUrl: server.queueUrl(name), AttributeNames: [...names] })
    const { Attributes = {} } = await sqs.send(request)
    return names.reduce((sum, key) => sum + Number(Attributes[key]), 0)
  }
  return { name, send, left, close: () => sqs.destroy() }
}

async function openUpstream(): Promise<Upstream> {
  const queue = await createQueue()
  const sent: string[] = []
  const send = (body: string) => {
    sent.push(body)
    return queue.send(body)
  }
  return {
    emit: async (attempts) => {
      // One in an SNS envelope, the next as raw message delivery has it.
      for (const attempt of attempts) {
        const event = JSON.stringify(eventOf(attempt))
        await send(attempt.n % 2 ? event : JSON.stringify({ Type: 'Notification', MessageId: 'x', Message: event }))
      }
    },
    emitMalformed: async () => {
      await send('{"eventType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"person@gmail.com"')
    },
    replay: async (position) => {
      for (const body of sent) await queue.send(body)
      return position
    },
    open: () => open(queue.name),
    openMissing: () => open('no-such-queue'),
    close: async () => queue.close(),
  }
}

streamSourceContract('Amazon SES', openUpstream)

test('a message leaves the queue only when it is committed', async () => {
  const queue = await createQueue()
  await queue.send(
    JSON.stringify(eventOf({ n: 1, domain: 'gmail.com', outcome: 'bounced', at: new Date(), reply: '554 5.7.1 no' })),
  )
  const stop = new AbortController()
  let before = -1
  const deliver = async () => {
    before = await queue.left()
    stop.abort()
  }
  await open(queue.name).run({ position: null, deliver }, stop.signal)
  expect(before).toBe(1)
  expect(await queue.left()).toBe(0)
  queue.close()
})

test('credentials that cannot be found are a fault that says where to put them', async () => {
  const queue = await createQueue()
  const { AWS_EC2_METADATA_DISABLED, AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE } = process.env
  Object.assign(process.env, {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    AWS_CONFIG_FILE: '/nonexistent',
  })
  try {
    const source = open(queue.name, { accessKeyId: undefined, secretAccessKey: undefined })
    const error: unknown = await source.ping(AbortSignal.timeout(10_000)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AuthFailed)
    expect((error as AuthFailed).remedy).toContain('accessKeyId')
  } finally {
    for (const [key, value] of Object.entries({
      AWS_EC2_METADATA_DISABLED,
      AWS_SHARED_CREDENTIALS_FILE,
      AWS_CONFIG_FILE,
    }))
      if (value === undefined) delete process.env[key]
      else process.env[key] = value
    queue.close()
  }
})
