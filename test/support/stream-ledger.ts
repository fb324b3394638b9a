import type { Batch, Malformed, Observation } from '../../src/ports/esp.ts'

export type StoredObservation = Extract<Observation, { kind: 'event' }>

/** Where a stream's batches are committed: by id, with the position, all or nothing, as the store does it. */
export interface Ledger {
  deliver(batch: Batch): Promise<void>
  position(): string | null
  events(): StoredObservation[]
  malformed(): Malformed[]
  /** Everything that was handed over, whether it was committed or not. */
  batches(): Batch[]
  /** Resolves when so many different events, and malformed items, are in. */
  holds(events: number, malformed?: number): Promise<void>
  /** Resolves when so many events came that were in already. */
  sawAgain(events: number): Promise<void>
  /** The next delivery fails: before anything is committed, or after it, so that nobody acknowledges. */
  crashNext(when: 'before' | 'after'): void
}

export function openLedger(): Ledger {
  const events = new Map<string, StoredObservation>()
  const malformed = new Map<string, Malformed>()
  const batches: Batch[] = []
  const waiting = new Set<{ ready: () => boolean; resolve: () => void }>()
  let position: string | null = null
  let crash: 'before' | 'after' | null = null
  let again = 0

  const when = (ready: () => boolean) =>
    ready() ? Promise.resolve() : new Promise<void>((resolve) => waiting.add({ ready, resolve }))

  return {
    async deliver(batch) {
      batches.push(batch)
      const failing = crash
      crash = null
      if (failing === 'before') throw new Error('crash before the commit')
      for (const observation of batch.observations) {
        if (observation.kind !== 'event') throw new Error('a stream gives events, not counts')
        if (events.has(observation.id)) again++
        events.set(observation.id, observation)
      }
      for (const item of batch.malformed ?? []) malformed.set(item.id, item)
      position = batch.position ?? position
      if (failing === 'after') throw new Error('crash after the commit')
      for (const waiter of waiting) if (waiter.ready()) waiter.resolve()
    },
    position: () => position,
    events: () => [...events.values()],
    malformed: () => [...malformed.values()],
    batches: () => batches,
    holds: (wanted, unread = 0) => when(() => events.size >= wanted && malformed.size >= unread),
    sawAgain: (wanted) => when(() => again >= wanted),
    crashNext(moment) {
      crash = moment
    },
  }
}
