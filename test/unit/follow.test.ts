import { describe, expect, it } from 'vitest'
import { follow } from '../../src/jobs/stream.ts'
import { RateLimited, Unavailable } from '../../src/ports/errors.ts'
import type { Batch, Observation, StreamSource } from '../../src/ports/esp.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { silentLog } from '../support/following.ts'
import { minute } from '../support/store-rows.ts'
import { PLAIN_TALLY } from '../support/store-tally.ts'

const SECOND = 1000

interface Given {
  isShared?: boolean
  /** What becomes of each run; the last of them ends it all. */
  runs: (() => Promise<void> | void)[]
  /** The runs before which another replica has the stream. */
  taken?: number[]
  failing?: 'take' | 'release' | 'failed' | 'ok'
  position?: string
}

/** A stream that is followed until its runs are used up, by a clock that sleeps in no time. */
async function followed(
  given: Given,
  given2: { batch?: (deliver: (batch: Batch) => Promise<void>) => Promise<void> } = {},
) {
  const stop = new AbortController()
  let now = minute(0).getTime()
  const slept: number[] = []
  const done: [string, ...unknown[]][] = []
  const positions: (string | null)[] = []
  let asked = 0
  const lost = () => Promise.reject(new Error('the connection was lost'))
  const note = async (...step: [string, ...unknown[]]) => {
    await new Promise((resolve) => setImmediate(resolve))
    done.push(step)
    if (step[0] === given.failing) await lost()
  }
  const store = {
    leases: {
      take: async (name: string) => {
        if (name !== 'stream s') return { lost: new AbortController().signal, release: async () => {} }
        await note('take')
        if (given.taken?.includes(asked++)) return null
        return { lost: new AbortController().signal, release: () => note('release') }
      },
    },
    state: { load: async () => null, save: async () => {} },
    counters: {
      position: async () => given.position ?? null,
      addEvents: async (_: string, events: unknown[], extra: object) => {
        await note('store', events.length, extra)
        return { stored: events.length, duplicates: 0 }
      },
    },
    sources: {
      ok: (...step: unknown[]) => note('ok', ...step.slice(2)),
      failed: (...step: unknown[]) => note('failed', ...step.slice(2)),
    },
  } as unknown as Store
  const runs = [...given.runs]
  const source: StreamSource = {
    kind: 'stream',
    ...(given.isShared && { isShared: true }),
    ping: async () => {},
    run: async ({ position, deliver }) => {
      positions.push(position)
      await given2.batch?.(deliver)
      const run = runs.shift()
      if (runs.length === 0) stop.abort()
      await run?.()
    },
  }
  const clock = {
    now: () => new Date(now),
    sleep: async (ms: number) => {
      if (!stop.signal.aborted) slept.push(ms / SECOND)
      now += ms
      if (slept.length > 50) stop.abort()
    },
  }
  await follow({ name: 's', type: 'test', source }, { store, clock, log: silentLog, tally: PLAIN_TALLY }, stop.signal)
  return {
    slept,
    positions,
    did: (name: string) => done.filter(([step]) => step === name).map(([, ...rest]) => rest),
    pass: (seconds: number) => {
      now += seconds * SECOND
    },
  }
}

const fail = () => {
  throw new Unavailable('HTTP 500', 'Wait.')
}

describe('a stream that breaks off', () => {
  it('begins again from where it was, after pauses that double up to a minute', async () => {
    const t = await followed({ runs: [fail, fail, fail, fail, fail, fail, fail, fail, () => {}], position: 'p' })
    expect(t.slept).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
    expect(new Set(t.positions)).toEqual(new Set(['p']))
    expect(t.did('release')).toHaveLength(9)
    expect(t.did('failed')[0]).toEqual([minute(0), { problem: 'HTTP 500', remedy: 'Wait.', pausedUntil: null }])
  })

  it('waits as long as it was asked to', async () => {
    const limited = (seconds: number) => () => {
      throw new RateLimited('429', seconds * SECOND)
    }
    const t = await followed({ runs: [limited(90), limited(0.5), fail, () => {}] })
    expect(t.slept).toEqual([90, 2, 4])
  })

  it('begins again though it ended well, and though nobody can be told that it failed', async () => {
    const well = await followed({ runs: [() => {}, () => {}, () => {}] })
    expect([well.slept, well.did('failed')]).toEqual([[1, 2], []])
    const untold = await followed({ runs: [fail, fail, () => {}], failing: 'failed' })
    expect(untold.slept).toEqual([1, 2])
    const kept = await followed({ runs: [fail, fail, () => {}], failing: 'release' })
    expect(kept.slept).toEqual([1, 2])
  })

  it('for no fault of the other side is said so, without its words', async () => {
    const t = await followed({
      runs: [
        () => {
          throw new TypeError('x is undefined')
        },
        () => {},
      ],
    })
    expect(t.did('failed')).toMatchObject([
      [minute(0), { problem: expect.not.stringContaining('undefined'), pausedUntil: null }],
    ])
  })

  it('is well as long as another replica reads it, where it may be shared', async () => {
    const t = await followed({ runs: [fail, () => {}], isShared: true })
    expect(t.did('take')).toEqual([])
    expect(t.did('failed')).toMatchObject([[minute(0), { unlessOkSince: minute(-1) }]])
  })

  it('is asked for every five seconds while another replica has it, or the database is away', async () => {
    const t = await followed({ runs: [fail, fail, () => {}], taken: [0, 1, 3] })
    expect(t.slept).toEqual([5, 5, 1, 5, 2])
    const away = await followed({ runs: [], failing: 'take' })
    expect(new Set(away.slept)).toEqual(new Set([5]))
    expect(away.positions).toEqual([])
  })
})

describe('a batch of a stream', () => {
  const event = (id: string, at: Date): Observation => ({
    kind: 'event',
    id,
    at,
    outcome: 'delivered',
    reply: null,
    to: { domain: 'gmail.com' },
    dims: {},
  })
  const observations = [
    event('a', minute(-3)),
    event('b', minute(-1)),
    event('c', minute(-2)),
    event('d', minute(-30_000)),
  ]
  const batch = async (deliver: (batch: Batch) => Promise<void>) => {
    await deliver({ observations, position: 'p2', malformed: [{ id: 'x', at: minute(-1), problem: 'odd', body: 'b' }] })
    await deliver({ observations: [] })
  }

  it('is stored with its position, and then the source is well, with the last minute that it told of', async () => {
    const t = await followed({ runs: [() => {}] }, { batch })
    expect(t.did('store')).toEqual([
      [3, { at: minute(0), position: 'p2', malformed: [expect.objectContaining({ id: 'x', problem: 'odd' })] }],
      [0, { at: minute(0), malformed: [] }],
    ])
    expect(t.did('ok')).toEqual([
      [minute(0), minute(-1), null],
      [minute(0), null, null],
    ])
  })

  it('is in, and may be acknowledged, though the state of the source cannot be stored', async () => {
    const t = await followed({ runs: [() => {}], failing: 'ok' }, { batch })
    expect(t.did('store')).toHaveLength(2)
    expect(t.did('failed')).toEqual([])
  })
})
