import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch, Observation } from '../../src/ports/esp.ts'
import type { Store, StoredEvent } from '../../src/ports/store/index.ts'
import type { Outcome } from '../../src/smtp/outcomes.ts'
import { openStore } from '../../src/store/index.ts'

/** Where a stream's batches are committed: the real store, counted by recipient domain in place of the provider. */
export interface Ledger {
  deliver(batch: Batch): Promise<void>
  position(): Promise<string | null>
  counted(): Promise<{ minute: Date; domain: string; outcome: Outcome; n: number }[]>
  malformed(): Promise<number>
  /** Everything that was handed over, whether it was committed or not. */
  batches(): Batch[]
  /** Resolves when so many different events, and malformed items, are in. */
  holds(events: number, malformed?: number): Promise<void>
  /** Resolves when so many events came that were in already. */
  sawAgain(events: number): Promise<void>
  /** The next delivery that has something in it fails: before the commit, or after it, so that nobody acknowledges. */
  crashNext(when: 'before' | 'after'): void
}

export interface Ledgers {
  /** A new one, of a source of its own. */
  open(): Ledger
  close(): Promise<void>
}

export async function openLedgers(): Promise<Ledgers> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bouncebell-stream-'))
  const { store } = await openStore({ dataDir })
  let sources = 0
  return {
    open: () => openLedger(store, `source-${++sources}`),
    close: async () => {
      await store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const MINUTE_MS = 60_000

function eventOf(observation: Observation): StoredEvent {
  if (observation.kind !== 'event') throw new Error('a stream gives events, not counts')
  const { id, at, outcome, to, dims } = observation
  const slice = {
    provider: to.domain,
    ip: dims.ip ?? '',
    senderDomain: dims.senderDomain ?? '',
    stream: dims.stream ?? '',
    campaign: dims.campaign ?? '',
  }
  const minute = new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS)
  return { id, row: { minute, slice, outcome, reply: null, n: 1 } }
}

function openLedger(store: Store, source: string): Ledger {
  const batches: Batch[] = []
  const waiting = new Set<{ ready: () => boolean; resolve: () => void }>()
  let crash: 'before' | 'after' | null = null
  let events = 0
  let again = 0
  let malformed = 0

  const when = (ready: () => boolean) =>
    ready() ? Promise.resolve() : new Promise<void>((resolve) => waiting.add({ ready, resolve }))

  return {
    async deliver(batch) {
      batches.push(batch)
      const isEmpty = batch.observations.length + (batch.malformed?.length ?? 0) === 0
      const failing = isEmpty ? null : crash
      if (failing) crash = null
      if (failing === 'before') throw new Error('crash before the commit')
      const { stored, duplicates } = await store.counters.addEvents(source, batch.observations.map(eventOf), {
        at: new Date(),
        ...(batch.position === undefined ? {} : { position: batch.position }),
        ...(batch.malformed ? { malformed: batch.malformed } : {}),
      })
      events += stored
      again += duplicates
      malformed += batch.malformed?.length ?? 0
      if (failing === 'after') throw new Error('crash after the commit')
      for (const waiter of waiting) if (waiter.ready()) waiter.resolve()
    },
    position: () => store.counters.position(source),
    async counted() {
      const all = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2040-01-01T00:00:00Z') }
      const minutes = await store.counters.read(all, source)
      return minutes.map(({ minute, slice, outcome, n }) => ({ minute, domain: slice.provider, outcome, n }))
    },
    async malformed() {
      const health = await store.sources.health()
      return health.find((it) => it.source === source)?.malformed ?? 0
    },
    batches: () => batches,
    holds: (wanted, unread = 0) => when(() => events >= wanted && malformed >= unread),
    sawAgain: (wanted) => when(() => again >= wanted),
    crashNext(moment) {
      crash = moment
    },
  }
}
