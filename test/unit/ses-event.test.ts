import { expect, test } from 'vitest'
import { openEnvelope } from '../../adapters/esp/ses/envelope.ts'
import { readEvent } from '../../adapters/esp/ses/event.ts'
import { sendingIps } from '../../adapters/esp/ses/sending-ips.ts'
import { espContext } from '../support/esp-context.ts'
import {
  type SesEventOptions,
  sesBounce,
  sesComplaint,
  sesDelay,
  sesDelivery,
  sesReject,
  sesSend,
} from '../support/sqs-ses-events.ts'

const at = new Date('2026-10-05T08:00:00.250Z')
const base: SesEventOptions = { messageId: 'm-1', recipients: ['Ann <ann@GMAIL.com>'], at }
const read = (event: unknown) => readEvent(event, 'campaign')?.observations ?? null

test('a delivery carries the other server’s words, the IP, the configuration set, the campaign and the sender domain', () => {
  const event = sesDelivery({ ...base, reply: '250 2.0.0 OK', tags: { campaign: ['spring'] } })
  expect(read(event)).toMatchObject([
    {
      at,
      outcome: 'delivered',
      reply: '250 2.0.0 OK',
      to: { domain: 'gmail.com' },
      dims: { senderDomain: 'brand.example', ip: '198.51.100.7', stream: 'marketing', campaign: 'spring' },
    },
  ])
})

test.each([
  ['a bounce', sesBounce({ ...base, reply: '550 5.1.1 user unknown' }), 'bounced', 'smtp; 550 5.1.1 user unknown'],
  ['a delay', sesDelay({ ...base, reply: '421 4.7.0 [TSS04] wait' }), 'deferred', 'smtp; 421 4.7.0 [TSS04] wait'],
  ['a complaint', sesComplaint(base), 'complained', null],
])('%s', (_, event, outcome, reply) => {
  expect(read(event)).toMatchObject([{ at, outcome, reply, to: { domain: 'gmail.com' } }])
})

test('each recipient is an attempt of its own, with its own id', () => {
  const recipients = ['a@gmail.com', 'b@gmail.com', 'c@yahoo.com']
  const observations = read(sesBounce({ ...base, recipients, reply: '554 no' })) ?? []
  expect(observations.map(({ to }) => to.domain)).toEqual(['gmail.com', 'gmail.com', 'yahoo.com'])
  expect(new Set(observations.map(({ id }) => id)).size).toBe(3)
})

test('an id is the same each time the event is read, and no address can be seen in it', () => {
  const event = sesBounce({ ...base, reply: '554 no' })
  expect(read(event)).toEqual(read(structuredClone(event)))
  expect(JSON.stringify(read(event))).not.toMatch(/@|ann/i)
})

test('a delivery and a later bounce of one message are two events', () => {
  const [delivered] = read(sesDelivery(base)) ?? []
  const [bounced] = read(sesBounce(base)) ?? []
  expect(delivered?.id).not.toBe(bounced?.id)
})

test.each([
  [
    'a suppressed address',
    sesBounce({ ...base, reply: '550 5.1.1 suppressed' }, { subType: 'Suppressed' }),
    'Suppressed',
  ],
  ['the account’s list', sesBounce(base, { subType: 'OnAccountSuppressionList' }), 'OnAccountSuppressionList'],
  ['a virus', sesReject(base), 'Reject'],
])('what SES did not try to deliver is dropped, without a reply: %s', (_, event, vendorCode) => {
  expect(read(event)).toMatchObject([{ outcome: 'dropped', reply: null, vendorCode }])
})

test('a delay without the other server’s words keeps the reason of SES apart from replies', () => {
  expect(read(sesDelay(base, 'SendingDeferral'))).toMatchObject([{ reply: null, vendorCode: 'SendingDeferral' }])
})

