import pg from 'pg'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { toText } from '../../src/cards/text.ts'
import { answerLookup } from '../../src/commands/lookup-answer.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { Unavailable } from '../../src/ports/errors.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute, reply, row } from '../support/store-rows.ts'

const knowledge = loadKnowledge([])
const clock = createManualClock(minute(60))

let database: FreshDatabase
let store: Store
let other: pg.Client

beforeEach(async () => {
  database = await freshDatabase('PostgreSQL')
  store = (await openStore(database.options)).store
  other = new pg.Client({ connectionString: (database.options as { databaseUrl: string }).databaseUrl })
  await other.connect()
  await put(7)
})
afterEach(async () => {
  await other.end()
  await store.close()
  await database.drop()
})

const put = (n: number) =>
  store.counters.replaceWindow(
    'mailgun',
    { from: minute(0), to: minute(60) },
    [row(5, n, { outcome: 'deferred', reply: reply() })],
    { at: minute(60), nextReadAt: null },
  )
const usage = () => store.replies.usage({ code: 421 }, minute(0), minute(60))
/** Nobody can count until the returned function is called. */
async function holdUp(): Promise<() => Promise<unknown>> {
  await other.query('begin')
  await other.query('lock table place_days in access exclusive mode')
  return () => other.query('rollback')
}

it('a question that would take longer is answered without the count, and says so', async () => {
  const goOn = await holdUp()
  const card = await answerLookup('421', { store, clock, knowledge, countingMs: 200 })
  expect(toText(card)).toContain('421: not now')
  expect(toText(card)).toContain('counting it took too long')
  await goOn()
  await expect
    .poll(async () => toText(await answerLookup('421', { store, clock, knowledge })))
    .toContain('Last 7 days: 7')
})

it('a count that is not wanted any more ends in the database, too', async () => {
  const goOn = await holdUp()
  await expect(usage()).rejects.toThrow(Unavailable)
  const { rows } = await other.query(
    `select query from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
  )
  expect(rows).toEqual([])
  await goOn()
  expect((await usage()).total).toBe(7)
})

it('equal questions that are asked at once are counted once, and no answer outlives a change of the counters', async () => {
  const query = vi.spyOn(pg.Client.prototype, 'query')
  const counted = () =>
    (query.mock.calls as unknown[][]).filter(([text]) => JSON.stringify(text ?? '').includes('from place_days')).length
  try {
    const answers = await Promise.all(Array.from({ length: 20 }, usage))
    expect(answers.map(({ total }) => total)).toEqual(Array.from({ length: 20 }, () => 7))
    expect(counted()).toBe(1)
    await usage()
    expect(counted()).toBe(1)
    await put(8)
    expect((await usage()).total).toBe(8)
    expect(counted()).toBe(2)
    await store.replies.reclassify('other rules', (stored) => ({ ...stored, cause: 'policy' }))
    await usage()
    expect(counted()).toBe(3)
  } finally {
    query.mockRestore()
  }
})
