import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextReadAt, planWindows } from '../../src/jobs/windows.ts'
import type { Window } from '../../src/ports/esp.ts'
import type { WindowRecord } from '../../src/ports/store/index.ts'

const DAY = 1440
const T0 = Date.parse('2026-11-24T00:00:00Z')
const minute = (i: number) => new Date(T0 + i * 60_000)
const span = ({ from, to }: Window) => [from, to].map((at) => (at.getTime() - T0) / 60_000)
const record = (from: number, to: number, change: Partial<WindowRecord> = {}): WindowRecord => ({
  from: minute(from),
  to: minute(to),
  reads: 1,
  nextReadAt: null,
  state: 'read',
  problem: null,
  items: null,
  ...change,
})
const plan = (now: number, ledger: WindowRecord[], change: Partial<Parameters<typeof planWindows>[0]> = {}) =>
  planWindows({
    now: minute(now),
    ledger,
    rereadAfterMinutes: [10, 60],
    backfillDays: 1,
    chunkMinutes: 360,
    ...change,
  }).map(span)

describe('the windows to be read', () => {
  it('are the history that is wanted, at the first start, newest first', () => {
    expect(plan(10, [])).toEqual([
      [0, 10],
      [-50, 0],
      // Here news ends: in one window with history it would wait for that.
      [-110, -50],
      [-470, -110],
      [-830, -470],
      [-1190, -830],
      [-1440, -1190],
    ])
  })

  it('are the new minutes, whole ones only', () => {
    expect(plan(10.9, [record(-DAY, 8)])).toEqual([[8, 10]])
    expect(plan(8.5, [record(-DAY, 8)])).toEqual([])
  })

  it('are the gap after downtime, in chunks, oldest last', () => {
    expect(plan(900, [record(-DAY, 100)])).toEqual([
      [890, 900],
      [840, 890],
      [780, 840],
      [420, 780],
      [100, 420],
    ])
  })

  it('are holes in the middle, too', () => {
    expect(plan(20, [record(-DAY, 5), record(7, 20)])).toEqual([[5, 7]])
  })

  it('are what failed, once it is due again, and not before', () => {
    const failed = record(8, 10, { state: 'failed', reads: 0, nextReadAt: minute(15) })
    expect(plan(14, [record(-DAY, 8), failed, record(10, 14)])).toEqual([])
    expect(plan(15, [record(-DAY, 8), failed, record(10, 15)])).toEqual([[8, 10]])
  })

  it('are those due to be read again, after the new ones, neighbours in one', () => {
    const due = [record(0, 1, { nextReadAt: minute(20) }), record(1, 2, { nextReadAt: minute(20) })]
    const ledger = [record(-DAY, 0), ...due, record(2, 20, { nextReadAt: minute(30) })]
    expect(plan(21, ledger)).toEqual([
      [20, 21],
      [0, 2],
    ])
  })

  it('never overlap, never leave a minute out, and end the work when all are read', () => {
    const anyLedger = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 90 }), fc.constantFrom('read', 'failed', 'gap'), fc.boolean()), {
        maxLength: 30,
      })
      .map((parts) => {
        let at = -DAY
        return parts.flatMap(([length, state, due]) => {
          const from = at
          at += length
          if (state === 'gap') return []
          const nextReadAt = due ? minute(-3000) : state === 'failed' ? minute(5000) : null
          return [record(from, at, { state, nextReadAt })]
        })
      })
    fc.assert(
      fc.property(
        anyLedger,
        fc.integer({ min: 1, max: DAY - 1 }),
        fc.integer({ min: 1, max: 500 }),
        (ledger, now, chunk) => {
          const options = { now: minute(now), ledger, rereadAfterMinutes: [10], backfillDays: 1, chunkMinutes: chunk }
          const windows = planWindows(options)
          const covered = new Map<number, number>()
          const cover = ([from, to]: number[]) => {
            for (let i = from!; i < to!; i++) covered.set(i, (covered.get(i) ?? 0) + 1)
          }
          for (const window of windows) cover(span(window))
          expect(Math.max(0, ...covered.values())).toBeLessThanOrEqual(1)
          for (const done of ledger.filter(({ nextReadAt }) => nextReadAt?.getTime() !== minute(-3000).getTime()))
            cover(span(done))
          for (let i = -DAY; i < now; i++) expect(covered.get(i), `minute ${i}`).toBeGreaterThanOrEqual(1)

          // Read everything, as the store notes it.
          const after = [
            ...ledger.filter((old) => !windows.some(({ from, to }) => old.from >= from && old.to <= to)),
            ...windows.map(({ from, to }) => ({ ...record(0, 1), from, to })),
          ]
          expect(planWindows({ ...options, ledger: after })).toEqual([])
        },
      ),
    )
  })
})