test('an enhanced status code is a reply where there is nothing more', () => {
  const event = sesBounce({ ...base, reply: 'x' })
  const [recipient] = event.bounce.bouncedRecipients
  Object.assign(recipient ?? {}, { diagnosticCode: undefined })
  expect(read(event)).toMatchObject([{ reply: '5.7.1' }])
})

test.each([
  ['Send', sesSend(base)],
  ['Open', { eventType: 'Open', mail: {}, open: {} }],
  ['Rendering Failure', { eventType: 'Rendering Failure', failure: { errorMessage: 'no' } }],
  ['a kind that is not known yet', { eventType: 'Quarantine' }],
  ['a name that every object has', { eventType: 'constructor' }],
  ['the greeting of an identity’s topic', { notificationType: 'AmazonSnsSubscriptionSucceeded', message: 'ok' }],
])('says nothing about delivery: %s', (_, event) => {
  expect(read(event)).toBeNull()
})

test('without a configuration set the feedback of an identity is read the same', () => {
  const { eventType, mail, ...rest } = sesBounce({ ...base, reply: '554 no' })
  const { tags: _, ...bare } = mail
  expect(read({ notificationType: eventType, mail: bare, ...rest })).toMatchObject([
    { outcome: 'bounced', dims: { senderDomain: 'brand.example' } },
  ])
})

test.each([
  [{ eventType: 'Bounce', mail: { messageId: 'm' } }],
  [{ mail: {} }],
  ['text'],
  [sesDelivery({ ...base, recipients: ['no-domain'] })],
])('what has not the documented shape is an error: %j', (event) => {
  expect(() => read(event)).toThrow()
})

test('an event comes out of an SNS envelope, of EventBridge’s, or bare', () => {
  const event = { eventType: 'Send' }
  const sns = { Type: 'Notification', Message: JSON.stringify(event), TopicArn: 'arn:aws:sns:::t' }
  const bridge = { source: 'aws.ses', 'detail-type': 'Email Sent', detail: event }
  expect(openEnvelope(JSON.stringify(event))).toEqual(event)
  expect(openEnvelope(JSON.stringify(sns))).toEqual(event)
  expect(openEnvelope(JSON.stringify(bridge))).toEqual(event)
})

test('what SNS and SES say when they are set up is no event', () => {
  const greeting = 'Successfully validated SNS topic for Amazon SES event publishing.'
  expect(openEnvelope(greeting)).toBeNull()
  expect(openEnvelope(JSON.stringify({ Type: 'Notification', Message: greeting }))).toBeNull()
  expect(openEnvelope(JSON.stringify({ Type: 'SubscriptionConfirmation', Message: 'You have chosen' }))).toBeNull()
})

test('the IP of a bounce is that of the host of SES that tried, learnt from deliveries or from DNS', async () => {
  const asked: string[] = []
  const { clock } = espContext(at)
  const ips = sendingIps(clock, async (host) => {
    asked.push(host)
    return host.startsWith('a9-') ? ['54.240.9.1'] : Promise.reject(new Error('NXDOMAIN'))
  })
  ips.learn('a1-7.smtp-out.eu-west-1.amazonses.com', '198.51.100.7')
  expect(await ips.find('dns; a1-7.smtp-out.eu-west-1.amazonses.com')).toBe('198.51.100.7')
  expect(await ips.find('dns; A9-1.smtp-out.amazonses.com')).toBe('54.240.9.1')
  expect(await ips.find('dns; a9-1.smtp-out.amazonses.com')).toBe('54.240.9.1')
  expect(await ips.find('dns; a2-2.smtp-out.amazonses.com')).toBeNull()
  expect(await ips.find('dns; a2-2.smtp-out.amazonses.com')).toBeNull()
  expect(await ips.find('203.0.113.4')).toBe('203.0.113.4')
  expect(await ips.find('dns; mx.receiver.example')).toBeNull()
  expect(asked).toEqual(['a9-1.smtp-out.amazonses.com', 'a2-2.smtp-out.amazonses.com'])
})
