import { SQSClient } from '@aws-sdk/client-sqs'
import { buildApp } from 'fauxqs'

export interface SqsServer {
  endpoint: string
  queueUrl(name: string): string
  client(): SQSClient
  stop(): Promise<void>
}

// Anew each time: the SDK writes into the object that it is given.
export const sqsKeys = () => ({ accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' })

/** fauxqs (SQS and SNS) on loopback. Its own `startFauxqs` listens on all interfaces, so the application is started here. */
export async function startSqs(): Promise<SqsServer> {
  const app = buildApp({ logger: false })
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    endpoint,
    queueUrl: (name) => `${endpoint}/000000000000/${name}`,
    client: () => new SQSClient({ endpoint, region: 'us-east-1', credentials: sqsKeys() }),
    stop: async () => {
      await app.close()
    },
  }
}
