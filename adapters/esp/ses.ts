import type { DeleteMessageBatchRequestEntry, Message, SQSClient, SQSClientConfig } from '@aws-sdk/client-sqs'
import { z } from 'zod'
import type { Batch, EspContext, EspDefinition, Malformed, Observation, StreamSource } from '../../src/ports/esp.ts'
import { redact } from '../../src/smtp/redact.ts'
import { openEnvelope } from './ses/envelope.ts'
import { readEvent } from './ses/event.ts'
import { faultOf } from './ses/faults.ts'
import { type SendingIps, sendingIps } from './ses/sending-ips.ts'

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html: at most 10 and 20 s.
const MOST_PER_RECEIVE = 10
const LONG_POLL_SECONDS = 20
/** While messages are waiting, so many requests are made at once and committed together. */
const RECEIVES_AT_ONCE = 10

const config = z
  .strictObject({
    queueUrl: z.url({ protocol: /^https?$/ }).describe('the URL of the SQS queue that gets the events of SES'),
    region: z.string().optional().describe("the queue's region; taken from queueUrl where that names it"),
    accessKeyId: z
      .string()
      .min(1)
      .optional()
      .describe('an AWS access key; without it the AWS SDK looks for credentials'),
    secretAccessKey: z.string().min(1).optional().describe('belongs to accessKeyId'),
    sessionToken: z.string().min(1).optional().describe('for temporary keys only'),
    visibilityTimeoutSeconds: z
      .int()
      .min(1)
      .max(43_200)
      .default(60)
      .describe('for how long a message is hidden while it is stored; if it was not by then, SQS delivers it again'),
    campaignTag: z.string().default('campaign').describe('the message tag of SES that names the campaign'),
  })
  .refine((it) => (it.accessKeyId === undefined) === (it.secretAccessKey === undefined), {
    error: 'accessKeyId and secretAccessKey belong together: set both, or neither',
    path: ['secretAccessKey'],
  })
type SesConfig = z.output<typeof config>

const REGION_IN_URL = /^https:\/\/(?:sqs\.)?([a-z]{2}(?:-[a-z]+)+-\d)\./

function clientConfig(it: SesConfig): SQSClientConfig {
  const region = it.region ?? REGION_IN_URL.exec(it.queueUrl)?.[1]
  const { accessKeyId, secretAccessKey, sessionToken } = it
  return {
    // VPC endpoints and other partitions have hosts of their own; the queue's URL names the right one.
    endpoint: new URL(it.queueUrl).origin,
    ...(region ? { region } : {}),
    // Without keys the SDK's own chain looks for them: environment, profile, container or instance role.
    ...(accessKeyId && secretAccessKey
      ? { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } }
      : {}),
    requestHandler: { connectionTimeout: 5_000, requestTimeout: (LONG_POLL_SECONDS + 10) * 1000 },
  }
}

async function read(message: Message, campaignTag: string, ips: SendingIps): Promise<Observation[]> {
  const event = openEnvelope(message.Body ?? '')
  const said = event === null ? null : readEvent(event, campaignTag)
  if (!said) return []
  const mta = said.reportingMta
  const tagged = said.observations[0]?.dims.ip
  if (mta && tagged) ips.learn(mta, tagged)
  const ip = tagged ?? (mta ? await ips.find(mta) : null)
  return ip ? said.observations.map((it) => ({ ...it, dims: { ...it.dims, ip } })) : said.observations
}

function setAside(message: Message, error: unknown, now: Date): Malformed {
  const problem = error instanceof z.ZodError ? z.prettifyError(error) : String((error as Error).message)
  const sent = Number(message.Attributes?.SentTimestamp)
  return {
    id: message.MessageId ?? '',
    at: sent ? new Date(sent) : now,
    problem: redact(problem),
    body: redact(message.Body ?? ''),
  }
}

