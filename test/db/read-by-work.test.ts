import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { poll } from '../../src/jobs/poll.ts'
import type { PolledSource } from '../../src/jobs/read-window.ts'
import { BadPayload } from '../../src/ports/errors.ts'
import type { Observation, Window } from '../../src/ports/esp.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { silentLog } from '../support/following.ts'
import { type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute } from '../support/store-rows.ts'
import { PLAIN_TALLY } from '../support/store-tally.ts'

const REREAD_AFTER_MINUTES = [10, 60]
/** What is told later than that after its minute is found by the last time that the minute is read again. */
const LATEST = 45
/** `minute(0)` is ten o'clock. With a backfill of no days, reading begins at midnight. */
const MIDNIGHT = -600
const PARTS = ['news', 'history'] as const

type Step =
  | { kind: 'pass'; minutes: number }
  | { kind: 'late'; ago: number; n: number }
  /** Windows with this minute cannot be read during the next poll. */
  | { kind: 'fail'; ago: number }
  /** What was read of a period is given up, as where a window takes too long. */
  | { kind: 'release'; ago: number; minutes: number }
  /** How long a window may be from here on. */
  | { kind: 'size'; minutes: number }

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant('late' as const), ago: fc.nat(LATEST), n: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('fail' as const), ago: fc.nat(400) }),
    fc.record({ kind: fc.constant('release' as const), ago: fc.nat(500), minutes: fc.integer({ min: 1, max: 200 }) }),
    fc.record({ kind: fc.constant('size' as const), minutes: fc.integer({ min: 1, max: 360 }) }),
  ),
  { minLength: 5, maxLength: 15 },
)

let database: FreshDatabase
let store: Store
let made = 0

beforeAll(async () => {
  database = await freshDatabase('PostgreSQL')
  store = (await openStore(database.options)).store
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

/** An account that sent one message each minute, and what is told late; `poll` reads what is due. */
function createAccount(isCounted: boolean) {
  const name = `account-${++made}`
  let now = 0
  let size = 5
  let failing: number | null = null
  const late = new Map<number, number>()
  const place = (at: Date) => Math.round((at.getTime() - minute(0).getTime()) / 60_000)
  const at = (i: number) => 1 + (late.get(i) ?? 0)
  const within = ({ from, to }: Window) =>
    Array.from({ length: place(to) - place(from) }, (_, i) => place(from) + i).filter((i) => i < now)
  const polled: PolledSource = {
    name,
    type: 'test',
    facts: { rereadAfterMinutes: REREAD_AFTER_MINUTES },
    source: {
      kind: 'window',
      ping: async () => {},
      ...(isCounted && { count: async (window: Window) => within(window).reduce((sum, i) => sum + at(i), 0) }),
      async *pull(window) {
        if (failing !== null && place(window.from) <= failing && failing < place(window.to))
          throw new BadPayload('it cannot be read')
        for (const i of within(window))
          yield Array.from(
            { length: at(i) },
            (_, k): Observation => ({
              kind: 'event',
              id: `${i} ${k}`,
              at: minute(i),
              outcome: 'delivered',
              reply: null,
              to: { domain: 'gmail.com' },
              dims: {},
            }),
          )
      },
    },
  }
  const clock = { now: () => minute(now), sleep: async () => {} }
  const options = { store, clock, log: silentLog, tally: PLAIN_TALLY, backfillDays: 0 }
  const sizes = { minutes: () => size, note: () => {} }

  return {
    async poll() {
      const signal = new AbortController().signal
      for (const part of PARTS) await poll(polled, { ...options, part, sizes }, signal)
      failing = null
    },
    async take(step: Step) {
      if (step.kind === 'pass') now += step.minutes
      if (step.kind === 'size') size = step.minutes
      if (step.kind === 'fail') failing = now - step.ago - 1
      if (step.kind === 'late') {
        const i = now - step.ago - 1
        late.set(i, (late.get(i) ?? 0) + step.n)
      }
      if (step.kind === 'release') {
        const from = now - step.ago - step.minutes
        await store.windows.release(name, { from: minute(from), to: minute(from + step.minutes) })
      }
    },
    /** What there is, and what is counted, minute by minute. */
    truth: () => within({ from: minute(MIDNIGHT), to: minute(now) }).map((i) => [i, at(i)]),
    async counted() {
      const rows = await store.counters.read({ from: minute(MIDNIGHT), to: minute(now) }, name)
      return rows.map((row) => [place(row.minute), row.n])
    },
  }
}

test('no minute is left out or counted twice, whatever fails, is given up, comes late or is sized otherwise', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (taken, isCounted) => {
      const account = createAccount(isCounted)
      await account.poll()
      for (const step of taken) {
        await account.take(step)
        await account.poll()
      }
      // Until all that failed was tried again, and all that was late was read again.
      for (let i = 0; i < 12; i++) {
        await account.take({ kind: 'pass', minutes: 10 })
        await account.poll()
      }
      expect(await account.counted()).toEqual(account.truth())
    }),
    { numRuns: 6 },
  )
}, 300_000)
