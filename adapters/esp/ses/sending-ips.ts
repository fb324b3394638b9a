import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Clock } from '../../../src/ports/clock.ts'

// SES sends from some thousand hosts; an account sees a few dozen of them.
const MOST = 5_000
/** After a name could not be resolved: so that a DNS outage does not cost its timeout per message. */
const ASK_AGAIN_MS = 10 * 60_000

/** `a48-89.smtp-out.amazonses.com`, in a bounce as `dns; a48-89...`: the host of SES that spoke to the other server. */
const OUTGOING_HOST = /(?:^|[\s;])([a-z0-9-]{1,63}\.smtp-out(?:\.[a-z0-9-]{1,63}){0,3}\.amazonses\.com)$/i

/**
 * Finds the sending IP of a bounce or a delay. SES tags only deliveries with `ses:outgoing-ip`; the others name the host
 * that tried. Were they left without an IP, an IP would have deliveries only, and never a failure.
 */
export interface SendingIps {
  learn(reportingMta: string, ip: string): void
  find(reportingMta: string): Promise<string | null>
}

function resolve4(host: string): Promise<string[]> {
  return new Resolver({ timeout: 2_000, tries: 2 }).resolve4(host)
}

export function sendingIps(clock: Clock, resolve: (host: string) => Promise<string[]> = resolve4): SendingIps {
  const known = new Map<string, { ip: string | null; at: number }>()

  const remember = (host: string, ip: string | null) => {
    known.delete(host)
    known.set(host, { ip, at: clock.now().getTime() })
    const oldest = known.keys().next().value
    if (known.size > MOST && oldest !== undefined) known.delete(oldest)
  }

  return {
    learn(reportingMta, ip) {
      const host = OUTGOING_HOST.exec(reportingMta)?.[1]
      if (host) remember(host.toLowerCase(), ip)
    },
    async find(reportingMta) {
      if (isIP(reportingMta)) return reportingMta
      const host = OUTGOING_HOST.exec(reportingMta)?.[1]?.toLowerCase()
      if (!host) return null
      const before = known.get(host)
      if (before && (before.ip || clock.now().getTime() - before.at < ASK_AGAIN_MS)) return before.ip
      const [ip = null] = await resolve(host).catch(() => [])
      remember(host, ip)
      return ip
    },
  }
}
