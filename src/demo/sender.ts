import type { Moods } from './moods.ts'
import type { Random } from './random.ts'
import { type CannedReply, repliesOf } from './replies.ts'
import type { Rhythm } from './rhythm.ts'
import type { TrafficRow } from './telling.ts'
import type { Place, Topology } from './topology.ts'
import type { Troubles } from './troubles.ts'

const RETRY_MINUTES = [5, 10, 20, 40, 80] as const
const RING = 128
/** Of deferred messages that are tried again; the others expire or are sent elsewhere. */
const TRIED_AGAIN = 0.92
/** Messages a minute to one provider from one IP, that are so few that hardly two share a connection. */
const LITTLE = 25
const NO_FAILURES: TrafficRow['failures'] = []

/** Sends the mail, takes the replies, and tries again what was deferred. */
export interface Sender {
  /** One slice's minute; null when there was nothing to send. */
  send(slice: number, minute: number, rhythm: Rhythm, moods: Moods, troubles: Troubles): TrafficRow | null
}

export function createSender(topology: Topology, places: readonly Place[], random: Random): Sender {
  const replies = repliesOf(places)
  const retries = new Int32Array(places.length * RING)
  const batch = places.map(({ account }) => (topology.accounts[account]?.kind === 'campaigns' ? 3 : 1.4))

  function send(slice: number, minute: number, rhythm: Rhythm, moods: Moods, troubles: Troubles): TrafficRow | null {
    const { session } = places[slice]!.to
    const mean = (rhythm.perMinute[slice] ?? 0) * (troubles.volume[slice] ?? 1)
    const fresh = arrivals(mean, batch[slice] ?? 1)
    const at = slice * RING + (minute % RING)
    const attempts = fresh + (retries[at] ?? 0)
    retries[at] = 0
    if (attempts === 0) return null

    // A retry is no stranger: only first attempts are greylisted.
    const greylisted = random.binomial(fresh, moods.greylist[slice] ?? 0)
    let left = attempts - greylisted
    const blocked = byConnection(left, troubles.block[slice] ?? 0, session)
    left -= blocked
    const throttled = byConnection(left, troubles.throttle[slice] ?? 0, session)
    left -= throttled
    const unknown = troubles.unknown[slice] ?? 0
    const full = moods.full[slice] ?? 0
    const timeout = moods.timeout[slice] ?? 0
    const others = random.binomial(left, unknown + full + timeout)
    if (greylisted + blocked + throttled + others === 0) return { slice, minute, attempts, failures: NO_FAILURES }

    const nobody = random.binomial(others, unknown / (unknown + full + timeout))
    const overQuota = random.binomial(others - nobody, full / (full + timeout))
    const timedOut = others - nobody - overQuota
    tryAgain(slice, minute, greylisted + random.binomial(throttled + timedOut, TRIED_AGAIN))
    const says = replies[slice]!
    const failures: { reply: CannedReply; n: number }[] = []
    const add = (reply: CannedReply, n: number) => n > 0 && failures.push({ reply, n })
    add(troubles.planned[slice] ? says.block.incident : says.block.everyday, blocked)
    add(says.throttle.everyday, throttled)
    add(says.greylist.everyday, greylisted)
    add(says.unknown.everyday, nobody)
    add(says.full.everyday, overQuota)
    add(says.timeout.everyday, timedOut)
    return { slice, minute, attempts, failures }
  }

  /** Mail comes in batches, so its counts vary more than a Poisson's. */
  function arrivals(mean: number, batch: number): number {
    if (mean <= 0) return 0
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean * (2 * batch - 1)) * random.normal()))
    const batches = random.poisson(mean / batch)
    let messages = batches
    // A geometric batch of mean `batch`: one message, and with this chance one more.
    const more = 1 - 1 / batch
    for (let i = 0; i < batches; i++) while (random.uniform() < more) messages++
    return messages
  }

  /** A connection is accepted or turned away with all its messages. Where there is little mail, each has its own. */
  function byConnection(messages: number, p: number, session: number): number {
    if (messages === 0) return 0
    const connections = Math.ceil(messages / Math.min(session, 1 + messages / LITTLE))
    const refused = random.binomial(connections, p)
    if (refused === 0) return 0
    return Math.min(messages, Math.floor((refused * messages) / connections + random.uniform()))
  }

  function tryAgain(slice: number, minute: number, messages: number) {
    const half = messages >> 1
    for (const part of [half, messages - half]) {
      if (part === 0) continue
      const at = slice * RING + ((minute + random.pick(RETRY_MINUTES) + random.integer(0, 3)) % RING)
      retries[at] = (retries[at] ?? 0) + part
    }
  }
  return { send }
}
