import { z } from 'zod'
import { type Silence, silenceSchema } from '../incident/silence.ts'
import type { Store } from '../ports/store.ts'

const STATE_KEY = 'silences'
const storedSchema = z.array(silenceSchema)

/** Silences from the configuration, and those that people asked for in the chat. */
export interface Silences {
  /** What is in force at `at`, those of the chat last. */
  active(at: Date): Promise<Silence[]>
  add(silence: Silence, at: Date): Promise<void>
  /** Ends the silence at a place in `active`, counted from 1. Null: there is none, or it stands in the configuration. */
  end(place: number, at: Date): Promise<Silence | null>
}

// Read, changed and written as a whole: two people who silence in the same instant are rare, and see what came of it.
export function createSilences(state: Store['state'], configured: readonly Silence[]): Silences {
  async function load(at: Date): Promise<Silence[]> {
    const saved = await state.load(STATE_KEY)
    const asked = saved ? storedSchema.parse(JSON.parse(new TextDecoder().decode(saved))) : []
    return asked.filter(({ until }) => until > at)
  }
  const save = (silences: Silence[]) => state.save(STATE_KEY, new TextEncoder().encode(JSON.stringify(silences)))
  const inForce = (at: Date) => configured.filter(({ from, until }) => (from ?? at) <= at && at < until)

  return {
    active: async (at) => [...inForce(at), ...(await load(at))],
    add: async (silence, at) => save([...(await load(at)), silence]),
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
