import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCounters } from '../../src/store/counters.ts'
import { type Database, openDatabase } from '../../src/store/db.ts'
import { pruneOrphans } from '../../src/store/orphans.ts'
import { createReplyIds } from '../../src/store/replies.ts'
import { createSliceIds } from '../../src/store/slices.ts'
import { createSourceIds } from '../../src/store/sources.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { reply } from '../support/store-rows.ts'

const DAY_MS = 86_400_000
const now = new Date('2026-11-24T10:00:00Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS)
const dims = (ip: string) => ({ provider: 'gmail', ip, senderDomain: 'shop.example', stream: '', campaign: '' })

describe.each(DATABASE_KINDS)('rows that nothing points at any more on %s', (kind) => {
  let fresh: FreshDatabase
  let database: Database
  beforeAll(async () => {
    fresh = await freshDatabase(kind)
    database = await openDatabase(fresh.options)
  })
  afterAll(async () => {
    await database.close()
    await fresh.drop()
  })

  /** What a replica remembers is its own. */
  const replica = (remembered?: number) => {
    const { db } = database
    const sources = createSourceIds(db)
    const ids = { sources, slices: createSliceIds(db, remembered), replies: createReplyIds(db, undefined, remembered) }
    const counters = createCounters(db, ids)
    return {
      counters,
      put: (source: string, at: Date, ip: string, template: string) =>
        counters.replaceWindow(
          source,
          { from: at, to: new Date(at.getTime() + 60_000) },
          [{ minute: at, slice: dims(ip), outcome: 'deferred', reply: reply({ template }), n: 1 }],
          { at, nextReadAt: null },
        ),
    }
  }
  const count = async (table: 'slices' | 'replies' | 'reply_seen') =>
    (await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(database.db)).rows[0]!.n
  const counted = async (counters: ReturnType<typeof replica>['counters'], at: Date) =>
    (await counters.read({ from: at, to: new Date(at.getTime() + 60_000) })).map(({ slice }) => slice.ip)

  it('are pruned a month after the last counter of them, and others are not', async () => {
    const one = replica()
    await one.put('a', daysAgo(500), '192.0.2.1', 'said long ago')
    await one.put('a', daysAgo(500), '192.0.2.2', 'said all along')
    await one.put('a', daysAgo(300), '192.0.2.2', 'said all along')
    await one.put('a', daysAgo(1), '192.0.2.3', 'said now')
    expect(await pruneOrphans(database.db, daysAgo(396))).toEqual({ slices: 1, replies: 1 })
    expect(await pruneOrphans(database.db, daysAgo(396))).toEqual({ slices: 0, replies: 0 })
    expect([await count('slices'), await count('replies'), await count('reply_seen')]).toEqual([2, 2, 2])
  })

  it('are made again by a replica that remembers them from before, under numbers that nothing had', async () => {
    const [one, other] = [replica(), replica()]
    await one.put('b', daysAgo(500), '192.0.2.9', 'gone and come')
    const idsOf = async () => {
      const { rows } = await sql<{ id: string }>`
        select 'slice ' || id as id from slices where ip = '192.0.2.9'
        union all select 'reply ' || id from replies where template = 'gone and come'`.execute(database.db)
      return rows.map(({ id }) => id)
    }
    const before = await idsOf()
    await pruneOrphans(database.db, daysAgo(396))
    expect(await idsOf()).toEqual([])
    await one.put('b', daysAgo(2), '192.0.2.9', 'gone and come')
    const after = await idsOf()
    expect(after).toHaveLength(2)
    expect(after.filter((id) => before.includes(id))).toEqual([])
    expect(await counted(one.counters, daysAgo(2))).toEqual(['192.0.2.9'])
    expect(await counted(other.counters, daysAgo(2))).toEqual(['192.0.2.9'])
  })

  it('stay where one is written while it is pruned', async () => {
    const templates = Array.from({ length: 30 }, (_, i) => `old ${i}`)
    const writers = [replica(), replica()]
    for (const [i, template] of templates.entries())
      await writers[0]!.put('c', daysAgo(450), `198.51.100.${i}`, template)
    let isOver = false
    const prune = async () => {
      let pruned = 0
      while (!isOver) pruned += (await pruneOrphans(database.db, daysAgo(396))).slices
      return pruned
    }
    const pruning = prune()
    for (const [i, template] of templates.entries())
      await Promise.all(writers.map(({ put }, w) => put(`c${w}`, daysAgo(3 + (i % 5)), `198.51.100.${i}`, template)))
    isOver = true
    await pruning
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from counter_hours c
      where c.hour > ${daysAgo(100)} and (not exists (select from slices s where s.source_id = c.source_id and s.id = c.slice_id)
        or not exists (select from replies r where r.id = c.reply_id))`.execute(database.db)
    expect(rows).toEqual([{ n: 0 }])
  })

  it('are right with the memory of a few rows', async () => {
    const small = replica(2)
    const at = daysAgo(9)
    for (let i = 0; i < 12; i++)
      await small.put(`d${i % 3}`, new Date(at.getTime() + i * 60_000), `203.0.113.${i % 5}`, `said ${i % 4}`)
    const rows = await small.counters.read({ from: at, to: new Date(at.getTime() + 12 * 60_000) })
    expect(rows.map(({ slice }) => `${slice.source} ${slice.ip}`)).toEqual(
      Array.from({ length: 12 }, (_, i) => `d${i % 3} 203.0.113.${i % 5}`),
    )
  })
})
