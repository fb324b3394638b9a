import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { poll } from '../../src/jobs/poll.ts'
import type { PolledSource } from '../../src/jobs/read-window.ts'
import { createWindowSizes } from '../../src/jobs/window-sizes.ts'
import { AuthFailed, BadPayload, RateLimited, Unavailable } from '../../src/ports/errors.ts'
import type { Observation, Window } from '../../src/ports/esp.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { silentLog } from '../support/following.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute } from '../support/store-rows.ts'
import { PLAIN_TALLY } from '../support/store-tally.ts'

interface Setup {
  turnMs?: number
  rereadAfterMinutes?: number[]
  isCounted?: boolean
}

const minutesOf = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 60_000

describe.each(DATABASE_KINDS)('a poll on %s', (kind) => {
  let database: FreshDatabase
  let store: Store
  let made = 0

  beforeAll(async () => {
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
  })
  afterAll(async () => {
    await store.close()
    await database.drop()
  })

  /** A source that tells one delivery a minute, and whatever goes wrong with it. */
  function setUp({ turnMs, rereadAfterMinutes = [], isCounted = false }: Setup = {}) {
    const late: Date[] = []
    const name = `source-${++made}`
    let now = minute(0)
    const asked: Window[] = []
    let fault: (window: Window) => Error | null = () => null
    let isEndless: (window: Window) => boolean = () => false
    const warnings: string[] = []
    const log = { ...silentLog, warn: (_: object, text: string) => void warnings.push(text) }
    const polled: PolledSource = {
      name,
      type: 'test',
      facts: { rereadAfterMinutes },
      source: {
        kind: 'window',
        ping: async () => {},
        ...(isCounted && {
          count: async ({ from, to }: Window) =>
            minutesOf(from, to) + late.filter((at) => at >= from && at < to).length,
        }),
        async *pull(window, signal) {
          asked.push(window)
          while (isEndless(window)) yield []
          const error = fault(window)
          yield [delivery(window.from), ...late.filter((at) => at >= window.from && at < window.to).map(delivery)]
          if (error) throw error
          for (let at = window.from.getTime() + 60_000; at < window.to.getTime(); at += 60_000) {
            signal.throwIfAborted()
            yield [delivery(new Date(at))]
          }
        },
      },
    }
    const runPart = (part: 'news' | 'history', signal = new AbortController().signal, over = store) =>
      poll(
        polled,
        {
          store: over,
          clock: { now: () => now, sleep: async () => {} },
          log,
          tally: PLAIN_TALLY,
          backfillDays: 0,
          part,
          sizes: { minutes: () => 120, note: () => {} },
          ...(turnMs !== undefined && { turnMs }),
        },
        signal,
      )
    const run = async (signal = new AbortController().signal, over = store) => {
      const [news, history] = [await runPart('news', signal, over), await runPart('history', signal, over)]
      return { read: news.read + history.read, left: news.left + history.left }
    }
    const health = async () => (await store.sources.health()).find(({ source }) => source === name)
    const counted = async () => (await store.counters.read({ from: minute(-6000), to: minute(6000) }, name)).length
    return {
      asked,
      run,
      runPart,
      late: (at: Date) => void late.push(at),
      health,
      counted,
      fail: (how: typeof fault) => {
        fault = how
      },
      endless: (which: typeof isEndless) => {
        isEndless = which
      },
      warned: () => warnings,
      setNow: (i: number) => {
        now = minute(i)
      },
      ledger: () => store.windows.list(name, minute(-6000)),
    }
  }

  it('reads what is due, newest first, and then only what is new', async () => {
    const t = setUp()
    expect(await t.run()).toEqual({ read: 5, left: 0 })
    expect(t.asked[0]).toEqual({ from: minute(-120), to: minute(0) })
    expect(await t.counted()).toBe(600)
    expect(await t.run()).toEqual({ read: 0, left: 0 })
    t.setNow(3)
    expect(await t.run()).toEqual({ read: 1, left: 0 })
    expect(await t.counted()).toBe(603)
    expect(await t.health()).toMatchObject({ lastOkAt: minute(3), lastEventAt: minute(2), problem: null })
  })

  it('waits exactly as long as it was asked to, and asks nothing meanwhile', async () => {
    const t = setUp()
    t.fail(() => new RateLimited('too many requests', 150_000))
    expect(await t.run()).toEqual({ read: 0, left: 1 })
    t.fail(() => null)
    t.setNow(2)
    await t.run()
    expect(t.asked).toHaveLength(1)
    t.setNow(2.5)
    await t.run()
    expect(await t.counted()).toBe(602)
    expect((await t.ledger()).every(({ state }) => state === 'read')).toBe(true)
  })

  it('says what is wrong with a key, tries at longer intervals, and forgets it when it is mended', async () => {
    const t = setUp()
    t.fail(() => new AuthFailed('401 from Mailgun', 'Check the key.'))
    await t.run()
    expect(await t.health()).toMatchObject({
      failingSince: minute(0),
      pausedUntil: minute(2),
      problem: '401 from Mailgun',
      remedy: 'Check the key.',
      lastOkAt: null,
    })
    t.setNow(8)
    await t.run()
    expect(await t.health()).toMatchObject({ failingSince: minute(0), pausedUntil: minute(12) })
    t.fail(() => null)
    t.setNow(12)
    await t.run()
    expect(await t.health()).toMatchObject({ failingSince: null, pausedUntil: null, problem: null })
    expect(await t.counted()).toBe(612)
  })

  it('does not let one window that cannot be read hold up the others', async () => {
    const t = setUp()
    t.fail(({ from }) => (from.getTime() === minute(-240).getTime() ? new BadPayload('not JSON') : null))
    expect(await t.run()).toEqual({ read: 4, left: 0 })
    expect((await t.ledger()).filter(({ state }) => state === 'failed')).toMatchObject([
      { from: minute(-240), to: minute(-120), problem: 'not JSON', nextReadAt: minute(0.5) },
    ])
    t.fail(() => null)
    t.setNow(1)
    await t.run()
    expect(await t.counted()).toBe(601)
  })

  it('goes on after what is no fault of the source, and says that a part cannot be read until it can', async () => {
    const t = setUp()
    t.fail(({ from }) => (from.getTime() === minute(-240).getTime() ? new TypeError('x is\0 undefined') : null))
    expect(await t.run()).toEqual({ read: 4, left: 0 })
    expect(await t.counted()).toBe(480)
    const problem = expect.stringMatching(/part of its data cannot be read, 2026-11-24 06:00 to .*x is undefined/)
    expect(await t.health()).toMatchObject({ failingSince: minute(0), lastOkAt: minute(0), problem, pausedUntil: null })
    // While it is not tried again, what else is read does not hide it.
    t.setNow(0.4)
    await t.run()
    t.setNow(5)
    await t.run()
    t.setNow(7)
    await t.run()
    expect(await t.health()).toMatchObject({ failingSince: minute(0), lastOkAt: minute(7), problem })
    t.fail(() => null)
    t.setNow(30)
    await t.run()
    expect(await t.counted()).toBe(630)
    expect(await t.health()).toMatchObject({ failingSince: null, problem: null })
  })

  it('reads again what it read while the clock was ahead, and says so', async () => {
    const t = setUp()
    await t.run()
    t.setNow(180)
    await t.run()
    t.setNow(1)
    await t.run()
    expect(t.asked.at(-1)).toEqual({ from: minute(0), to: minute(1) })
    expect((await t.ledger()).filter(({ to }) => to > minute(1))).toEqual([])
    expect(await t.health()).toMatchObject({ lastOkAt: minute(1), lastEventAt: minute(0) })
    expect(t.warned()).toContainEqual(expect.stringContaining('the clock was ahead and is right again'))
  })

  it('does not wait for a time that was set while the clock was ahead', async () => {
    const t = setUp()
    await t.run()
    t.setNow(180)
    t.fail(() => new AuthFailed('401', 'Check the key.'))
    await t.run()
    t.fail(() => null)
    t.setNow(2)
    await t.run()
    expect(await t.health()).toMatchObject({ problem: null, lastOkAt: minute(2) })
  })

  it('is not kept by a source that never stops paging', async () => {
    const t = setUp()
    t.endless(({ from }) => from.getTime() === minute(-240).getTime())
    expect(await t.run()).toEqual({ read: 4, left: 0 })
    expect((await t.health())?.problem).toMatch(/\d+ pages in a row were empty/)
  })

  it('waits a minute when it is asked to wait and no time is named', async () => {
    const t = setUp()
    t.fail(() => new RateLimited('too many requests', Number.NaN))
    await t.run()
    expect(await t.health()).toMatchObject({ pausedUntil: minute(1) })
  })

  it('has read what it read, though the state of the source cannot be stored', async () => {
    const t = setUp()
    const broken = {
      ...store,
      sources: { ...store.sources, ok: () => Promise.reject(new Error('the database is gone')) },
    }
    expect(await t.run(undefined, broken)).toEqual({ read: 5, left: 0 })
    expect(await t.counted()).toBe(600)
    expect(t.warned()).toContainEqual(expect.stringContaining('could not be stored'))
  })

  it('ends when its turn is over, says that there is more, and goes on from there', async () => {
    const t = setUp({ turnMs: 0 })
    expect(await t.run()).toEqual({ read: 2, left: 3 })
    expect(await t.run()).toEqual({ read: 1, left: 2 })
    expect(t.asked.map(({ from }) => from)).toEqual([minute(-120), minute(-240), minute(-360)])
  })

  it('reads news while history is being read', async () => {
    const t = setUp()
    const history = t.runPart('history')
    expect(await t.runPart('news')).toEqual({ read: 1, left: 0 })
    expect(await history).toEqual({ read: 4, left: 0 })
    expect(await t.counted()).toBe(600)
  })

  it('reads again only where the source counts something else than was read', async () => {
    const t = setUp({ rereadAfterMinutes: [5], isCounted: true })
    await t.run()
    t.asked.length = 0
    for (let now = 1; now <= 8; now++) {
      t.setNow(now)
      await t.run()
    }
    expect(t.asked).toHaveLength(8)
    t.late(minute(3))
    t.asked.length = 0
    t.setNow(20)
    await t.run()
    const again = t.asked.filter(({ from }) => from < minute(8))
    expect(again).toEqual([{ from: minute(3), to: minute(4) }])
    expect((await t.ledger()).filter(({ from, nextReadAt }) => from < minute(8) && nextReadAt !== null)).toEqual([])
  })

  it('takes in smaller windows what takes too long', async () => {
    const sizes = createWindowSizes()
    const window = (minutes: number) => ({ from: minute(-minutes), to: minute(0) })
    expect(sizes.minutes('s')).toBe(5)
    sizes.note('s', window(15), 60_000)
    expect(sizes.minutes('s')).toBe(5)
    sizes.note('s', window(5), 100)
    expect(sizes.minutes('s')).toBe(20)
    for (let i = 0; i < 9; i++) sizes.note('s', window(sizes.minutes('s')), 100)
    expect(sizes.minutes('s')).toBe(360)
    sizes.note('s', window(1), 60_000)
    expect(sizes.minutes('s')).toBe(1)
    sizes.note('another', window(1), 100)
    expect(sizes.minutes('another')).toBe(5)
  })

  it('stores nothing of a window that broke off', async () => {
    const t = setUp()
    let pages = 0
    t.fail(() => (pages++ === 0 ? null : new Unavailable('HTTP 500')))
    await t.run()
    expect(await t.counted()).toBe(120)
  })

  it('ends when it is told to, without blaming the source', async () => {
    const t = setUp()
    const stop = new AbortController()
    t.fail(() => {
      stop.abort()
      return null
    })
    await t.run(stop.signal)
    expect(await t.counted()).toBe(0)
    expect((await t.health())?.problem ?? null).toBeNull()
    expect(await t.ledger()).toEqual([])
  })
})

const delivery = (at: Date): Observation => ({
  kind: 'event',
  id: at.toISOString(),
  at,
  outcome: 'delivered',
  reply: null,
  to: { domain: 'gmail.com' },
  dims: { ip: '192.0.2.1' },
})
