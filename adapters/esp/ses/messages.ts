import type { Message } from '@aws-sdk/client-sqs'
import { misfitOf, shapeOf } from '../../../src/lib/shape.ts'
import type { Batch, Malformed, Observation } from '../../../src/ports/esp.ts'
import { openEnvelope } from './envelope.ts'
import { readEvent } from './event.ts'
import type { SendingIps } from './sending-ips.ts'

/** What the messages of a queue say. One that cannot be read is set aside, so that it does not come for ever. */
export async function readMessages(
  messages: Message[],
  campaignTag: string,
  ips: SendingIps,
  now: Date,
): Promise<Batch> {
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
  const sent = Number(message.Attributes?.SentTimestamp)
  return {
    id: message.MessageId ?? '',
    at: sent ? new Date(sent) : now,
    problem: misfitOf(error),
    body: shapeOf(message.Body ?? ''),
  }
}
