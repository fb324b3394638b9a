import { z } from 'zod'
import type { Malformed } from '../ports/esp.ts'
import type { Store, Trouble } from '../ports/store/index.ts'

const BUCKET_MS = 10 * 60_000
const BUCKETS = 6
/** Of what a source told within an hour: less than that is a slip. */
const FEWEST = 5
const NOTABLE_SHARE = 0.1
/** Once it was told, it is over when the share has fallen to half of that: it must not come and go. */
const OVER_SHARE = NOTABLE_SHARE / 2
const MOST = 0.5
const EXAMPLE_CHARACTERS = 200

/** How much of what a source tells can be read. */
export interface Readability {
  note(at: Date, read: number, unreadable: readonly Malformed[]): void
  /** What is to be said of the source; null where all is well. */
  trouble(at: Date): Trouble | null
}

const savedSchema = z.object({
  isTold: z.boolean(),
  example: z.string().nullable(),
  buckets: z.array(z.object({ at: z.number(), read: z.number(), unreadable: z.number() })),
})
type Saved = z.infer<typeof savedSchema>

const keyOf = (source: string) => `unreadable: ${source}`

/** What several replicas see of one source is summed up at least this often. */
const SHARE_EVERY_MS = 60_000

/**
 * Goes on from what the last process saw, so that a restart does not call a source well that is not. Where several
 * replicas read one source, each adds what it saw to what the others did: they must not contradict each other.
 */
export async function loadReadability({ state, leases }: Pick<Store, 'state' | 'leases'>, source: string) {
  const key = keyOf(source)
  let readability = createReadability(savedOf(await state.load(key)))
  let unshared: Parameters<Readability['note']>[] = []
  let sharedAt = Number.NEGATIVE_INFINITY

  /** Adds what this replica has noted since to what the others have. */
  async function share(at: Date): Promise<void> {
    const seen = savedOf(await state.load(key))
    readability = createReadability(seen)
    for (const noted of unshared) readability.note(...noted)
    readability.trouble(at)
    const sharing = unshared.length
    await state.save(key, new TextEncoder().encode(JSON.stringify(seen)))
    unshared = unshared.slice(sharing)
  }

  return {
    note: (...noted: Parameters<Readability['note']>) => {
      readability.note(...noted)
      unshared.push(noted)
    },
    trouble: (at: Date) => readability.trouble(at),
    /** At once where something could not be read, else now and then. */
    share: async (at: Date, isUrgent: boolean) => {
      if (!isUrgent && at.getTime() - sharedAt < SHARE_EVERY_MS) return
      // While another does it, it can wait for the next time.
      const lease = await leases.take(key)
      if (!lease) return
      sharedAt = at.getTime()
      await share(at).finally(() => lease.release())
    },
  }
}

const savedOf = (value: Uint8Array | null): Saved =>
  savedSchema.safeParse(parsed(value)).data ?? { isTold: false, example: null, buckets: [] }

export function createReadability(seen: Saved = { isTold: false, example: null, buckets: [] }): Readability {
  return {
    note(at, read, unreadable) {
      const bucket = Math.floor(at.getTime() / BUCKET_MS)
      let last = seen.buckets.find((each) => each.at === bucket)
      if (!last) {
        last = { at: bucket, read: 0, unreadable: 0 }
        seen.buckets.push(last)
      }
      last.read += read
      last.unreadable += unreadable.length
      // The first one: a sentence that changes all the time would be news all the time.
      if (unreadable[0]) seen.example ??= exampleOf(unreadable[0])
    },
    trouble(at) {
      const now = Math.floor(at.getTime() / BUCKET_MS)
      // Also what a clock that was ahead has left.
      seen.buckets = seen.buckets.filter((each) => each.at > now - BUCKETS && each.at <= now)
      const sum = (of: 'read' | 'unreadable') => seen.buckets.reduce((all, each) => all + each[of], 0)
      const [unreadable, all] = [sum('unreadable'), sum('unreadable') + sum('read')]
      const share = all === 0 ? 0 : unreadable / all
      seen.isTold = seen.isTold ? share > OVER_SHARE : unreadable >= FEWEST && share >= NOTABLE_SHARE
      if (unreadable === 0) seen.example = null
      return seen.isTold ? troubleOf(share, seen.example ?? '') : null
    },
  }
}

function troubleOf(share: number, example: string): Trouble {
  const part = share === 1 ? 'none' : share >= MOST ? 'only some' : 'not all'
  return {
    problem: `${part} of its items can be read, for example: ${example}`,
    remedy:
      'Items that cannot be read are not counted. Report this with the example: the format may be new to Bouncebell.',
  }
}

function exampleOf({ problem, body }: Malformed): string {
  const whole = `${problem}: ${body}`.replace(/\s+/g, ' ').trim()
  return whole.length > EXAMPLE_CHARACTERS ? `${whole.slice(0, EXAMPLE_CHARACTERS).toWellFormed()}…` : whole
}

function parsed(value: Uint8Array | null): unknown {
  try {
    return value && JSON.parse(new TextDecoder().decode(value))
  } catch {
    return null
  }
}
