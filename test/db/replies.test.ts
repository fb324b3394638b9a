import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoredReply } from '../../src/ports/store/index.ts'
import { type OpenedStore, openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute, reply, row } from '../support/store-rows.ts'

const greylisted = reply({ template: 'greylisted', code: 450, enhanced: null, provider: 'other', cause: 'greylisted' })

describe.each(DATABASE_KINDS)('replies on %s', (kind) => {
  let database: FreshDatabase
  let opened: OpenedStore

  beforeAll(async () => {
    database = await freshDatabase(kind)
    opened = await openStore(database.options)
    const { counters } = opened.store
    const window = { from: minute(-120), to: minute(60) }
    const rows = [
      row(-100, 3, { outcome: 'deferred', reply: reply() }),
      row(0, 5, { outcome: 'deferred', reply: reply() }),
      row(1, 7, { outcome: 'deferred', reply: reply(), slice: { ip: '192.0.2.2' } }),
      row(1, 1, { outcome: 'deferred', reply: reply({ code: 451 }) }),
      row(2, 2, { outcome: 'deferred', reply: greylisted, slice: { provider: 'other' } }),
    ]
    await counters.replaceWindow('mailgun', window, rows, { at: minute(60), nextReadAt: null })
  })
  afterAll(async () => {
    await opened.store.close()
    await database.drop()
  })

  it('answer who said it, how often and since when', async () => {
    const usage = await opened.store.replies.usage({ code: 421 }, minute(-120), minute(60))
    expect(usage).toMatchObject({ total: 15, firstSeen: minute(-100), lastSeen: minute(1) })
    expect(usage.perHour.map(({ n }) => n)).toEqual([3, 12])
    expect(usage.by.map(({ ip, n }) => [ip, n])).toEqual([
      ['192.0.2.1', 8],
      ['192.0.2.2', 7],
    ])
  })

  it.each([
    ['code', { code: 451 }, 1],
    ['enhanced status code', { enhanced: '4.7.28' }, 16],
    ['cause', { cause: 'greylisted' }, 2],
    ['template and code', { template: reply().template, code: 421 }, 15],
    ['provider', { provider: 'other' }, 2],
    ['source', { source: 'nobody' }, 0],
  ] as const)('are found by %s', async (_name, filter, total) => {
    expect((await opened.store.replies.usage(filter, minute(-120), minute(60))).total).toBe(total)
  })

  it('tell what was said for the first time', async () => {
    const first = await opened.store.replies.firstSeen(minute(-60))
    expect(first.map((seen) => [seen.source, seen.reply.code, seen.firstSeen, seen.n])).toEqual([
      ['mailgun', 451, minute(1), 1],
      ['mailgun', 450, minute(2), 2],
    ])
  })

  it('are new once, however often a window is read or an event delivered; a text on success is no refusal', async () => {
    const { counters, replies } = opened.store
    const fresh = reply({ template: 'a policy of today' })
    const accepted = reply({ template: 'ok queued as {id}', code: 250, enhanced: null })
    const window = { from: minute(60), to: minute(120) }
    const rows = [
      row(70, 40, { outcome: 'deferred', reply: fresh }),
      row(75, 9, { outcome: 'bounced', reply: fresh }),
      row(71, 500, { reply: accepted }),
    ]
    for (let reads = 0; reads < 3; reads++) {
      await counters.replaceWindow('mailgun', window, rows, { at: minute(120), nextReadAt: null })
    }
    const event = { id: 'event 1', row: row(80, 1, { outcome: 'deferred', reply: fresh }) }
    for (let deliveries = 0; deliveries < 3; deliveries++) {
      await counters.addEvents('ses', [event], { at: minute(120) })
    }
    expect(await replies.firstSeen(minute(60))).toEqual([
      {
        reply: fresh,
        source: 'mailgun',
        firstSeen: minute(70),
        lastSeen: minute(75),
        n: 49,
        knownSince: minute(-100),
      },
      { reply: fresh, source: 'ses', firstSeen: minute(80), lastSeen: minute(80), n: 1, knownSince: minute(80) },
    ])
  })

  it('are not new once older history has arrived in which they were given', async () => {
    const { counters, replies } = opened.store
    await counters.addEvents('ses', [{ id: 'older', row: row(-130, 1, { outcome: 'deferred', reply: greylisted }) }], {
      at: minute(121),
    })
    await counters.addEvents('ses', [{ id: 'newer', row: row(119, 1, { outcome: 'deferred', reply: greylisted }) }], {
      at: minute(121),
    })
    expect((await replies.firstSeen(minute(60))).map(({ reply: { cause } }) => cause)).not.toContain('greylisted')
  })

  it('are classified anew once per set of rules, all of history with them', async () => {
    const { replies } = opened.store
    let asked = 0
    const better = (stored: StoredReply): StoredReply => {
      asked++
      return stored.cause === 'greylisted' ? { ...stored, cause: 'policy', signal: 'blocking', rule: 'better' } : stored
    }
    const runs = await Promise.all([replies.reclassify('v2', better), replies.reclassify('v2', better)])
    expect(runs.map(({ changed }) => changed).sort()).toEqual([0, 1])
    expect(runs.filter(({ skipped }) => skipped)).toHaveLength(1)
    expect(asked).toBe(5)
    expect((await replies.usage({ cause: 'policy', rule: 'better' }, minute(-120), minute(60))).total).toBe(2)
  })
})
