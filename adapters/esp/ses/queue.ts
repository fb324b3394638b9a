import type { DeleteMessageBatchRequestEntry, Message, SQSClientConfig } from '@aws-sdk/client-sqs'
import { faultOf } from './faults.ts'

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html: at most 10 and 20 s.
export const MOST_PER_REQUEST = 10
export const LONG_POLL_SECONDS = 20

export interface QueueOptions {
  queueUrl: string
  region?: string | undefined
  accessKeyId?: string | undefined
  secretAccessKey?: string | undefined
  sessionToken?: string | undefined
  visibilityTimeoutSeconds: number
}

export interface Queue {
  /** Waits up to that many seconds for messages, and takes up to 10. */
  receive(seconds: number, signal: AbortSignal): Promise<Message[]>
  /** Takes up to 10. Returns how many could not be removed, which come again. */
  remove(messages: Message[]): Promise<number>
  ping(signal: AbortSignal): Promise<void>
  /** For how long the queue keeps what was not removed. */
  retentionSeconds(signal: AbortSignal): Promise<number>
  close(): void
}

const REGION_IN_URL = /^https:\/\/(?:sqs\.)?([a-z]{2}(?:-[a-z]+)+-\d)\./

function clientConfig(it: QueueOptions): SQSClientConfig {
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

/** Opens a queue of SQS. What its calls throw are Faults. The SDK is large: it is loaded here, not when Bouncebell starts. */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const sdk = await import('@aws-sdk/client-sqs')
  const sqs = new sdk.SQSClient(clientConfig(options))
  const QueueUrl = options.queueUrl

  const asked = <T>(request: Promise<T>) =>
    request.catch((error: unknown) => {
      throw faultOf(error, QueueUrl)
    })

  return {
    async receive(seconds, signal) {
      const request = new sdk.ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: MOST_PER_REQUEST,
        WaitTimeSeconds: seconds,
        VisibilityTimeout: options.visibilityTimeoutSeconds,
        MessageSystemAttributeNames: ['SentTimestamp'],
      })
      return (await asked(sqs.send(request, { abortSignal: signal }))).Messages ?? []
    },
    async remove(messages) {
      const Entries = messages.map(
        ({ ReceiptHandle }, index): DeleteMessageBatchRequestEntry => ({ Id: String(index), ReceiptHandle }),
      )
      const { Failed = [] } = await asked(sqs.send(new sdk.DeleteMessageBatchCommand({ QueueUrl, Entries })))
      return Failed.length
    },
    async ping(signal) {
      const request = new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] })
      await asked(sqs.send(request, { abortSignal: signal }))
    },
    async retentionSeconds(signal) {
      const request = new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['MessageRetentionPeriod'] })
      const { Attributes } = await asked(sqs.send(request, { abortSignal: signal }))
      return Number(Attributes?.MessageRetentionPeriod)
    },
    close: () => sqs.destroy(),
  }
}
