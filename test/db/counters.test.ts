import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shapeOf } from '../../src/lib/shape.ts'
import type { CounterRow, Store } from '../../src/ports/store/index.ts'
import { OUTCOMES } from '../../src/smtp/outcomes.ts'
import { openDatabase } from '../../src/store/db.ts'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute, reply, row } from '../support/store-rows.ts'

describe.each(DATABASE_KINDS)('counters on %s', (kind) => {
  let database: FreshDatabase
  let store: Store
  let sources = 0
  /** A source that no other test has touched. */
  const newSource = () => `source-${++sources}`

  beforeAll(async () => {
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
  })
  afterAll(async () => {
    await store.close()
    await database.drop()
  })

  const window = (from: number, to: number) => ({ from: minute(from), to: minute(to) })
  const ledger = { at: minute(99), nextReadAt: null }
  /** What is stored, in a form that does not depend on order or numbering. */
  async function stored(source: string) {
    const rows = await store.counters.read(window(-5000, 5000), source)
    const replies = await store.replies.byId([...new Set(rows.flatMap(({ replyId }) => replyId ?? []))])
    return rows
      .map(({ minute: at, slice, outcome, replyId, n }) =>
        [at.toISOString(), slice.provider, slice.ip, outcome, replyId && replies.get(replyId)!.template, n].join(' '),
      )
      .sort()
  }
  const revision = async () => (await store.counters.changedSince(0n)).revision

  it('replaces a window by what the last read of it said', async () => {
    const source = newSource()
    await store.counters.replaceWindow(
      source,
      window(0, 3),
      [row(0, 5), row(1, 7), row(2, 1, { reply: reply() })],
      ledger,
    )
    await store.counters.replaceWindow(source, window(0, 3), [row(0, 6), row(2, 1, { reply: reply() })], ledger)
    expect(await stored(source)).toEqual([
      `${minute(0).toISOString()} gmail 192.0.2.1 delivered  6`,
      `${minute(2).toISOString()} gmail 192.0.2.1 delivered ${reply().template} 1`,
    ])
  })

  it('reads chosen minutes of a source in order, the same as by the window, whatever they hold', async () => {
    const source = newSource()
    const rows = Array.from({ length: 200 }, (_, i) =>
      Array.from({ length: i % 5 }, (_, k) => row(3 * i, 300 * k + 1, { slice: { ip: `192.0.2.${k}` } })),
    ).flat()
    await store.counters.replaceWindow(source, window(0, 600), rows, ledger)
    await store.counters.replaceWindow(newSource(), window(0, 600), [row(0, 9)], ledger)
    const chosen = Array.from({ length: 600 }, (_, i) => i).filter((i) => i % 7 !== 0 && (i < 100 || i > 400))
    const read = await Array.fromAsync(store.counters.minutes(source, chosen.toReversed().map(minute)))
    expect(read.map((each) => each.minute)).toEqual(chosen.map(minute))
    const byWindow = (await store.counters.read(window(0, 600), source)).filter((each) =>
      chosen.some((i) => minute(i).getTime() === each.minute.getTime()),
    )
    const inOrder = (list: typeof byWindow) => list.map((each) => JSON.stringify(each)).sort()
    expect(inOrder(read.flatMap(({ counted }) => counted))).toEqual(inOrder(byWindow))
    expect(byWindow.length).toBeGreaterThan(50)
  })

  it('leaves other windows and other sources alone', async () => {
    const [one, other] = [newSource(), newSource()]
    await store.counters.replaceWindow(one, window(0, 1), [row(0, 5)], ledger)
    await store.counters.replaceWindow(one, window(1, 2), [row(1, 5)], ledger)
    await store.counters.replaceWindow(other, window(0, 1), [row(0, 9)], ledger)
    await store.counters.replaceWindow(one, window(0, 1), [], ledger)
    expect(await stored(one)).toHaveLength(1)
    expect(await stored(other)).toHaveLength(1)
  })

  it('sums steps of time over a pattern, or over the slices that are listed', async () => {
    const source = newSource()
    const yahoo = { slice: { provider: 'yahoo' } }
    const deferred = { outcome: 'deferred', reply: reply() } as const
    await store.counters.replaceWindow(
      source,
      window(0, 9),
      [row(0, 1), row(1, 2, deferred), row(2, 4), row(3, 8), row(7, 16), row(0, 32, yahoo), row(8, 64, yahoo)],
      ledger,
    )
    const sums = async (where: Parameters<Store['counters']['sums']>[1]) =>
      (await store.counters.sums(window(0, 8), where, 3)).map(({ at, outcome, n }) => [at, outcome, n])
    expect(await sums({ source, provider: 'gmail' })).toEqual([
      [minute(0), 'delivered', 5],
      [minute(0), 'deferred', 2],
      [minute(3), 'delivered', 8],
      [minute(6), 'delivered', 16],
    ])
    const { stream: _, ...slice } = row(0, 1, yahoo).slice
    expect(await sums([{ ...slice, source }])).toEqual([[minute(0), 'delivered', 32]])
    expect(await sums([])).toEqual([])
  })

  it('tells exactly the minutes whose counters changed', async () => {
    const source = newSource()
    const before = await revision()
    await store.counters.replaceWindow(source, window(0, 5), [row(0, 1), row(1, 2), row(3, 3)], ledger)
    const first = await store.counters.changedSince(before)
    expect(first.minutes).toEqual([0, 1, 3].map((i) => ({ source, minute: minute(i) })))

    await store.counters.replaceWindow(source, window(0, 5), [row(3, 3), row(0, 1), row(1, 2)], ledger)
    expect(await store.counters.changedSince(first.revision)).toEqual({ revision: first.revision, minutes: [] })

    await store.counters.replaceWindow(source, window(0, 5), [row(0, 1), row(1, 4), row(4, 1)], ledger)
    const late = await store.counters.changedSince(first.revision)
    expect(late.minutes).toEqual([1, 3, 4].map((i) => ({ source, minute: minute(i) })))
  })

  it('refuses a counter from outside its window, and stores nothing of it', async () => {
    const source = newSource()
    await expect(store.counters.replaceWindow(source, window(0, 1), [row(0, 1), row(1, 1)], ledger)).rejects.toThrow(
      RangeError,
    )
    expect(await stored(source)).toEqual([])
  })

  it('holds the truth after any sequence of reads, whatever was there before', async () => {
    const anyRow = fc
      .record({
        at: fc.integer({ min: 0, max: 3 }),
        n: fc.integer({ min: 0, max: 1000 }),
        ip: fc.constantFrom('192.0.2.1', '2001:db8::1', ''),
        outcome: fc.constantFrom(...OUTCOMES),
        said: fc.constantFrom(null, 'a', "it's {n}", '\u{1f4a9}\\'),
      })
      .map(
        ({ at, n, ip, outcome, said }): CounterRow =>
          row(at, n, { outcome, slice: { ip }, reply: said === null ? null : reply({ template: said }) }),
      )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(anyRow, { maxLength: 12 }), { minLength: 1, maxLength: 4 }), async (reads) => {
        const [source, fresh] = [newSource(), newSource()]
        for (const rows of reads) await store.counters.replaceWindow(source, window(0, 4), rows, ledger)
        await store.counters.replaceWindow(fresh, window(0, 4), reads.at(-1)!, ledger)
        expect(await stored(source)).toEqual(await stored(fresh))
        const total = (await store.counters.read(window(0, 4), source)).reduce((sum, counter) => sum + counter.n, 0)
        expect(total).toBe(reads.at(-1)!.reduce((sum, counter) => sum + counter.n, 0))
      }),
      { numRuns: 25 },
    )
  })

  it('survives two writers of the same window', async () => {
    const source = newSource()
    const rows = [row(0, 5), row(1, 7, { reply: reply({ template: 'new to both' }) })]
    await Promise.all([1, 2, 3, 4].map(() => store.counters.replaceWindow(source, window(0, 2), rows, ledger)))
    expect(await stored(source)).toHaveLength(2)
  })

  it('counts an event once, however often and however mixed it is delivered', async () => {
    const source = newSource()
    const event = (id: string) => ({ id, row: row(0, 1, { reply: reply() }) })
    const first = await store.counters.addEvents(source, [event('a'), event('b'), event('a')], { at: minute(0) })
    const again = await store.counters.addEvents(source, [event('b'), event('c')], { at: minute(1) })
    expect([first, again]).toEqual([
      { stored: 2, duplicates: 1 },
      { stored: 1, duplicates: 1 },
    ])
    expect((await store.counters.read(window(0, 1), source)).map(({ n }) => n)).toEqual([3])
  })

  it('commits position and malformed items with the events, of which the shape is kept', async () => {
    const source = newSource()
    expect(await store.counters.position(source)).toBeNull()
    const malformed = [{ id: 'm1', at: minute(0), problem: 'not JSON', body: '{"to":"Ann <ann@example.com>"}' }]
    await store.counters.addEvents(source, [], { at: minute(0), position: '17', malformed })
    await store.counters.addEvents(source, [], { at: minute(0), position: '18', malformed })
    expect(await store.counters.position(source)).toBe('18')
    const health = (await store.sources.health()).find((entry) => entry.source === source)
    expect(health?.malformed).toBe(1)
  })

  it('keeps of a malformed item its shape, and what did not fit without addresses', async () => {
    const own = await freshDatabase(kind)
    const opened = await openStore(own.options)
    const body = '{"to":"Ann <ann@example.com>","status":{"code":550},"tags":["a","b"]}'
    const malformed = [{ id: 'ann@example.com', at: minute(0), problem: 'not for ann@example.com', body }]
    await opened.store.counters.addEvents('one', [], { at: minute(0), malformed })
    await opened.store.sources.failed('one', 'ses', minute(1), {
      problem: 'No such user: asmith',
      remedy: 'Ask ann@example.com',
      pausedUntil: null,
    })
    await opened.store.windows.fail('one', window(0, 1), '<ann@example.com> is refused', minute(2))
    const [health] = await opened.store.sources.health()
    expect(health).toMatchObject({ problem: 'No such user: {address}', remedy: 'Ask {address}' })
    await opened.store.close()
    const { db, close } = await openDatabase(own.options)
    const { rows: items } = await sql<{ problem: string; body: string }>`select problem, body from malformed`.execute(
      db,
    )
    const windows = await db.selectFrom('windows').select('problem').execute()
    await close()
    await own.drop()
    expect(windows).toEqual([{ problem: '<{address}> is refused' }])
    expect(items).toEqual([{ problem: 'not for {address}', body: shapeOf(body) }])
    expect(items[0]!.body).not.toMatch(/ann/i)
    expect(items[0]!.body).toContain('"code"')
  })

  it('tells the minutes that late events changed', async () => {
    const source = newSource()
    await store.counters.addEvents(source, [{ id: 'a', row: row(0, 1) }], { at: minute(0) })
    const before = await revision()
    await store.counters.addEvents(source, [{ id: 'a', row: row(0, 1) }], { at: minute(0) })
    expect((await store.counters.changedSince(before)).minutes).toEqual([])
    await store.counters.addEvents(source, [{ id: 'b', row: row(-30, 1) }], { at: minute(0) })
    expect((await store.counters.changedSince(before)).minutes).toEqual([{ source, minute: minute(-30) }])
  })

  it('keeps the ledger: reads, the next one, failures, and windows that a larger one covers', async () => {
    const source = newSource()
    await store.windows.fail(source, window(0, 1), 'HTTP 500', minute(5))
    expect(await store.windows.list(source, minute(-60))).toEqual([
      { ...window(0, 1), reads: 0, nextReadAt: minute(5), state: 'failed', problem: 'HTTP 500', items: null },
    ])
    await store.counters.replaceWindow(source, window(0, 1), [], { at: minute(6), nextReadAt: minute(60) })
    await store.counters.replaceWindow(source, window(1, 2), [], { at: minute(6), nextReadAt: minute(60) })
    await store.counters.replaceWindow(source, window(0, 2), [], { at: minute(60), nextReadAt: null })
    const list = () => store.windows.list(source, minute(-60))
    expect(await list()).toEqual([
      { ...window(0, 2), reads: 1, nextReadAt: null, state: 'read', problem: null, items: null },
    ])
    await store.windows.fail(source, window(0, 3), 'HTTP 500', minute(70))
    expect(await list()).toEqual([
      { ...window(0, 3), reads: 0, nextReadAt: minute(70), state: 'failed', problem: 'HTTP 500', items: null },
    ])
  })

  it('rolls minutes up into hours again when they change, then forgets the minutes', async () => {
    const source = newSource()
    await store.counters.replaceWindow(source, window(-60, 60), [row(-1, 3), row(0, 4), row(59, 5)], ledger)
    const now = minute(180)
    expect((await store.retention.rollUp(minute(-3000), now)).hours).toBeGreaterThanOrEqual(2)
    while ((await store.retention.rollUp(minute(-3000), now)).left > 0);
    await store.counters.replaceWindow(source, window(0, 60), [row(59, 6)], ledger)
    expect(await store.retention.rollUp(minute(-3000), now)).toEqual({ hours: 1, left: 0 })
    expect(await store.retention.rollUp(minute(-3000), now)).toEqual({ hours: 0, left: 0 })
    const old = { minutes: minute(2880), hours: minute(-500_000), seen: minute(0), journal: minute(0) }
    await store.retention.prune(old)
    expect(await stored(source)).toEqual([])
    await store.counters.replaceWindow(source, window(0, 60), [row(59, 6)], ledger)
    expect(await stored(source)).toHaveLength(1)
  })

  it('keeps only the codes of replies beyond the daily limit of new ones, and counts them all', async () => {
    const source = newSource()
    const hostile = Array.from({ length: 2100 }, (_, i) =>
      row(0, 1, { reply: reply({ template: `${kind} says ${'x'.repeat(i)}` }) }),
    )
    await store.counters.replaceWindow(source, window(0, 1), hostile, ledger)
    const before = await stored(source)
    await store.counters.replaceWindow(source, window(0, 1), hostile, ledger)
    expect(await stored(source)).toEqual(before)
    expect(before).toHaveLength(2001)
    expect(before.find((line) => line.includes('{rate-limited}'))).toMatch(/ 100$/)
  })
})
