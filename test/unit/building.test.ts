import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createBuildReport, describeBuilding } from '../../src/jobs/building.ts'
import type { Log } from '../../src/ports/log.ts'
import { minute } from '../support/store-rows.ts'

describe('how far the detector is built', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())

  function setUp() {
    const kept = new Map<string, Uint8Array>()
    let isLost = false
    const order: number[] = []
    const state = {
      load: async (key: string) => kept.get(key) ?? null,
      // The first takes the longest: they are not to overtake each other.
      save: async (key: string, value: Uint8Array) => {
        for (let i = order.length; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
        if (isLost) throw new Error('the connection was lost')
        const { share } = JSON.parse(new TextDecoder().decode(value)) as { share: number }
        order.push(share)
        kept.set(key, value)
      },
    }
    let now = minute(0)
    const clock = { now: () => now }
    const said: string[] = []
    const log = { info: (_: object, text: string) => void said.push(text), debug: () => {} } as unknown as Log
    return {
      report: createBuildReport(state, clock, log),
      said,
      order,
      value: async () => (await describeBuilding(state, clock))?.value ?? null,
      describe: () => describeBuilding(state, clock),
      setNow: (n: number) => {
        now = minute(n)
      },
      lose: () => {
        isLost = true
      },
      keep: (text: string) => {
        for (const key of kept.keys()) kept.set(key, new TextEncoder().encode(text))
      },
    }
  }

  it('is told every five seconds, with how long it will still take', async () => {
    const t = setUp()
    vi.advanceTimersByTime(4999)
    t.report.progress(0.2)
    expect(t.said).toEqual([])
    vi.advanceTimersByTime(5001)
    t.report.progress(0.259)
    vi.advanceTimersByTime(4999)
    t.report.progress(0.3)
    vi.advanceTimersByTime(1)
    t.report.progress(0.5)
    expect(t.said).toEqual([
      'building the detector: 25%, about 29 s left',
      'building the detector: 50%, about 15 s left',
    ])
    await t.report.end()
    expect(t.said.at(-1)).toBe('the detector is ready')
    expect(t.order).toEqual([0.259, 0.5, 1])
    expect(await t.describe()).toBeNull()
  })

  it('is shown in the status until it is built, or has told nothing for a minute', async () => {
    const t = setUp()
    vi.advanceTimersByTime(5000)
    t.report.progress(0.5)
    await vi.waitFor(async () => expect(await t.value()).toBe('50% learned; your own rules are already active'))
    expect(await t.describe()).toMatchObject({ label: 'History' })
    t.setNow(1)
    expect(await t.value()).not.toBeNull()
    t.setNow(1.01)
    expect(await t.value()).toBeNull()
  })

  it('is not told of a build that takes a moment', async () => {
    const t = setUp()
    t.report.progress(0.9)
    await t.report.end()
    expect([t.said, t.order, await t.describe()]).toEqual([[], [], null])
  })

  it('holds up nothing where it cannot be stored or read', async () => {
    const t = setUp()
    vi.advanceTimersByTime(5000)
    t.report.progress(0.5)
    await vi.waitFor(async () => expect(await t.value()).not.toBeNull())
    t.keep('{"share":"half"}')
    expect(await t.describe()).toBeNull()
    t.keep('{')
    expect(await t.describe()).toBeNull()
    t.lose()
    await t.report.end()
    expect(t.order).toEqual([0.5])
  })
})
