import { z } from 'zod'

const sns = z.object({ Type: z.string(), Message: z.string() })
const eventBridge = z.object({ source: z.literal('aws.ses'), detail: z.object({}).loose() })

// What SNS says when a topic is chosen as the destination: sent once, and the only one that is not JSON.
const GREETING = /^Successfully validated SNS topic for Amazon SES/

/**
 * The event inside a message of the queue: in an SNS envelope, in one of EventBridge, or bare ("raw message delivery").
 * Null where it is no event. Throws where it is not JSON.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
 */
export function openEnvelope(body: string): unknown {
  if (GREETING.test(body)) return null
  const outer: unknown = JSON.parse(body)
  const envelope = sns.safeParse(outer)
  if (envelope.success) return envelope.data.Type === 'Notification' ? openEnvelope(envelope.data.Message) : null
  const bridged = eventBridge.safeParse(outer)
  return bridged.success ? bridged.data.detail : outer
}
