import { afterEach, describe, expect, it, vi } from 'vitest'
import { poll } from '../../src/jobs/poll.ts'
import { AuthFailed, BadPayload, RateLimited, Refused, Unavailable } from '../../src/ports/errors.ts'
import type { Observation, Window } from '../../src/ports/esp.ts'
import type { Log } from '../../src/ports/log.ts'
import type { SourceHealth, Store, WindowRecord } from '../../src/ports/store/index.ts'
import { minute } from '../support/store-rows.ts'
import { PLAIN_TALLY } from '../support/store-tally.ts'

const DAY = 1440
const window = (from: number, to: number): Window => ({ from: minute(from), to: minute(to) })
const record = (from: number, to: number, given: Partial<WindowRecord> = {}): WindowRecord => ({
  ...window(from, to),
  reads: 1,
  nextReadAt: null,
  state: 'read',
  problem: null,
  items: to - from,
  ...given,
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

interface Given {
  ledger?: WindowRecord[]
  health?: Partial<SourceHealth>
  now?: number
  backfillDays?: number
  rereadAfterMinutes?: number[]
  turnMs?: number
  forgotten?: number
  /** What a window holds, page by page. */
  pages?: (window: Window) => Iterable<Observation[]>
  count?: (window: Window) => number | null
}

/** A poll of one source over a store that keeps nothing but the ledger, and notes what it is asked for. */
function setUp(given: Given = {}) {
  const { now = 0, backfillDays = 0, rereadAfterMinutes = [], turnMs, count } = given
  const pages = given.pages ?? (() => [])
  let ledger = given.ledger ?? []
  let at = minute(now)
  const done: [string, ...unknown[]][] = []
  const note = async (...step: [string, ...unknown[]]) => {
    await new Promise((resolve) => setImmediate(resolve))
    done.push(step)
  }
  const put = (entry: WindowRecord) => {
    ledger = [...ledger.filter(({ from, to }) => from < entry.from || to > entry.to), entry]
  }
  const store = {
    windows: {
      list: async (_: string, since: Date) => {
        await note('list', since)
        return [...ledger].sort((a, b) => a.from.getTime() - b.from.getTime())
      },
      forget: async (_: string, beyond: Date) => {
        await note('forget', beyond)
        return given.forgotten ?? 0
      },
      fail: async (_: string, { from, to }: Window, problem: string, nextReadAt: Date) => {
        put({ ...record(0, 0), from, to, state: 'failed', problem, nextReadAt })
        await note('fail', { from, to }, problem, nextReadAt)
      },
      confirm: async (_: string, confirmed: (Window & { nextReadAt: Date | null })[]) => {
        for (const { from, to, nextReadAt } of confirmed) {
          ledger = ledger.map((old) => (old.from >= from && old.to <= to ? { ...old, nextReadAt } : old))
        }
        await note(
          'confirm',
          confirmed.map(({ from, to, nextReadAt }) => ({ from, to, nextReadAt })),
        )
      },
      release: async (_: string, { from, to }: Window) => {
        ledger = ledger.filter((old) => old.from < from || old.to > to)
        await note('release', { from, to })
      },
    },
    sources: {
      health: async () => [
        { source: 'another', pausedUntil: minute(1e6) },
        { source: 's', failingSince: null, pausedUntil: null, ...given.health },
      ],
      ok: (_: string, type: string, ...rest: unknown[]) => note('ok', type, ...rest),
      failed: (_: string, type: string, ...rest: unknown[]) => note('failed', type, ...rest),
    },
    counters: {
      replaceWindow: async (_: string, { from, to }: Window, rows: { n: number }[], kept: { items: number }) => {
        put({ ...record(0, 0), from, to, items: kept.items })
        await note('store', { from, to }, rows.length, kept)
        return []
      },
    },
  } as unknown as Store
  const sizes = { minutes: () => 60, note: vi.fn() }
  const log = { warn: () => {}, error: () => {} } as unknown as Log
  const asked: Window[] = []
  const run = (part: 'news' | 'history' = 'news', signal = new AbortController().signal) =>
    poll(
      {
        name: 's',
        type: 'test',
        facts: { rereadAfterMinutes },
        source: {
          kind: 'window',
          ping: async () => {},
          ...(count && { count: async (asked: Window) => count(asked) }),
          async *pull(asking, limit) {
            asked.push(asking)
            for (const page of pages(asking)) {
              limit.throwIfAborted()
              yield page
            }
          },
        },
      },
      {
        store,
        clock: { now: () => at, sleep: async () => {} },
        log,
        tally: PLAIN_TALLY,
        backfillDays,
        part,
        sizes,
        ...(turnMs === undefined ? {} : { turnMs }),
      },
      signal,
    )
  return {
    run,
    asked,
    sizes,
    /** What was done by one name. */
    did: (name: string) => done.filter(([step]) => step === name).map(([, ...rest]) => rest),
    setNow: (to: number) => {
      at = minute(to)
    },
  }
}

/** All that is before news is known, and of the last hour nothing. */
const KNOWN = [record(-3 * DAY, -60)]
const failing = (error: Error, given: Given = {}) =>
  setUp({
    ledger: KNOWN,
    pages: () => {
      throw error
    },
    ...given,
  })

describe('a poll', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('looks at the ledger as far back as is planned and a day more, and no further back than minutes are kept', async () => {
    const t = setUp({ ledger: KNOWN })
    await t.run()
    expect(t.did('list')[0]).toEqual([minute(-2 * DAY)])
    const far = setUp({ ledger: KNOWN, backfillDays: 90 })
    await far.run()
    expect(far.did('list')[0]).toEqual([minute(-15 * DAY)])
    expect(far.asked).toEqual([window(-60, 0)])
  })

  it('reads as news what ended less than two hours ago, and as history the rest', async () => {
    const t = setUp({ now: 300, ledger: [record(-DAY, 0), record(60, 300)] })
    expect(await t.run('news')).toEqual({ read: 0, left: 0 })
    expect(await t.run('history')).toEqual({ read: 1, left: 0 })
    expect(t.asked).toEqual([window(0, 60)])
    const onTheHour = setUp({ now: 180, ledger: [record(-DAY, 0), record(60, 180)] })
    expect(await onTheHour.run('news')).toEqual({ read: 0, left: 0 })
    const younger = setUp({ now: 179, ledger: [record(-DAY, 0), record(60, 179)] })
    expect(await younger.run('news')).toEqual({ read: 1, left: 0 })
  })

  it('asks nothing during a pause, and goes on at its end', async () => {
    const t = setUp({ ledger: KNOWN, health: { pausedUntil: minute(5) } })
    expect(await t.run()).toEqual({ read: 0, left: 0 })
    expect(t.asked).toEqual([])
    t.setNow(5)
    expect(await t.run()).toEqual({ read: 2, left: 0 })
  })

  it('takes no notice of a pause that was set while the clock was ahead', async () => {
    const t = setUp({ ledger: KNOWN, health: { pausedUntil: minute(500) }, forgotten: 3 })
    expect(await t.run()).toEqual({ read: 1, left: 0 })
    expect(t.did('forget')).toEqual([[minute(1)]])
  })

  it('stores a window with what it was told, by the time before it asked', async () => {
    const bad = { ...delivery(minute(-5)), at: new Date(Number.NaN) } as Observation
    const pages = ({ from }: Window) => {
      t.setNow(2)
      return [
        [delivery(from), delivery(from)],
        [delivery(minute(-7)), bad],
      ]
    }
    const t = setUp({ ledger: KNOWN, rereadAfterMinutes: [120], pages })
    await t.run()
    expect(t.did('store')[0]).toEqual([
      window(-60, 0),
      2,
      {
        at: minute(0),
        nextReadAt: minute(120),
        malformed: [expect.objectContaining({ problem: 'its time cannot be read' })],
        items: 4,
      },
    ])
    expect(t.did('ok')[0]).toEqual(['test', minute(2), minute(-7), null])
    expect(t.sizes.note).toHaveBeenCalledWith('s', window(-60, 0), expect.any(Number))
    expect(t.sizes.note.mock.calls[0]![2]).toBeLessThan(60_000)
  })

  it('counts as read what was read, and says how much is left when its turn is over', async () => {
    const ledger = [record(-DAY, -360), record(-240, -180)]
    expect(await setUp({ ledger, turnMs: 0 }).run('history')).toEqual({ read: 1, left: 2 })
    expect(await setUp({ ledger }).run('history')).toEqual({ read: 3, left: 0 })
  })

  it('ends at once when it is told to, whatever the source makes of that', async () => {
    const stop = new AbortController()
    const t = setUp({
      ledger: KNOWN,
      pages: () => {
        stop.abort()
        throw new Unavailable('the connection was closed')
      },
    })
    expect(await t.run('news', stop.signal)).toEqual({ read: 0, left: 1 })
    expect([...t.did('fail'), ...t.did('failed')]).toEqual([])
    expect(await setUp({ ledger: KNOWN }).run('news', stop.signal)).toEqual({ read: 0, left: 1 })
  })
})

describe('the pause after a failure', () => {
  it.each<[string, Error, number | null, number]>([
    ['half a minute at first', new Unavailable('HTTP 500'), null, 0.5],
    ['half as long as it fails', new Unavailable('HTTP 500'), -4, 2],
    ['ten minutes at most', new Unavailable('HTTP 500'), -500, 10],
    ['two minutes at least where a person is needed', new AuthFailed('401', 'Check the key.'), -2, 2],
    ['two minutes at least where it is refused', new Refused('403', 'Ask for it.'), null, 2],
    ['as long as it was asked to be', new RateLimited('429', 45_000), -500, 0.75],
    ['a second at least', new RateLimited('429', 10), null, 1 / 60],
  ])('is %s', async (_, error, since, pause) => {
    const t = failing(error, { health: since === null ? {} : { failingSince: minute(since) } })
    expect(await t.run()).toEqual({ read: 0, left: 1 })
    const pausedUntil = minute(pause)
    expect(t.did('fail')).toEqual([[window(-60, 0), error.message, pausedUntil]])
    const { remedy } = error as Unavailable
    expect(t.did('failed')).toEqual([['test', minute(0), { problem: error.message, remedy, pausedUntil }]])
  })

  it.each([
    ['what has not the right form', new BadPayload('not JSON'), 'not JSON'],
    ['what cannot be stored', new TypeError('x is undefined'), 'what was read could not be stored (x is undefined)'],
  ])('is of one window where that has %s: the others are read', async (_, error, problem) => {
    const t = setUp({
      ledger: [record(-DAY, -120)],
      pages: ({ from }) => {
        if (from.getTime() === minute(-60).getTime()) throw error
        return []
      },
    })
    expect(await t.run()).toEqual({ read: 1, left: 0 })
    expect(t.did('fail')).toEqual([[window(-60, 0), problem, minute(0.5)]])
    expect(t.did('failed')).toMatchObject([['test', minute(0), { problem, pausedUntil: null }]])
    // What else is read does not hide it.
    expect(t.did('ok')).toEqual([
      ['test', minute(0), null, expect.objectContaining({ problem: expect.stringContaining(problem) })],
    ])
  })
})

describe('a window', () => {
  afterEach(() => void vi.restoreAllMocks())
  const pagesOf = (sizes: Iterable<number>) => {
    const page = { 0: [] as Observation[], 1: [delivery(minute(-5))] } as Record<number, Observation[]>
    return () => Array.from(sizes, (size) => page[size]!)
  }
  const repeat = (n: number, ...sizes: number[]) => Array.from({ length: n }, () => sizes).flat()

  it.each([
    ['a thousand empty pages in a row', repeat(1000, 0), 1],
    ['more of them', repeat(1001, 0), 0],
    ['more of them that are not in a row', [...repeat(1000, 0), 1, ...repeat(1000, 0)], 1],
    ['thirty thousand pages', repeat(30_000, 1), 1],
    ['more pages', repeat(30_001, 1), 0],
  ])('with %s', async (_, sizes, read) => {
    const t = setUp({ ledger: KNOWN, pages: pagesOf(sizes) })
    expect((await t.run()).read).toBe(read)
    expect(t.did('fail')).toHaveLength(1 - read)
  })

  it('that takes more than two minutes is given up and comes in smaller ones', async () => {
    const late = new AbortController()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(late.signal)
    const t = setUp({
      ledger: KNOWN,
      pages: () => {
        late.abort(new Error('late'))
        return [[]]
      },
      turnMs: 0,
    })
    expect(await t.run()).toEqual({ read: 0, left: 1 })
    expect(timeout).toHaveBeenCalledWith(120_000)
    expect(t.did('release')).toEqual([[window(-60, 0)]])
    expect([...t.did('store'), ...t.did('fail')]).toEqual([])
    expect(t.sizes.note).toHaveBeenCalledOnce()
  })

  it('that is late with its end is given up, too', async () => {
    const late = new AbortController()
    vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(late.signal)
    const t = setUp({
      ledger: KNOWN,
      *pages() {
        yield []
        late.abort(new Error('late'))
      },
      turnMs: 0,
    })
    await t.run()
    expect(t.did('store')).toEqual([])
    expect(t.did('release')).toHaveLength(1)
  })

  it('of a minute takes as long as it takes', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout')
    const t = setUp({ ledger: [record(-DAY, -1)] })
    expect(await t.run()).toEqual({ read: 1, left: 0 })
    expect(timeout).not.toHaveBeenCalled()
  })

  describe('that was read before', () => {
    const AGES = [20, DAY]
    const LAST = minute(1560)
    /** Four quarters of an hour that are due again. */
    const due = (change: (i: number) => Partial<WindowRecord> = () => ({})) =>
      [0, 1, 2, 3].map((i) => record(i * 15 - 90, i * 15 - 75, { nextReadAt: minute(0), ...change(i) }))
    const again = (given: Given, quarters = due()) =>
      setUp({ ledger: [record(-3 * DAY, -90), ...quarters, record(-30, 0)], rereadAfterMinutes: AGES, ...given })

    it('is only noted where the source counts the same', async () => {
      const counted: Window[] = []
      const t = again({
        count: (asked) => {
          counted.push(asked)
          return 60
        },
      })
      expect(await t.run()).toEqual({ read: 1, left: 0 })
      expect(counted).toEqual([window(-90, -30)])
      expect(t.asked).toEqual([])
      expect(t.did('confirm').flat(2)).toEqual(
        [0, 1, 2, 3].map((i) => ({ ...window(i * 15 - 90, i * 15 - 75), nextReadAt: LAST })),
      )
    })

    it('is read again where it counts something else, and only there', async () => {
      const t = again({
        count: ({ from, to }) =>
          (to.getTime() - from.getTime()) / 60_000 + (from <= minute(-60) && to > minute(-60) ? 1 : 0),
      })
      await t.run()
      expect(t.asked).toEqual([window(-60, -45)])
      expect(t.did('confirm').map(([parts]) => (parts as Window[]).map(({ from }) => from))).toEqual([
        [minute(-90), minute(-75)],
        [minute(-45)],
      ])
    })

    it.each<[string, Given, ((i: number) => Partial<WindowRecord>)?]>([
      ['the source cannot count', {}],
      ['it does not know', { count: () => null }],
      ['a part was not counted', { count: () => 60 }, (i) => (i === 2 ? { items: null } : {})],
    ])('is read again as a whole where %s', async (_, given, change) => {
      const t = again(given, due(change))
      await t.run()
      expect(t.asked).toEqual([window(-90, -30)])
      expect(t.did('confirm')).toEqual([])
    })
  })
})
