import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CounterRow, Store, StoredEvent } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute, reply, row } from '../support/store-rows.ts'

/** What no compression makes short enough for an index. */
const long = Array.from({ length: 600 }, (_, i) => (i * 7919 * 104_729).toString(36)).join('')

const REFUSED: [string, CounterRow][] = [
  ['a key with NUL', row(0, 1, { slice: { campaign: 'a\0b' } })],
  ['a key that is longer than an index entry', row(0, 1, { slice: { campaign: long } })],
  ['a template with NUL', row(0, 1, { outcome: 'deferred', reply: reply({ template: 'no\0' }) })],
  ['a count that is no number of messages', row(0, 2 ** 40)],
]

describe.each(DATABASE_KINDS)('a row that %s refuses', (kind) => {
  let database: FreshDatabase
  let store: Store
  let sources = 0
  const newSource = () => `source-${++sources}`

  beforeAll(async () => {
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
  })
  afterAll(async () => {
    await store.close()
    await database.drop()
  })

  const window = { from: minute(0), to: minute(30) }
  const counted = async (source: string) => {
    const rows = await store.counters.read({ from: minute(-60), to: minute(60) }, source)
    return rows.reduce((sum, { n }) => sum + n, 0)
  }
  const malformed = async (source: string) =>
    (await store.sources.health()).find((health) => health.source === source)?.malformed
  const good = Array.from({ length: 20 }, (_, i) => row(i, 1, { slice: { ip: `192.0.2.${i}` } }))
  const among = (bad: CounterRow) => [...good.slice(0, 7), bad, ...good.slice(7)]

  it.each(REFUSED)('is set aside from a window, which is stored: %s', async (_, bad) => {
    const source = newSource()
    const setAside = await store.counters.replaceWindow(source, window, among(bad), {
      at: minute(30),
      nextReadAt: null,
    })
    expect(setAside).toMatchObject([{ problem: expect.stringMatching(/\w+ \w+/), at: minute(30) }])
    expect(await counted(source)).toBe(20)
    expect(await malformed(source)).toBe(1)
    expect(await store.windows.list(source, minute(0))).toMatchObject([{ state: 'read' }])
  })

  it.each(REFUSED)('is set aside from a batch, which is stored with its position: %s', async (_, bad) => {
    const source = newSource()
    const events = among(bad).map((each, i): StoredEvent => ({ id: `event ${i}`, row: each }))
    const extra = { at: minute(30), position: 'here' }
    expect(await store.counters.addEvents(source, events, extra)).toMatchObject({ stored: 20, setAside: [{}] })
    expect(await counted(source)).toBe(20)
    expect(await malformed(source)).toBe(1)
    expect(await store.counters.position(source)).toBe('here')
    // As after a crash: again the same.
    await store.counters.addEvents(source, events, extra)
    expect([await counted(source), await malformed(source)]).toEqual([20, 1])
  })

  it('is set aside wherever it stands, and however many there are', async () => {
    const source = newSource()
    const events = good.map((each, i): StoredEvent => ({ id: `event ${i}`, row: i % 3 ? each : REFUSED[0]![1] }))
    const { setAside = [] } = await store.counters.addEvents(source, events, { at: minute(30) })
    expect(setAside.map(({ id }) => id)).toEqual(events.filter((_, i) => i % 3 === 0).map(({ id }) => id))
    expect(await counted(source)).toBe(13)
  })

  it('is counted as an item that cannot be read, even where that is refused as well', async () => {
    const source = newSource()
    const bad = { id: 'item', at: minute(0), problem: 'not\0 JSON', body: '\0' }
    const extra = { at: minute(30), malformed: [bad, { ...bad, id: 'other', problem: 'not JSON', body: '' }] }
    const events = good.map((each, i): StoredEvent => ({ id: `event ${i}`, row: each }))
    expect(await store.counters.addEvents(source, events, extra)).toMatchObject({ stored: 20 })
    expect(await malformed(source)).toBe(2)
    const ledger = { nextReadAt: null, ...extra }
    await store.counters.replaceWindow(source, window, good, ledger)
    expect(await malformed(source)).toBe(2)
  })

  it('tells of itself no word', async () => {
    const events = [{ id: 'secret', row: row(0, 1, { slice: { campaign: 'hunter2\0' } }) }]
    const { setAside } = await store.counters.addEvents(newSource(), events, { at: minute(30) })
    expect(JSON.stringify(setAside)).not.toContain('hunter2')
  })

  it('changes no minute but those that were stored', async () => {
    const source = newSource()
    const { revision } = await store.counters.changedSince(0n)
    const bad = row(25, 1, { slice: { campaign: 'a\0b' } })
    await store.counters.replaceWindow(source, window, among(bad), { at: minute(30), nextReadAt: null })
    const { minutes } = await store.counters.changedSince(revision)
    expect(minutes.map((each) => each.minute)).toEqual(good.map((each) => each.minute))
  })
})
