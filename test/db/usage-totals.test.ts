import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CounterRow, ReplyFilter, Store, StoredReply } from '../../src/ports/store/index.ts'
import { OUTCOMES } from '../../src/smtp/outcomes.ts'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute, reply, row } from '../support/store-rows.ts'

const HOUR = 60
const DAY = 24 * HOUR
/** Four days, of which the last ends within an hour. */
const END = 4 * DAY + 100
const REPLIES: StoredReply[] = ['gmail', 'yahoo'].flatMap((provider) => [
  reply({ provider, code: 421, template: `slow down at ${provider}` }),
  reply({ provider, code: 550, enhanced: '5.1.1', cause: 'recipient-unknown', template: 'no such user' }),
  reply({ provider, code: 550, enhanced: '5.7.1', cause: 'policy', template: 'not welcome' }),
])
const FILTERS: ReplyFilter[] = [
  { code: 550 },
  { code: 421, provider: 'gmail' },
  { template: 'no such user' },
  { cause: 'policy', outcomes: ['bounced'] },
  { provider: 'yahoo', outcomes: ['deferred', 'bounced'] },
  { code: 550, source: 'one' },
  { provider: 'gmail', source: 'two', outcomes: ['deferred', 'bounced', 'dropped'] },
  { word: 'WELCOME' },
]

/** One thing that happens: a window of a source read (again), hours added to the totals, or nothing. */
type Read = { source: string; from: number; minutes: number; seed: number }
type Step = Read | { rolledUpAt: number }

/** Rows of a window that are the same for the same seed. */
function rowsOf({ from, minutes, seed }: Read): CounterRow[] {
  return Array.from({ length: 12 }, (_, i) => {
    const draw = (k: number, most: number) =>
      Math.abs(Math.imul(seed + i * 7919 + k * 104_729, 2_654_435_761) >> 8) % most
    const [said, at, outcome] = [REPLIES[draw(1, REPLIES.length)]!, from + draw(2, minutes), OUTCOMES[draw(3, 4)]!]
    const slice = { provider: said.provider, ip: `192.0.2.${draw(4, 4)}`, campaign: `c${draw(5, 2)}` }
    return row(at, 1 + draw(6, 400), { slice, outcome, reply: draw(7, 4) === 0 ? null : said })
  })
}

/** The same by adding up what the store holds, minute by minute. */
async function addedUp(store: Store, filter: ReplyFilter, from: number, to: number) {
  const all = await store.counters.read({ from: minute(from), to: minute(to) })
  const replies = await store.replies.byId([...new Set(all.flatMap(({ replyId }) => replyId ?? []))])
  const isAboutPlaces = filter.outcomes !== undefined && filter.cause === undefined
  const counted = all.filter(({ outcome, replyId, slice }) => {
    const said = replyId === null ? null : replies.get(replyId)!
    if (filter.source !== undefined && slice.source !== filter.source) return false
    if (filter.outcomes !== undefined && !filter.outcomes.includes(outcome)) return false
    if (!said) return isAboutPlaces && slice.provider === filter.provider
    return (
      (filter.code === undefined || said.code === filter.code) &&
      (filter.cause === undefined || said.cause === filter.cause) &&
      (filter.template === undefined || said.template === filter.template) &&
      (filter.word === undefined || said.template.includes(filter.word.toLowerCase())) &&
      (filter.provider === undefined || said.provider === filter.provider)
    )
  })
  const sumBy = (key: (each: (typeof counted)[number]) => string | number) => {
    const sums = new Map<string | number, number>()
    for (const each of counted) sums.set(key(each), (sums.get(key(each)) ?? 0) + each.n)
    return sums
  }
  const hours = sumBy(({ minute: at }) => Math.floor(at.getTime() / 3_600_000) * 3_600_000)
  return {
    total: counted.reduce((sum, { n }) => sum + n, 0),
    perHour: [...hours].sort(([a], [b]) => Number(a) - Number(b)).map(([at, n]) => ({ at: new Date(at), n })),
    by: sumBy(({ slice }) => [slice.provider, slice.ip, slice.senderDomain, slice.source].join(' ')),
    lastSeen: counted.reduce<Date | null>((max, { minute: at }) => (max && max > at ? max : at), null),
  }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      source: fc.constantFrom('one', 'two'),
      from: fc.integer({ min: 0, max: END / 20 - 4 }).map((n) => n * 20),
      minutes: fc.constantFrom(20, 60),
      seed: fc.nat(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ rolledUpAt: fc.integer({ min: 0, max: END }) }) },
)

describe.each(DATABASE_KINDS)('usage on %s', (kind) => {
  let database: FreshDatabase
  let store: Store

  beforeAll(async () => {
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
  })
  afterAll(async () => {
    await store.close()
    await database.drop()
  })

  it('is to the moment what the minutes add up to, whatever is in the totals yet, and whatever changed since', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 4, maxLength: 10 }),
        fc.constantFrom(...FILTERS),
        fc.nat(END - 61),
        async (steps, filter, since) => {
          for (const each of steps) {
            if ('rolledUpAt' in each) await store.retention.rollUp(minute(-60), minute(each.rolledUpAt))
            else {
              const window = { from: minute(each.from), to: minute(each.from + each.minutes) }
              const rows = rowsOf(each)
              await store.counters.replaceWindow(each.source, window, rows, { at: minute(END), nextReadAt: null })
            }
          }
          const from = since - (since % 60)
          const usage = await store.replies.usage(filter, minute(since), minute(END))
          const expected = await addedUp(store, filter, from, END)
          expect({ ...usage, by: undefined, firstSeen: undefined }).toEqual({
            ...expected,
            by: undefined,
            firstSeen: undefined,
          })
          const by = new Map(
            usage.by.map((each) => [[each.provider, each.ip, each.senderDomain, each.source].join(' '), each.n]),
          )
          expect(by).toEqual(expected.by)
        },
      ),
      { numRuns: 25 },
    )
  })

  it('adds hours to the totals in pieces, the newest first, and goes on where it was', async () => {
    const source = 'pieces'
    const hours = 60
    for (let hour = 0; hour < hours; hour++) {
      const at = 10_000 + hour * HOUR
      const window = { from: minute(at), to: minute(at + 60) }
      await store.counters.replaceWindow(source, window, [row(at, 1, { outcome: 'bounced', reply: REPLIES[1]! })], {
        at: minute(at),
        nextReadAt: null,
      })
    }
    const now = minute(20_000)
    while ((await store.retention.rollUp(minute(20_000 - 13 * DAY), now)).left > 0);
    for (let hour = 0; hour < hours; hour++) {
      const at = 10_000 + hour * HOUR
      const window = { from: minute(at), to: minute(at + 60) }
      await store.counters.replaceWindow(source, window, [row(at, 2, { outcome: 'bounced', reply: REPLIES[1]! })], {
        at: minute(at),
        nextReadAt: null,
      })
    }
    const total = async () => (await store.replies.usage({ source }, minute(9000), now)).total
    const lefts: number[] = []
    for (;;) {
      expect(await total()).toBe(2 * hours)
      const { left } = await store.retention.rollUp(minute(20_000 - 13 * DAY), now)
      lefts.push(left)
      if (left === 0) break
    }
    // 10:40 and 11:40 are in different hours, so that each window changed two.
    expect(lefts.length).toBeGreaterThan(1)
    expect(lefts).toEqual(lefts.toSorted((a, b) => b - a))
    expect(await total()).toBe(2 * hours)
  })
})
