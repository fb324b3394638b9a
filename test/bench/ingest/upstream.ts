// What is read from, in a process of its own, so that its work is not counted as ours. Environment: UPSTREAM (JSON).
import { startMailgunServer } from '../../../src/demo/mailgun-server.ts'
import { startEndlessQueue } from '../../support/sqs-endless.ts'
import { sesBounce, sesDelay, sesDelivery } from '../../support/sqs-ses-events.ts'
import { createEvenLog } from './even-log.ts'

export interface Upstream {
  kind: 'mailgun' | 'sqs'
  latencyMs: number
  /** Of Mailgun; the queue has as much as is taken. */
  perSecond: number
}
export const BENCH_KEY = 'key-3ax6xnjp29jd6fds4gc373sgvjxteol0'

const PROVIDERS = ['gmail.com', 'outlook.com', 'yahoo.com', 'gmx.net']

/** As SNS hands it on. One in ten is deferred, one in fifty bounces. */
function bodyOf(n: number): string {
  const make = n % 10 === 0 ? sesDelay : n % 50 === 1 ? sesBounce : sesDelivery
  const event = make({
    messageId: `0100018f-${n}`,
    recipients: [`reader${n}@${PROVIDERS[n % PROVIDERS.length]}`],
    at: new Date(),
    reply:
      n % 10 === 0
        ? `421 4.7.28 Our system has detected an unusual rate of mail (${n}). Try again in ${n % 60} minutes.`
        : n % 50 === 1
          ? `550 5.1.1 The email account that you tried to reach does not exist (${n})`
          : `250 2.0.0 OK ${n.toString(36)} - gsmtp`,
    tags: { 'ses:outgoing-ip': [`198.51.100.${n % 20}`] },
  })
  return JSON.stringify({
    Type: 'Notification',
    MessageId: `sns-${n}`,
    TopicArn: 'arn:aws:sns:eu-west-1:123456789012:ses-events',
    Message: JSON.stringify(event),
    Timestamp: new Date().toISOString(),
    SignatureVersion: '1',
    Signature: 'EXAMPLE'.repeat(48),
    SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0000.pem',
    UnsubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe',
  })
}

if (process.env.UPSTREAM) {
  const { kind, latencyMs, perSecond } = JSON.parse(process.env.UPSTREAM) as Upstream
  if (kind === 'mailgun') {
    const now = () => new Date()
    const { url } = await startMailgunServer({ key: BENCH_KEY, log: createEvenLog(perSecond), now, latencyMs })
    process.send?.({ url })
  } else {
    const queue = await startEndlessQueue(bodyOf, latencyMs)
    process.send?.({ url: queue.url })
    process.on('message', () => process.send?.({ removed: queue.removed() }))
  }
}
