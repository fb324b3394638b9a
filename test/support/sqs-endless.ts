import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const MOST_PER_REQUEST = 10
const QUEUE = '/000000000000/endless'

const requests = {
  ReceiveMessage: z.strictObject({
    QueueUrl: z.string(),
    MaxNumberOfMessages: z.int().min(1).max(MOST_PER_REQUEST).default(1),
    WaitTimeSeconds: z.int().min(0).max(20).default(0),
    VisibilityTimeout: z.int().min(0).max(43_200).default(30),
    MessageSystemAttributeNames: z.array(z.literal('SentTimestamp')).default([]),
  }),
  DeleteMessageBatch: z.strictObject({
    QueueUrl: z.string(),
    Entries: z
      .array(z.strictObject({ Id: z.string(), ReceiptHandle: z.string() }))
      .min(1)
      .max(MOST_PER_REQUEST),
  }),
  GetQueueAttributes: z.strictObject({ QueueUrl: z.string(), AttributeNames: z.array(z.string()) }),
}
type Action = keyof typeof requests

export interface EndlessQueue {
  url: string
  /** Messages that were removed; what was received and not removed in time comes again. */
  removed(): number
  close(): Promise<void>
}

/** SQS's JSON protocol for one queue that never ends: its n-th message is `bodyOf(n)`. Faster than fauxqs, and as strict. */
export async function startEndlessQueue(bodyOf: (n: number) => string, latencyMs: number): Promise<EndlessQueue> {
  let next = 0
  let removed = 0
  const hidden = new Map<string, { n: number; until: number }>()

  function take(visibilitySeconds: number): { n: number; handle: string } {
    const now = Date.now()
    const [oldest] = hidden
    const again = oldest && oldest[1].until <= now ? oldest : null
    if (again) hidden.delete(again[0])
    const n = again ? again[1].n : next++
    const handle = randomUUID()
    hidden.set(handle, { n, until: now + visibilitySeconds * 1000 })
    return { n, handle }
  }

  const answers: { [A in Action]: (asked: z.output<(typeof requests)[A]>) => object } = {
    ReceiveMessage: ({ MaxNumberOfMessages, VisibilityTimeout }) => ({
      Messages: Array.from({ length: MaxNumberOfMessages }, () => {
        const { n, handle } = take(VisibilityTimeout)
        const Body = bodyOf(n)
        return {
          MessageId: `message-${n}`,
          ReceiptHandle: handle,
          Body,
          MD5OfBody: createHash('md5').update(Body).digest('hex'),
          Attributes: { SentTimestamp: String(Date.now()) },
        }
      }),
    }),
    DeleteMessageBatch: ({ Entries }) => {
      const failed = Entries.filter(({ ReceiptHandle }) => !hidden.delete(ReceiptHandle))
      removed += Entries.length - failed.length
      const known = new Set(failed)
      return {
        Successful: Entries.filter((entry) => !known.has(entry)).map(({ Id }) => ({ Id })),
        Failed: failed.map(({ Id }) => ({ Id, Code: 'ReceiptHandleIsInvalid', SenderFault: true })),
      }
    },
    GetQueueAttributes: () => ({ Attributes: { MessageRetentionPeriod: '345600' } }),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    await wait(latencyMs)
    const send = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body))
    const action = String(request.headers['x-amz-target']).replace(/^AmazonSQS\./, '')
    if (!Object.hasOwn(requests, action) || !request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
      return void send(403, { __type: 'com.amazonaws.sqs#AccessDenied', message: 'not signed, or not known here' })
    const parsed = requests[action as Action].safeParse(JSON.parse(Buffer.concat(chunks).toString()))
    if (!parsed.success || !parsed.data.QueueUrl.endsWith(QUEUE))
      return void send(400, { __type: 'com.amazonaws.sqs#InvalidParameterValue', message: String(parsed.error) })
    const reply = answers[action as Action] as (asked: unknown) => object
    send(200, reply(parsed.data))
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${QUEUE}`,
    removed: () => removed,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
