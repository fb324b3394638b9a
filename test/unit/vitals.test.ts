import { describe, expect, it } from 'vitest'
import { readVitals } from '../../src/jobs/vitals.ts'
import type { Shortage, SourceHealth } from '../../src/ports/store/index.ts'
import { minute } from '../support/store-rows.ts'

const TICK_SECONDS = 30
/** Two ticks come on top of every time. */
const TICKS = (2 * TICK_SECONDS) / 60
const NOW = 100

interface Given {
  /** By source: when it was read last, and since when it fails. */
  health?: Record<string, { ok: number | null; failing?: number }>
  /** The minute that was watched last. */
  watched?: number | string | null
  waiting?: number | null
  shortage?: Shortage | null
}

async function vitals({ health = { ses: { ok: NOW } }, watched = NOW, waiting = null, shortage = null }: Given) {
  const asked: unknown[] = []
  const saved = typeof watched === 'number' ? String(minute(watched - 1).getTime() / 60_000) : watched
  const at = (n: number | null | undefined) => (n == null ? null : minute(n))
  const found = await readVitals({
    clock: { now: () => minute(NOW) },
    sources: ['ses', 'mta'].slice(0, Math.max(1, Object.keys(health).length)),
    platforms: ['slack'],
    tickSeconds: TICK_SECONDS,
    store: {
      shortage: () => shortage,
      state: {
        load: async () => (saved === null ? null : new TextEncoder().encode(saved)),
        save: async () => {},
      },
      sources: {
        health: async () =>
          Object.entries(health).map(
            ([source, { ok, failing }]) =>
              ({ source, lastOkAt: at(ok), failingSince: at(failing) }) as Partial<SourceHealth> as SourceHealth,
          ),
      },
      messages: {
        waitingSince: async (platforms: readonly string[]) => {
          asked.push(platforms)
          return at(waiting)
        },
      },
    } as unknown as Parameters<typeof readVitals>[0]['store'],
  })
  expect(asked).toEqual([['slack']])
  return found
}

const WELL = { missing: [], unread: [] }
const UNREAD = { missing: ['no source was read recently (ses)'], unread: ['ses'] }

describe('whether Bouncebell does its work', () => {
  it('is so where all of it was done recently', async () => {
    expect(await vitals({})).toEqual(WELL)
  })

  it.each([
    ['a quarter of an hour and two ticks ago', { ok: NOW - 15 - TICKS }, WELL],
    ['longer ago', { ok: NOW - 15 - TICKS - 0.1 }, UNREAD],
    ['a minute from now, by a clock that differs', { ok: NOW + 1 }, WELL],
    ['later than that', { ok: NOW + 1.1 }, UNREAD],
    ['never', { ok: null }, UNREAD],
    ['just now, and fails for less than three minutes', { ok: NOW, failing: NOW - 2.9 }, WELL],
    ['just now, and fails for three', { ok: NOW, failing: NOW - 3 }, UNREAD],
  ])('of a source that was read %s', async (_, ses, expected) => {
    expect(await vitals({ health: { ses } })).toEqual(expected)
  })

  it('is so while one of two sources is read, and tells which is not', async () => {
    expect(await vitals({ health: { ses: { ok: NOW }, mta: { ok: null } } })).toEqual({ missing: [], unread: ['mta'] })
    expect(await vitals({ health: { ses: { ok: null }, mta: { ok: null } } })).toEqual({
      missing: ['no source was read recently (ses, mta)'],
      unread: ['ses', 'mta'],
    })
  })

  it('is not so of a source that nobody has heard of', async () => {
    expect(await vitals({ health: {} })).toEqual(UNREAD)
  })

  it.each([
    [null, ['nothing has been watched yet']],
    ['not a number', ['nothing has been watched yet']],
    [NOW - 5 - TICKS, []],
    [NOW - 6 - TICKS, ['nothing has been watched since 2026-11-24 11:33 UTC']],
    [NOW + 1, []],
    [NOW + 2, ['nothing has been watched since 2026-11-24 11:42 UTC']],
  ])('of what was watched up to minute %s', async (watched, missing) => {
    expect((await vitals({ watched })).missing).toEqual(missing)
  })

  it.each([
    [NOW - 10, []],
    [NOW - 10.1, ['alerts have been waiting since 2026-11-24 11:29 UTC to be delivered']],
  ])('where an alert waits since minute %s', async (waiting, missing) => {
    expect((await vitals({ waiting })).missing).toEqual(missing)
  })

  it('is not so without room on the disk, which is told first', async () => {
    const shortage = { problem: 'only 63 MB are free', remedy: 'Free some.', isTotal: false }
    expect((await vitals({ shortage, watched: null })).missing).toEqual([
      'only 63 MB are free',
      'nothing has been watched yet',
    ])
  })
})
