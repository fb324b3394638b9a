import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isFault } from '../../src/ports/errors.ts'
import type { Batch, StreamSource } from '../../src/ports/esp.ts'
import type { Outcome } from '../../src/smtp/outcomes.ts'
import { type Ledger, type Ledgers, openLedgers } from '../support/stream-ledger.ts'

/** An attempt as the upstream is told of it. `n` makes it different from every other. */
export interface Attempt {
  n: number
  domain: string
  outcome: Extract<Outcome, 'delivered' | 'deferred' | 'bounced'>
  at: Date
  reply: string
}

/** The other side of a stream source: a queue, a log. */
export interface Upstream {
  emit(attempts: Attempt[]): Promise<void>
  emitMalformed(): Promise<void>
  /** Makes everything emitted so far come again, and says from which position it does. */
  replay(position: string | null): Promise<string | null>
  open(): StreamSource
  /** A source whose upstream does not exist. */
  openMissing(): StreamSource
  close(): Promise<void>
}

const START = Date.parse('2026-10-05T08:00:00Z')

function attempts(count: number, from = 0): Attempt[] {
  const outcomes = ['delivered', 'deferred', 'bounced'] as const
  return Array.from({ length: count }, (_, index) => {
    const n = from + index
    const outcome = outcomes[n % 3] ?? 'delivered'
    const reply = {
      delivered: '250 2.0.0 OK',
      deferred: '421 4.7.0 [TSS04] Messages to recipient@yahoo.com temporarily deferred',
      bounced: '554 5.7.1 <recipient@yahoo.com>: rejected',
    }[outcome]
    return { n, domain: n % 2 ? 'gmail.com' : 'yahoo.com', outcome, at: new Date(START + n * 20_000), reply }
  })
}

/** How many there are of each, whichever way they are told. */
function tally(list: { minute: Date; domain: string; outcome: Outcome; n: number }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { minute, domain, outcome, n } of list) {
    const key = `${minute.toISOString()} ${domain} ${outcome}`
    counts[key] = (counts[key] ?? 0) + n
  }
  return counts
}

const MINUTE_MS = 60_000
const expected = (list: Attempt[]) =>
  tally(
    list.map(({ domain, outcome, at }) => ({
      minute: new Date(at.getTime() - (at.getTime() % MINUTE_MS)),
      domain,
      outcome,
      n: 1,
    })),
  )

