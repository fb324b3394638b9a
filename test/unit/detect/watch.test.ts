import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_BUDGET } from '../../../src/detect/alarm/budget.ts'
import { createWatch, type SourceMinute, tellFrom } from '../../../src/detect/detector.ts'
import type { Finding } from '../../../src/detect/finding.ts'
import { decodeState } from '../../../src/detect/state/saved-state.ts'
import type { MinuteCount, Slice } from '../../../src/detect/state/slice.ts'
import { extentOf } from '../../../src/incident/scope-text.ts'

const START = Date.UTC(2026, 0, 5)
const at = (minute: number) => new Date(START + minute * 60_000)
const slice = (source: string, provider: string, ip = '198.51.100.1'): Slice => ({
  source,
  provider,
  ip,
  senderDomain: '',
  campaign: '',
})
const watchOf = (options: Partial<Parameters<typeof createWatch>[0]> = {}) =>
  createWatch({ falseAlarms: DEFAULT_BUDGET, horizon: 1440, checkpointEvery: 10, wordScope: extentOf, ...options })

const PROVIDERS = ['gmail', 'yahoo', 'microsoft']

interface Scene {
  minutes: number
  perMinute?: number
  /** Blocked: the share of attempts refused, by slice and minute. */
  refused?: (slice: Slice, minute: number) => number
  ips?: string[]
  sources?: string[]
  attemptsKnown?: boolean
  signal?: 'blocking' | 'list' | 'throttling'
}

/** Steady mail with one failure in fifty minutes or so, and what a scene adds. */
function play(scene: Scene): SourceMinute[] {
  const { minutes, perMinute = 20, refused = () => 0, ips = ['198.51.100.1'], sources = ['a'] } = scene
  const signal = scene.signal ?? 'blocking'
  return Array.from({ length: minutes }, (_, minute) =>
    sources.map((source) => ({
      minute: at(minute),
      source,
      counts: ips.flatMap((ip, i) =>
        PROVIDERS.map((provider, p): MinuteCount => {
          const place = slice(source, provider, source === 'a' ? ip : '203.0.113.7')
          const usual = (minute + 17 * p + 5 * i) % 50 === 0 ? 1 : 0
          const x = Math.round(refused(place, minute) * perMinute) + usual
          return {
            slice: place,
            attempts: scene.attemptsKnown === false ? null : perMinute,
            failures: x > 0 ? { [signal]: x } : {},
          }
        }),
      ),
    })),
  ).flat()
}

/** Feeds each minute as it passes; returns the findings of every minute. */
function follow(changes: SourceMinute[], minutes: number, watch = watchOf()): Finding[][] {
  const byMinute = Map.groupBy(changes, ({ minute }) => minute.getTime())
  return Array.from({ length: minutes }, (_, minute) =>
    watch.advance(at(minute), byMinute.get(at(minute).getTime()) ?? []),
  )
}

const firing = (findings: Finding[]) => findings.filter(({ status }) => status === 'firing')

