import type { CannedReply } from '../../../src/demo/replies.ts'
import type { TrafficRow } from '../../../src/demo/telling.ts'
import type { Place } from '../../../src/demo/topology.ts'
import { createTally, type TallyOptions } from '../../../src/jobs/ingest.ts'
import type { Observation } from '../../../src/ports/esp.ts'
import type { CounterRow, StoredReply } from '../../../src/ports/store/index.ts'
import type { Outcome } from '../../../src/smtp/outcomes.ts'

const MINUTE_MS = 60_000

const dimsOf = ({ slice, to }: Place) => ({ provider: to.label, ip: slice.ip, senderDomain: slice.senderDomain })

/** What an ESP would have said of a row of the generator's traffic. */
function observationsOf({ minute, attempts, failures }: TrafficRow, place: Place, origin: Date): Observation[] {
  const from = new Date(origin.getTime() + minute * MINUTE_MS)
  const to = new Date(from.getTime() + MINUTE_MS)
  const seen = (outcome: Outcome, n: number, reply: string | null): Observation => ({
    kind: 'count',
    from,
    to,
    outcome,
    n,
    reply,
    dims: dimsOf(place),
  })
  const delivered = attempts - failures.reduce((sum, { n }) => sum + n, 0)
  const failed = failures.map(({ reply, n }) => seen(reply.outcome, n, reply.text))
  return delivered > 0 ? [seen('delivered', delivered, null), ...failed] : failed
}

/** Rows of one source as its poll would store them. */
export function counterRows(
  rows: readonly TrafficRow[],
  places: readonly Place[],
  origin: Date,
  knowledge: TallyOptions,
): CounterRow[] {
  const tally = createTally(knowledge)
  for (const row of rows) tally.add(observationsOf(row, places[row.slice]!, origin))
  return tally.rows()
}

type Dims = CounterRow['slice']

/** What a place's slice and its replies become when they are stored, each asked for once. */
export function createReading(places: readonly Place[], knowledge: TallyOptions) {
  const at = new Date(0)
  const read = (place: Place, reply: string | null): CounterRow => {
    const tally = createTally(knowledge)
    tally.add([
      { kind: 'count', from: at, to: new Date(MINUTE_MS), outcome: 'delivered', n: 1, reply, dims: dimsOf(place) },
    ])
    return tally.rows()[0]!
  }
  const slices: Dims[] = places.map((place) => read(place, null).slice)
  // Two providers may say the same.
  const replies = new Map<number, Map<CannedReply, StoredReply>>()
  return {
    slices,
    replyOf: (said: CannedReply, slice: number): StoredReply => {
      const place = places[slice]!
      const ofProvider = replies.get(place.provider) ?? new Map<CannedReply, StoredReply>()
      replies.set(place.provider, ofProvider)
      const reply = ofProvider.get(said) ?? read(place, said.text).reply!
      ofProvider.set(said, reply)
      return reply
    },
  }
}
