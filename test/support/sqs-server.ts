import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { buildApp } from 'fauxqs'
import { z } from 'zod'

export interface SqsQueue {
  url: string
  send(body: string): Promise<void>
  /** Publishes through SNS to a topic that the queue is subscribed to: in SNS's envelope, or raw. */
  publish(message: string, options: { raw: boolean }): Promise<void>
  /** How many messages there are, visible or not. */
  length(): Promise<number>
  /** How many wait to be received. */
  visible(): Promise<number>
  keepFor(seconds: number): Promise<void>
}

export interface SqsServer {
  urlOf(queue: string): string
  createQueue(): Promise<SqsQueue>
  /** Answers the next request for an action (`DeleteMessageBatch`) with this instead. */
  answerNext(action: string, status: number, body: object): void
  stop(): Promise<void>
}

// Anew each time: the SDK writes into the object that it is given.
export const sqsKeys = () => ({ accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' })

/** fauxqs (SQS and SNS) on loopback. Its own `startFauxqs` listens on all interfaces, so the application is started here. */
export async function startSqs(): Promise<SqsServer> {
  const app = buildApp({ logger: false })
  const instead = new Map<string, { status: number; body: object }>()
  app.addHook('preHandler', async (request, reply) => {
    const action = String(request.headers['x-amz-target']).replace(/^AmazonSQS\./, '')
    const answer = instead.get(action)
    if (!answer) return
    instead.delete(action)
    return reply.code(answer.status).header('content-type', 'application/x-amz-json-1.0').send(answer.body)
  })
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 })
  const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials: sqsKeys() })
  const urlOf = (queue: string) => `${endpoint}/000000000000/${queue}`
  let queues = 0

  /** SNS speaks the older protocol of AWS: a form in, XML out. */
  async function sns(action: string, parameters: Record<string, string>): Promise<string> {
    const response = await fetch(endpoint, {
      method: 'POST',
      body: new URLSearchParams({ Action: action, Version: '2010-03-31', ...parameters }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`SNS: ${text}`)
    return /<TopicArn>(.*?)<\/TopicArn>/.exec(text)?.[1] ?? ''
  }

  type Attribute = 'ApproximateNumberOfMessages' | 'ApproximateNumberOfMessagesNotVisible'

  async function sumOf(url: string, names: Attribute[]): Promise<number> {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: names }))
    const numbers = z.record(z.string(), z.coerce.number()).parse(Attributes)
    return names.reduce((sum, name) => sum + (numbers[name] ?? 0), 0)
  }

  return {
    urlOf,
    async createQueue() {
      const name = `ses-events-${++queues}`
      const url = urlOf(name)
      await sqs.send(new CreateQueueCommand({ QueueName: name }))
      return {
        url,
        send: async (body) => {
          await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }))
        },
        publish: async (message, { raw }) => {
          const topic = await sns('CreateTopic', { Name: `${name}-${raw ? 'raw' : 'enveloped'}` })
          await sns('Subscribe', {
            TopicArn: topic,
            Protocol: 'sqs',
            Endpoint: `arn:aws:sqs:us-east-1:000000000000:${name}`,
            ...(raw ? { 'Attributes.entry.1.key': 'RawMessageDelivery', 'Attributes.entry.1.value': 'true' } : {}),
          })
          await sns('Publish', { TopicArn: topic, Message: message })
        },
        length: () => sumOf(url, ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']),
        keepFor: async (seconds) => {
          const Attributes = { MessageRetentionPeriod: String(seconds) }
          await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }))
        },
        visible: () => sumOf(url, ['ApproximateNumberOfMessages']),
      }
    },
    answerNext: (action, status, body) => instead.set(action, { status, body }),
    stop: async () => {
      sqs.destroy()
      await app.close()
    },
  }
}