describe('the watch', () => {
  it('is silent on ordinary mail', () => {
    expect(follow(play({ minutes: 2000 }), 2000).flat()).toEqual([])
  })

  it('notices a block within ten minutes and says which slice it is', () => {
    const refused = (place: Slice, minute: number) => (place.provider === 'yahoo' && minute >= 600 ? 0.8 : 0)
    const told = follow(play({ minutes: 620, refused }), 620)
    const first = told.findIndex((findings) => findings.length > 0)
    expect(first).toBeGreaterThanOrEqual(600)
    expect(first).toBeLessThan(610)
    const [finding] = told[619]!
    expect(finding).toMatchObject({ kind: 'sudden', signal: 'blocking', status: 'firing', says: 'Yahoo only' })
    expect(finding!.slices).toEqual([slice('a', 'yahoo')])
    expect(finding!.rate).toBeGreaterThan(0.5)
    expect(finding!.since.getTime()).toBeGreaterThanOrEqual(at(598).getTime())
  })

  it('does not ring for two bad minutes', () => {
    const refused = (place: Slice, minute: number) =>
      place.provider === 'yahoo' && (minute === 600 || minute === 601) ? 0.6 : 0
    expect(follow(play({ minutes: 700, refused }), 700).flat()).toEqual([])
  })

  it('does not ring for three bad minutes, however bad they are', () => {
    const refused = (place: Slice, minute: number) =>
      place.provider === 'yahoo' && minute >= 600 && minute < 603 ? 1 : 0
    expect(follow(play({ minutes: 700, refused }), 700).flat()).toEqual([])
  })

  it('tells a trouble of one IP at all providers as one', () => {
    const ips = ['198.51.100.1', '198.51.100.2']
    const refused = (place: Slice, minute: number) => (place.ip === ips[1] && minute >= 600 ? 0.6 : 0)
    const findings = follow(play({ minutes: 630, refused, ips }), 630).at(-1)!
    expect(findings).toHaveLength(1)
    expect(findings[0]!.slices).toHaveLength(3)
    expect(findings[0]).toMatchObject({ where: { ip: ips[1] }, says: 'one IP, three providers' })
  })

  it('tells what begins together at one provider as one, also where most IPs are well', () => {
    const ips = Array.from({ length: 9 }, (_, i) => `198.51.100.${i}`)
    const refused = (place: Slice, minute: number) =>
      place.provider === 'yahoo' && ips.indexOf(place.ip) < 2 && minute >= 600 + 10 * ips.indexOf(place.ip) ? 0.6 : 0
    const told = follow(play({ minutes: 640, refused, ips }), 640)
    expect(firing(told[609]!)).toMatchObject([{ where: { ip: ips[0] }, says: 'Yahoo only, one of nine IPs' }])
    const findings = firing(told[639]!)
    expect(findings).toMatchObject([{ where: { source: 'a', provider: 'yahoo' }, says: 'Yahoo only, two of nine IPs' }])
    expect(findings[0]!.slices.map(({ ip }) => ip)).toEqual(ips.slice(0, 2))
    expect(findings[0]!.rate).toBeGreaterThan(0.5)
  })

  it('tells two troubles at one provider apart where one begins long after the other', () => {
    const ips = Array.from({ length: 9 }, (_, i) => `198.51.100.${i}`)
    const refused = (place: Slice, minute: number) =>
      place.provider === 'yahoo' && ips.indexOf(place.ip) < 2 && minute >= 600 + 60 * ips.indexOf(place.ip) ? 0.6 : 0
    expect(firing(follow(play({ minutes: 690, refused, ips }), 690)[689]!)).toHaveLength(2)
  })

  it('tells a trouble at one provider on two sources as one that is nobody else’s', () => {
    const sources = ['a', 'b']
    const refused = (place: Slice, minute: number) => (place.provider === 'yahoo' && minute >= 600 ? 0.7 : 0)
    const findings = follow(play({ minutes: 630, refused, sources }), 630).at(-1)!
    expect(findings).toHaveLength(1)
    expect(findings[0]!.where).toEqual({ provider: 'yahoo' })
    expect(findings[0]!.says).toContain('Yahoo on both sources')
  })

  it('reports bad addresses as list quality, never as a block', () => {
    const refused = (_: Slice, minute: number) => (minute >= 600 ? 0.4 : 0)
    const signals = follow(play({ minutes: 660, refused, signal: 'list' }), 660)
      .flat()
      .map(({ signal }) => signal)
    expect(new Set(signals)).toEqual(new Set(['list']))
  })

  it('says that it is over only after half an hour of good mail, and never because mail stopped', () => {
    const refused = (place: Slice, minute: number) =>
      place.provider === 'yahoo' && minute >= 600 && minute < 640 ? 0.8 : 0
    const changes = play({ minutes: 900, refused })
    const recovered = follow(changes, 900).findIndex((findings) =>
      findings.some(({ status }) => status === 'recovered'),
    )
    expect(recovered).toBeGreaterThanOrEqual(669)
    expect(recovered).toBeLessThan(720)
    const stopped = changes.filter(({ minute }) => minute < at(640))
    expect(firing(follow(stopped, 900).at(-1)!)).toHaveLength(1)
  })

  it('works on failures alone, without rates', () => {
    const day = 1440
    const refused = (place: Slice, minute: number) => (place.provider === 'yahoo' && minute >= 2 * day ? 0.8 : 0)
    const told = follow(play({ minutes: 2 * day + 30, refused, attemptsKnown: false }), 2 * day + 30)
    expect(told.slice(0, 2 * day).flat()).toEqual([])
    expect(told.at(-1)![0]).toMatchObject({ signal: 'blocking', rate: null, baseline: null, attempts: null })
  })

  it('knows a shared late minute from a block: failures that come before their deliveries', () => {
    const whole = play({ minutes: 700, perMinute: 60 })
    const changes = whole.flatMap((change): SourceMinute[] => {
      if (change.minute < at(600) || change.minute >= at(660)) return [change]
      const counts = [...change.counts].flatMap((count) => {
        const failed = Object.values(count.failures).reduce((sum, n) => sum + n, 0)
        return failed > 0 ? [{ ...count, attempts: failed }] : []
      })
      return [{ ...change, counts }]
    })
    expect(follow(changes, 660).flat()).toEqual([])
  })
})

