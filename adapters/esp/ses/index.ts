import { z } from 'zod'
import type { EspContext, EspDefinition, StreamSource } from '../../../src/ports/esp.ts'
import { drain } from './drain.ts'
import { readMessages } from './messages.ts'
import { openQueue, type Queue } from './queue.ts'
import { sendingIps } from './sending-ips.ts'

const config = z
  .strictObject({
    queueUrl: z.url({ protocol: /^https?$/ }).describe('the URL of the SQS queue that receives the SES events'),
    region: z.string().optional().describe("the queue's region; taken from queueUrl if it has one"),
    accessKeyId: z
      .string()
      .min(1)
      .optional()
      .describe('an AWS access key; without it the AWS SDK looks for credentials'),
    secretAccessKey: z.string().min(1).optional().describe('the secret for accessKeyId'),
    sessionToken: z.string().min(1).optional().describe('for temporary keys only'),
    visibilityTimeoutSeconds: z
      .int()
      .min(1)
      .max(43_200)
      .default(60)
      .describe('how long a message stays hidden while it is being stored; after that, SQS delivers it again'),
    campaignTag: z.string().default('campaign').describe('the SES message tag that names the campaign'),
  })
  .refine((it) => (it.accessKeyId === undefined) === (it.secretAccessKey === undefined), {
    error: 'accessKeyId and secretAccessKey belong together: set both, or neither',
    path: ['secretAccessKey'],
  })
type SesConfig = z.output<typeof config>

function open(it: SesConfig, { clock, log }: EspContext): StreamSource {
  return {
    kind: 'stream',
    // SQS gives each message to one receiver at a time.
    isShared: true,

    async run({ deliver }, signal) {
      const ips = sendingIps(clock)
      const queue = await openQueue(it)
      try {
        await warnOfLongRetention(queue, log, signal)
        await drain(
          {
            queue,
            store: async (messages) => deliver(await readMessages(messages, it.campaignTag, ips, clock.now())),
            onUnremoved: (failed) =>
              log.warn({ failed }, 'SQS did not remove all messages; they come again but count once'),
          },
          signal,
        )
      } finally {
        queue.close()
      }
    },

    async ping(signal) {
      const queue = await openQueue(it)
      await queue.ping(signal).finally(queue.close)
    },
  }
}

/** Bouncebell knows an event again for five days; SQS keeps what was not removed for four, if nothing else is set. */
const LONGEST_RETENTION_SECONDS = 5 * 86_400

async function warnOfLongRetention(queue: Queue, log: EspContext['log'], signal: AbortSignal): Promise<void> {
  // Reading attributes is a permission of its own; without it there is nothing to say.
  const seconds = await queue.retentionSeconds(signal).catch(() => 0)
  if (seconds > LONGEST_RETENTION_SECONDS)
    log.warn(
      { days: seconds / 86_400 },
      'the queue keeps messages for more than 5 days: what comes again after that counts twice. Set its MessageRetentionPeriod to 345600.',
    )
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