describe('reading again', () => {
  /** Polls after so many minutes each, as the store keeps the ledger; how often and when each minute was read. */
  function play(pauses: readonly number[], ages: readonly number[]) {
    const options = { rereadAfterMinutes: ages, backfillDays: 0, chunkMinutes: 45 }
    let ledger: WindowRecord[] = [record(0, 1)]
    const reads = new Map<number, { n: number; last: number }>()
    let now = 1
    let requests = 0
    const until = pauses.reduce((sum, pause) => sum + pause, 1)
    // Then on for a while, until all that was read by then has been read again.
    for (const pause of [...pauses, ...Array<number>(20).fill(20)]) {
      now += pause
      for (const window of planWindows({ now: minute(now), ledger, ...options })) {
        if (now <= until) requests++
        const [from, to] = span(window) as [number, number]
        for (let i = from; i < to; i++) reads.set(i, { n: (reads.get(i)?.n ?? 0) + 1, last: now })
        ledger = ledger.filter((old) => old.from < window.from || old.to > window.to)
        ledger.push({ ...record(from, to), nextReadAt: nextReadAt(window, minute(now), ages) })
      }
    }
    return { reads, requests, until }
  }

  it('reads no minute more often than its ages say, and each once it has the last of them', () => {
    const ages = fc.uniqueArray(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 12 }), ages, (pauses, ages) => {
        const { reads, until } = play(pauses, ages)
        for (const [at, { n, last }] of reads) {
          expect(n, `minute ${at}`).toBeLessThanOrEqual(1 + ages.length)
          if (at < until) expect(last, `minute ${at}`).toBeGreaterThanOrEqual(at + 1 + Math.max(...ages))
        }
      }),
    )
  })

  it('joins what is due together', () => {
    const { requests } = play(Array<number>(300).fill(1), [5, 15, 35])
    // Each minute by itself, and again when it is 5 minutes old; by threes after 15 minutes, by eights after 35.
    expect(requests).toBeLessThan(300 + 300 + 300 / 3 + 300 / 8 + 20)
  })
})

describe('the time of the next read', () => {
  it('is the first age not yet reached, kept to a quarter of it', () => {
    const window = { from: minute(0), to: minute(1) }
    const ages = [60, 10]
    expect(nextReadAt(window, minute(1), ages)).toEqual(minute(12))
    expect(nextReadAt(window, minute(12), ages)).toEqual(minute(75))
    expect(nextReadAt(window, minute(75), ages)).toBeNull()
    expect(nextReadAt(window, minute(1), [])).toBeNull()
  })

  it('is the same for neighbours, never early, and comes to an end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5000 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 2880 }), { maxLength: 4 }),
        (to, ages) => {
          let at = minute(to)
          let reads = 0
          for (;;) {
            const next = nextReadAt({ from: minute(to - 1), to: minute(to) }, at, ages)
            if (!next) break
            expect(next.getTime()).toBeGreaterThan(at.getTime())
            at = next
            reads++
          }
          expect(reads).toBeLessThanOrEqual(ages.length)
          if (ages.length) expect(at.getTime()).toBeGreaterThanOrEqual(minute(to + Math.max(...ages)).getTime())
        },
      ),
    )
  })
})