describe('slices that have no mail any more', () => {
  const DAY = 1440
  /** Every hour mail of two slices; of a third one on the first day, and again at the end. */
  const minutes = (days: number) =>
    Array.from({ length: days * 24 }, (_, hour): SourceMinute => {
      const isThird = hour < 24 || hour >= 40 * 24
      const counts = ['gmail', 'yahoo', ...(isThird ? ['microsoft'] : [])].map(
        (provider): MinuteCount => ({
          slice: slice('a', provider),
          attempts: 20,
          failures: hour % 7 === 0 ? { throttling: 1 } : {},
        }),
      )
      return { minute: at(hour * 60 + 7), source: 'a', counts }
    })

  it('are out of use after four weeks, and new when they come back', () => {
    const watch = watchOf({ checkpointEvery: 60 })
    const changes = minutes(42)
    const upTo = (day: number) => changes.filter(({ minute }) => minute < at(day * DAY))
    watch.advance(at(28 * DAY), upTo(28))
    expect([watch.settled().slices, watch.outOfUse()]).toEqual([3, 0])
    watch.advance(at(31 * DAY), upTo(31))
    expect([watch.settled().slices, watch.outOfUse()]).toEqual([2, 1 / 3])
    watch.advance(at(42 * DAY), changes)
    expect([watch.settled().slices, watch.outOfUse()]).toEqual([3, 0])
  })

  it('are not stored, which changes nothing of what is known', () => {
    const changes = minutes(42)
    const [before, after] = [31 * DAY, 42 * DAY].map((to) => changes.filter(({ minute }) => minute < at(to)))
    const watch = watchOf({ checkpointEvery: 60 })
    watch.advance(at(31 * DAY), before!)
    const [snapshot] = watch.snapshots()
    const again = createWatch(
      { falseAlarms: DEFAULT_BUDGET, horizon: 1440, checkpointEvery: 60, wordScope: extentOf },
      decodeState(snapshot!.encode()),
    )
    expect(again.outOfUse()).toBe(0)
    watch.advance(at(42 * DAY), after!)
    again.advance(
      at(42 * DAY),
      after!.filter(({ minute }) => minute >= tellFrom(snapshot!.minute)),
    )
    expect(again.settled()).toEqual(watch.settled())
  })
})

describe('late counts', () => {
  const minutes = 160
  const refused = (place: Slice, minute: number) =>
    (place.provider === 'yahoo' && minute >= 60 && minute < 90) || (place.provider === 'gmail' && minute >= 110)
      ? 0.7
      : 0
  const changes = play({ minutes, refused, sources: ['a', 'b'] })
  const inOrder = follow(changes, minutes).at(-1)

  it('leave the watch as if they had come in order, however late and in whatever order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: changes.length, maxLength: changes.length }),
        fc.integer({ min: 3, max: 25 }),
        (delays, checkpointEvery) => {
          const watch = watchOf({ checkpointEvery })
          const arrivals = Map.groupBy(
            changes.map((change, i) => ({ change, i })),
            ({ change, i }) =>
              Math.min(minutes - 1, Math.floor((change.minute.getTime() - START) / 60_000) + (delays[i] ?? 0)),
          )
          let told: Finding[] = []
          for (let minute = 0; minute < minutes; minute++) {
            const now = (arrivals.get(minute) ?? []).sort((a, b) => (delays[a.i] ?? 0) - (delays[b.i] ?? 0))
            told = watch.advance(
              at(minute),
              now.map(({ change }) => change),
            )
          }
          expect(told).toEqual(inOrder)
        },
      ),
      { numRuns: 8, endOnFailure: true },
    )
  })

  it('may come in several parts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 0, max: 5 }),
        (first, late) => {
          const watch = watchOf()
          const pending = new Map<number, SourceMinute[]>()
          let told: Finding[] = []
          const byMinute = Map.groupBy(changes, ({ minute }) => minute.getTime())
          for (let minute = 0; minute < minutes; minute++) {
            const now = pending.get(minute) ?? []
            for (const change of byMinute.get(at(minute).getTime()) ?? []) {
              const counts = [...change.counts]
              const early = counts.filter((_, i) => first[i])
              const rest = counts.filter((_, i) => !first[i])
              now.push({ ...change, counts: early, add: true })
              const later = Math.min(minutes - 1, minute + late)
              if (later === minute) now.push({ ...change, counts: rest, add: true })
              else pending.set(later, [...(pending.get(later) ?? []), { ...change, counts: rest, add: true }])
            }
            told = watch.advance(at(minute), now)
          }
          expect(told).toEqual(inOrder)
        },
      ),
      { numRuns: 10, endOnFailure: true },
    )
  })

  it('may be read anew: the last reading of a source’s minute counts', () => {
    const wrong = changes.map((change) => ({ ...change, counts: [] }))
    const watch = watchOf()
    for (let minute = 0; minute < minutes - 1; minute++) {
      watch.advance(
        at(minute),
        wrong.filter((change) => change.minute.getTime() === at(minute).getTime()),
      )
    }
    expect(watch.advance(at(minutes - 1), changes)).toEqual(inOrder)
  })

  it('are the same when many minutes are caught up at once', () => {
    expect(watchOf().advance(at(minutes - 1), changes)).toEqual(inOrder)
  })
})