async function batchOf(messages: Message[], campaignTag: string, ips: SendingIps, now: Date): Promise<Batch> {
  const observations: Observation[] = []
  const malformed: Malformed[] = []
  for (const message of messages) {
    try {
      observations.push(...(await read(message, campaignTag, ips)))
    } catch (error) {
      malformed.push(setAside(message, error, now))
    }
  }
  return { observations, malformed }
}

function open(it: SesConfig, { clock, log }: EspContext): StreamSource {
  /** The SDK is large: it is loaded when SES is used, not when Bouncebell starts. */
  async function connected<T>(work: (sqs: SQSClient, sdk: typeof import('@aws-sdk/client-sqs')) => Promise<T>) {
    const sdk = await import('@aws-sdk/client-sqs')
    const sqs = new sdk.SQSClient(clientConfig(it))
    try {
      return await work(sqs, sdk)
    } finally {
      sqs.destroy()
    }
  }

  const asked = <T>(request: Promise<T>) =>
    request.catch((error: unknown) => {
      throw faultOf(error, it.queueUrl)
    })

  return {
    kind: 'stream',

    run({ deliver }, signal) {
      const ips = sendingIps(clock)
      return connected(async (sqs, { ReceiveMessageCommand, DeleteMessageBatchCommand }) => {
        const receive = async (waitSeconds: number) => {
          const request = new ReceiveMessageCommand({
            QueueUrl: it.queueUrl,
            MaxNumberOfMessages: MOST_PER_RECEIVE,
            WaitTimeSeconds: waitSeconds,
            VisibilityTimeout: it.visibilityTimeoutSeconds,
            MessageSystemAttributeNames: ['SentTimestamp'],
          })
          return (await asked(sqs.send(request, { abortSignal: signal }))).Messages ?? []
        }

        const waiting = async (seconds: number) => {
          const first = await receive(seconds)
          if (first.length < MOST_PER_RECEIVE) return first
          const more = await Promise.all(Array.from({ length: RECEIVES_AT_ONCE - 1 }, () => receive(0)))
          return [first, ...more].flat()
        }

        // What cannot be removed is delivered again and then recognised by its id.
        const remove = async (messages: Message[]) => {
          for (let at = 0; at < messages.length; at += MOST_PER_RECEIVE) {
            const entries = messages.slice(at, at + MOST_PER_RECEIVE).map(
              (message, index): DeleteMessageBatchRequestEntry => ({
                Id: String(index),
                ReceiptHandle: message.ReceiptHandle,
              }),
            )
            const request = new DeleteMessageBatchCommand({ QueueUrl: it.queueUrl, Entries: entries })
            const { Failed = [] } = await asked(sqs.send(request))
            if (Failed.length > 0) {
              log.warn({ failed: Failed.length, code: Failed[0]?.Code }, 'SQS did not remove all messages')
            }
          }
        }

        // At first it is told soon whether the queue can be read.
        for (let seconds = 1; !signal.aborted; seconds = LONG_POLL_SECONDS) {
          const messages = await waiting(seconds).catch((error: unknown) => {
            if (signal.aborted) return null
            throw error
          })
          if (!messages) return
          await deliver(await batchOf(messages, it.campaignTag, ips, clock.now()))
          await remove(messages)
        }
      })
    },

    ping(signal) {
      return connected(async (sqs, { GetQueueAttributesCommand }) => {
        const request = new GetQueueAttributesCommand({ QueueUrl: it.queueUrl, AttributeNames: ['QueueArn'] })
        await asked(sqs.send(request, { abortSignal: signal }))
      })
    },
  }
}

/** Amazon SES: its events, published to an SQS queue through SNS (or EventBridge). */
export const ses: EspDefinition<SesConfig> = {
  id: 'ses',
  config,
  facts: {
    name: 'Amazon SES',
    text: 'verbatim',
    // If `DeliveryDelay` is among the published events. AWS does not say that every retry publishes one.
    deferrals: true,
    deliveries: true,
    sendingIp: true,
    rereadAfterMinutes: [],
    docs: 'https://docs.aws.amazon.com/ses/latest/dg/monitor-using-event-publishing.html',
  },
  open,
}
