import { isIP } from 'node:net'
import { eventId } from '../../../src/lib/event-id.ts'
import { misfitOf, shapeOf } from '../../../src/lib/shape.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import type { Batch, Dims, Malformed, Observation } from '../../../src/ports/esp.ts'
import { redact } from '../../../src/smtp/redact.ts'
import { mayBeDelivery, readDelivery } from './delivery.ts'
import { rememberSenders } from './senders.ts'
import { syslogReader } from './syslog.ts'

export interface ObserverOptions {
  timeZone: string
  /** The sending IP where `ips` has none. */
  ip?: string | undefined
  /** Sending IPs by service, instance or host. */
  ips: Record<string, string>
  ignoreRelays: string[]
}

export interface Observer {
  observe(lines: string[]): Batch
  /** Takes note of what lines tell about later ones, without counting them. */
  learn(lines: string[]): void
}

/** Turns lines of the log into observations. Lines that are not about an attempt are passed over. */
export function logObserver(options: ObserverOptions, clock: Clock): Observer {
  const senders = rememberSenders()
  const readSyslog = syslogReader(options.timeZone, () => clock.now())

  function dimsOf(tag: string, host: string, queueId: string): Dims {
    // `postfix-out/relay/smtp`: the instance, the service if it has a syslog_name of its own, the program.
    const [instance = '', ...services] = tag.split('/').slice(0, -1)
    const stream = [...(instance === 'postfix' ? [] : [instance]), ...services].join('/')
    const ip = [...services, instance, host].map((name) => options.ips[name]).find((it) => it) ?? options.ip
    const senderDomain = senders.domain(queueId)
    return { ...(senderDomain ? { senderDomain } : {}), ...(ip ? { ip } : {}), ...(stream ? { stream } : {}) }
  }

  function observeLine(raw: string): Observation | null {
    const line = readSyslog(raw)
    if (!line) throw new Error('its time, host or program cannot be read')
    const delivery = readDelivery(line.text)
    if (!delivery) return null
    const { relay } = delivery
    if (relay?.ip && options.ignoreRelays.includes(relay.ip)) return null
    return {
      kind: 'event',
      // A line has its time, queue id, recipient and delay: no two are alike, wherever in whichever file they stand.
      id: eventId(raw),
      at: line.at,
      outcome: delivery.outcome,
      reply: redact(delivery.reply),
      to: { domain: delivery.domain, ...(relay && !isIP(relay.host) ? { mx: relay.host.toLowerCase() } : {}) },
      dims: dimsOf(line.tag, line.host, delivery.queueId),
    }
  }

  return {
    learn(lines) {
      for (const line of lines) senders.learn(line)
    },
    observe(lines) {
      const observations: Observation[] = []
      const malformed: Malformed[] = []
      for (const raw of lines) {
        senders.learn(raw)
        if (!mayBeDelivery(raw)) continue
        try {
          const observation = observeLine(raw)
          if (observation) observations.push(observation)
        } catch (error) {
          malformed.push({ id: eventId(raw), at: clock.now(), problem: misfitOf(error), body: shapeOf(raw) })
        }
      }
      return { observations, malformed }
    },
  }
}
