import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Card } from '../../src/cards/card.ts'
import type { JournalEntry } from '../../src/ports/journal.ts'
import { type OpenedStore, openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute } from '../support/store-rows.ts'

const card: Card = {
  title: 'Gmail slows your mail',
  tone: 'warning',
  chart: { label: 'deferred', unit: 'percent', points: [{ at: minute(0), value: 3.5 }] },
}
const entry = (id: string, at: number, change: Partial<JournalEntry> = {}): JournalEntry => ({
  id,
  channel: 'web',
  key: `key of ${id}`,
  parent: null,
  card,
  at: minute(at),
  updatedAt: minute(at),
  ...change,
})

describe.each(DATABASE_KINDS)('the journal on %s', (kind) => {
  let database: FreshDatabase
  let opened: OpenedStore

  beforeAll(async () => {
    database = await freshDatabase(kind)
    opened = await openStore(database.options)
  })
  afterAll(async () => {
    await opened.store.close()
    await database.drop()
  })

  it('lets one of several claim an ID', async () => {
    const { journal } = opened
    const claims = ['Ann', 'Bo', 'Cy'].map((key) => journal.claim(entry('claimed', 0, { key, channel: '' })))
    expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1)
    expect(await journal.claim(entry('claimed', 1, { key: 'Di', channel: '' }))).toBe(false)
    expect((await journal.get('claimed'))?.key).not.toBe('Di')
  })

  it('keeps messages with their threads, and tells what is new', async () => {
    const { journal } = opened
    const all = [entry('a', 0), entry('b', 1), entry('b/1', 2, { parent: 'b' }), entry('c', 3, { channel: 'other' })]
    for (const one of all) await journal.put(one)
    expect(await journal.get('a')).toEqual(all[0])
    const latest = await journal.latest('web', 1)
    expect(latest.entries).toEqual([all[1], all[2]])

    const edited = entry('a', 0, { card: { title: 'over', tone: 'good' }, updatedAt: minute(9) })
    await journal.put(edited)
    const news = await journal.since('web', latest.revision)
    expect(news.entries).toEqual([edited])
    expect(await journal.since('web', news.revision)).toEqual({ revision: news.revision, entries: [] })
  })

  it('loses nothing to a reader while many write', async () => {
    const { journal } = opened
    const seen = new Set<string>()
    let revision = 0n
    const read = async () => {
      const news = await journal.since('busy', revision)
      for (const { id } of news.entries) seen.add(id)
      revision = news.revision
    }
    const writes = Array.from({ length: 40 }, (_, i) => journal.put(entry(`busy-${i}`, i, { channel: 'busy' })))
    for (let i = 0; i < 10; i++) await read()
    await Promise.all(writes)
    await read()
    expect(seen.size).toBe(40)
  })
})
