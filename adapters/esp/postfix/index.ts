import { access, constants, stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import { z } from 'zod'
import type { Place } from '../../../src/lib/log-generations.ts'
import { type Stretch, tail } from '../../../src/lib/tail.ts'
import type { EspContext, EspDefinition, StreamSource } from '../../../src/ports/esp.ts'
import { DAY_MS } from '../../../src/time/units.ts'
import { faultOf } from './faults.ts'
import { logObserver } from './observe.ts'

/** How often the file is looked at. */
const LOOK_MS = 1_000
/** What is read again at a start, for the senders of messages that are under way. */
const CONTEXT_BYTES = 1024 * 1024
/** As often it is told that the log is being read, and up to where, though it says nothing. */
const TELL_MS = 60_000
/** How far back the very first start reads, through rotated files. Longer is nothing kept. */
const HISTORY_MS = 14 * DAY_MS

const ip = z.string().refine((text) => isIP(text) > 0, { error: 'must be an IP address' })

const config = z.strictObject({
  path: z.string().default('/var/log/mail.log').describe('the log that Postfix writes'),
  timeZone: z
    .string()
    .refine(isTimeZone, { error: 'must be an IANA time zone such as Europe/Berlin' })
    .optional()
    .describe('the time zone of log times without one ("Nov  3 20:20:05"); defaults to that of this machine'),
  ip: ip.optional().describe('the IP that Postfix sends from, which is not in its log'),
  ips: z
    .record(z.string(), ip)
    .default({})
    .describe('sending IPs by master.cf service, instance or host, if there is more than one'),
  ignoreRelays: z
    .array(ip)
    .default(['127.0.0.1', '::1'])
    .describe('relays inside your own network, such as a content filter; mail to them is not counted'),
})
type PostfixConfig = z.output<typeof config>

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

const placeSchema = z.object({
  ino: z.number(),
  offset: z.number(),
  head: z.object({ length: z.number(), hash: z.string() }),
})

/** Null where it is not one of ours: then the log is read from its beginning, and what is known already is recognised. */
function readPosition(position: string | null): Place | null {
  try {
    return placeSchema.parse(JSON.parse(position ?? ''))
  } catch {
    return null
  }
}

function open(it: PostfixConfig, { clock, log }: EspContext): StreamSource {
  const readable = async () => {
    try {
      await access(it.path, constants.R_OK)
      if ((await stat(it.path)).isDirectory()) throw Object.assign(new Error('a directory'), { code: 'EISDIR' })
    } catch (error) {
      throw faultOf(error, it.path)
    }
  }

  async function* follow(from: Place | null, signal: AbortSignal): AsyncGenerator<Stretch> {
    try {
      yield* tail(it.path, from, {
        signal,
        pause: () => clock.sleep(LOOK_MS, signal),
        contextBytes: CONTEXT_BYTES,
        since: new Date(clock.now().getTime() - HISTORY_MS),
        lost: () => log.warn({ path: it.path }, 'the log was truncated or rotated away; lines may be missing'),
      })
    } catch (error) {
      throw faultOf(error, it.path)
    }
  }

  return {
    kind: 'stream',

    async run({ position, deliver }, signal) {
      // Later on, a file that is missing for a while is being rotated; at the start it is a mistake.
      await readable()
      const timeZone = it.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
      const observer = logObserver({ ...it, timeZone }, clock)
      let toldAt = Number.NEGATIVE_INFINITY
      for await (const { lines, place, context } of follow(readPosition(position), signal)) {
        if (context) {
          observer.learn(lines)
          continue
        }
        const { observations, malformed = [] } = observer.observe(lines)
        const now = clock.now().getTime()
        if (observations.length + malformed.length === 0 && now - toldAt < TELL_MS) continue
        await deliver({ observations, malformed, position: JSON.stringify(place) })
        toldAt = now
      }
    },

    ping: readable,
  }
}

/** Postfix, by following its log. */
export const postfix: EspDefinition<PostfixConfig> = {
  id: 'postfix',
  config,
  facts: {
    name: 'Postfix',
    text: 'verbatim',
    deferrals: true,
    deliveries: true,
    // From the configuration: the log does not tell it.
    sendingIp: true,
    rereadAfterMinutes: [],
    docs: 'https://www.postfix.org/postconf.5.html#maillog_file',
  },
  open,
}
