import { z } from 'zod'
import { type Silence, silenceSchema } from '../incident/silence.ts'
import { Refused } from '../ports/errors.ts'
import type { Store } from '../ports/store/index.ts'
import { redact } from '../smtp/redact.ts'
import { parsedJson } from './stored-json.ts'

const STATE_KEY = 'silences'
/** What a person gave as the reason is followed by the person's name. */
const LONGEST_STORED_REASON = 400
const storedSchema = silenceSchema.extend({ reason: z.string().min(1).max(LONGEST_STORED_REASON) })

/** Silences from the configuration, and those that people asked for in the chat. */
export interface Silences {
  /** What is in force at `at`, those of the chat last. */
  active(at: Date): Promise<Silence[]>
  /** Throws Refused for one that could not be read again. */
  add(silence: Silence, at: Date): Promise<void>
  /** Ends the silence at a place in `active`, counted from 1. Null: there is none, or it stands in the configuration. */
  end(place: number, at: Date): Promise<Silence | null>
}

// Read, changed and written as a whole: two people who silence in the same instant are rare, and see what came of it.
export function createSilences(
  { state, unreadable }: Pick<Store, 'state' | 'unreadable'>,
  configured: readonly Silence[],
): Silences {
  /** Those that can be read: one that cannot must not keep the others, or the watch, from their work. */
  async function load(at: Date): Promise<Silence[]> {
    const entries = listOf(await state.load(STATE_KEY)).map((entry) => storedSchema.safeParse(entry))
    unreadable.found(
      'silences',
      entries.flatMap(({ error }, i) =>
        error ? [{ what: `silence ${i + 1} of those asked for in the chat`, problem: problemOf(error) }] : [],
      ),
    )
    return entries.flatMap(({ data }) => (data && data.until > at ? [data] : []))
  }
  const save = (silences: Silence[]) => state.save(STATE_KEY, new TextEncoder().encode(JSON.stringify(silences)))
  const inForce = (at: Date) => configured.filter(({ from, until }) => (from ?? at) <= at && at < until)

  return {
    active: async (at) => [...inForce(at), ...(await load(at))],
    add: async (silence, at) => {
      const { error } = storedSchema.safeParse(JSON.parse(JSON.stringify(silence)))
      if (error) throw new Refused('The silence was not stored', `${problemOf(error)}.`)
      // People paste replies, and some platforms name people by their addresses.
      await save([...(await load(at)), { ...silence, reason: redact(silence.reason) }])
    },
    end: async (place, at) => {
      const asked = await load(at)
      const index = place - 1 - inForce(at).length
      const ended = asked[index]
      if (index < 0 || !ended) return null
      await save(asked.toSpliced(index, 1))
      return ended
    },
  }
}

/** The entries, each still to be looked at; a value that is no list at all is one entry that cannot be read. */
function listOf(saved: Uint8Array | null): unknown[] {
  if (!saved) return []
  const value = parsedJson(saved)
  return Array.isArray(value) ? value : [value]
}

function problemOf({ issues: [issue] }: z.ZodError): string {
  return issue ? `${issue.path.join('.') || 'all of it'}: ${issue.message}` : 'it does not have the right form'
}