/** What every stream source has to do, whatever it reads. */
export function streamSourceContract(name: string, openUpstream: () => Promise<Upstream>) {
  describe(`${name} as a stream source`, () => {
    let ledgers: Ledgers
    let upstream: Upstream
    let ledger: Ledger

    beforeAll(async () => {
      ledgers = await openLedgers()
    })
    afterAll(() => ledgers.close())
    beforeEach(async () => {
      upstream = await openUpstream()
      ledger = ledgers.open()
    })
    afterEach(() => upstream.close())

    /** Runs a source until `until` resolves; what `run` throws comes out. */
    async function running(until: () => Promise<void>, start?: string | null) {
      const stop = new AbortController()
      const position = start === undefined ? await ledger.position() : start
      const run = upstream.open().run({ position, deliver: ledger.deliver }, stop.signal)
      const done = until().finally(() => stop.abort())
      await Promise.race([done, run])
      stop.abort()
      await Promise.all([run, done])
    }

    const counted = async () => tally(await ledger.counted())

    test('counts every attempt once, with its time, domain and outcome', async () => {
      const sent = attempts(25)
      await upstream.emit(sent)
      await running(() => ledger.holds(25))
      expect(await counted()).toEqual(expected(sent))
    })

    test('goes on with what comes later', async () => {
      await upstream.emit(attempts(3))
      await running(async () => {
        await ledger.holds(3)
        await upstream.emit(attempts(4, 3))
        await ledger.holds(7)
      })
      expect(await counted()).toEqual(expected(attempts(7)))
    })

    test('counts once what is delivered again', async () => {
      await upstream.emit(attempts(12))
      await running(() => ledger.holds(12))
      const start = await upstream.replay(await ledger.position())
      await running(() => ledger.sawAgain(12), start)
      expect(await counted()).toEqual(expected(attempts(12)))
    })

    test.each(['before', 'after'] as const)('loses and doubles nothing in a crash %s the commit', async (when) => {
      await upstream.emit(attempts(12))
      ledger.crashNext(when)
      await expect(running(() => ledger.holds(99))).rejects.toThrow('crash')
      await upstream.emit(attempts(5, 12))
      await running(() => ledger.holds(17))
      expect(await counted()).toEqual(expected(attempts(17)))
    })

    test('counts what comes out of order at the time it happened', async () => {
      const sent = attempts(9).toReversed()
      await upstream.emit(sent)
      await running(() => ledger.holds(9))
      expect(await counted()).toEqual(expected(sent))
    })

    test('sets a malformed item aside, says why, and goes on', async () => {
      await upstream.emit(attempts(2))
      await upstream.emitMalformed()
      await upstream.emit(attempts(2, 2))
      await running(() => ledger.holds(4, 1))
      expect(await counted()).toEqual(expected(attempts(4)))
      expect(ledger.batches().flatMap(({ malformed = [] }) => malformed)).toMatchObject([
        { problem: expect.stringMatching(/\w/), body: expect.stringMatching(/\w/) },
      ])

      await upstream.emit(attempts(1, 4))
      await running(() => ledger.holds(5))
      expect(await ledger.malformed()).toBe(1)
    })

    test('lets no address out', async () => {
      await upstream.emit(attempts(6))
      await upstream.emitMalformed()
      await running(() => ledger.holds(6, 1))
      expect(JSON.stringify(ledger.batches())).not.toContain('@')
      expect(JSON.stringify(ledger.batches())).toContain('{address}')
    })

    test('stops when it is told to, and finishes the batch at hand first', async () => {
      await upstream.emit(attempts(3))
      const stop = new AbortController()
      const slow = async (batch: Batch) => {
        stop.abort()
        await ledger.deliver(batch)
      }
      await upstream.open().run({ position: null, deliver: slow }, stop.signal)
      await running(() => ledger.holds(3))
      expect(await counted()).toEqual(expected(attempts(3)))
    })

    test('stops at once when there is nothing to read', async () => {
      const stop = new AbortController()
      const run = upstream.open().run({ position: null, deliver: ledger.deliver }, stop.signal)
      setTimeout(() => stop.abort(), 50)
      await expect(run).resolves.toBeUndefined()
    })

    test('says that it is reading, though nothing comes', async () => {
      const told = Promise.withResolvers<Batch>()
      const deliver = async (batch: Batch) => told.resolve(batch)
      const stop = new AbortController()
      const run = upstream.open().run({ position: null, deliver }, stop.signal)
      expect((await told.promise).observations).toEqual([])
      stop.abort()
      await run
    })

    test('answers a ping', async () => {
      await expect(upstream.open().ping(new AbortController().signal)).resolves.toBeUndefined()
    })

    test('says what is wrong and what to do when its upstream is not there', async () => {
      const missing = upstream.openMissing()
      const { signal } = new AbortController()
      for (const attempt of [
        () => missing.ping(signal),
        () => missing.run({ position: null, deliver: ledger.deliver }, signal),
      ]) {
        const error: unknown = await attempt().catch((thrown: unknown) => thrown)
        expect(error).toSatisfy(isFault)
        expect(error).toMatchObject({ remedy: expect.stringMatching(/\w+ \w+/) })
      }
    })

    test('counts right through any order of emitting, crashing and coming again', async () => {
      const step = fc.oneof(
        fc.record({ do: fc.constant('emit' as const), count: fc.integer({ min: 1, max: 8 }) }),
        fc.record({ do: fc.constant('crash' as const), when: fc.constantFrom('before' as const, 'after' as const) }),
        fc.record({ do: fc.constant('replay' as const) }),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
          await using fresh = await scene(openUpstream, ledgers.open())
          await fresh.play(steps)
          expect(tally(await fresh.counted())).toEqual(expected(attempts(fresh.emitted())))
        }),
        { numRuns: 6 },
      )
    })
  })
}

type Step = { do: 'emit'; count: number } | { do: 'crash'; when: 'before' | 'after' } | { do: 'replay' }

/** An upstream and a ledger of its own, for one run of the property. */
async function scene(openUpstream: () => Promise<Upstream>, ledger: Ledger) {
  const upstream = await openUpstream()
  let emitted = 0
  let start: string | null = null

  async function settle() {
    const stop = new AbortController()
    const run = upstream.open().run({ position: start, deliver: ledger.deliver }, stop.signal)
    const done = ledger.holds(emitted).finally(() => stop.abort())
    try {
      await Promise.race([done, run])
      stop.abort()
      await run
    } finally {
      start = await ledger.position()
    }
  }

  return {
    emitted: () => emitted,
    counted: ledger.counted,
    async play(steps: Step[]) {
      for (const step of steps) {
        if (step.do === 'emit') {
          await upstream.emit(attempts(step.count, emitted))
          emitted += step.count
        } else if (step.do === 'replay') start = await upstream.replay(await ledger.position())
        else {
          await upstream.emit(attempts(1, emitted++))
          ledger.crashNext(step.when)
          await settle().catch(() => {})
        }
      }
      await settle()
    },
    [Symbol.asyncDispose]: () => upstream.close(),
  }
}
