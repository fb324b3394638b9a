import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_BUDGET } from '../../../src/detect/alarm/budget.ts'
import { createWatch, type Snapshot, type SourceMinute, tellFrom, type Watch } from '../../../src/detect/detector.ts'
import type { Finding } from '../../../src/detect/finding.ts'
import { decodeState } from '../../../src/detect/state/saved-state.ts'
import { at, countedWorld, randomOf } from '../../support/counted-world.ts'

const MINUTES = 420
const HORIZON = 120

const watchOf = (checkpointEvery = 10) =>
  createWatch({ falseAlarms: DEFAULT_BUDGET, horizon: HORIZON, checkpointEvery })
const minuteOf = ({ minute }: SourceMinute) => (minute.getTime() - at(0).getTime()) / 60_000

/** What a watch knows in the end: what it tells, and what it settled on to the last bit. */
const knowledge = (watch: Watch, told: Finding[]) => ({ told, settled: watch.settled() })

function inOrder(changes: readonly SourceMinute[]) {
  const watch = watchOf()
  const byMinute = Map.groupBy(changes, minuteOf)
  let told: Finding[] = []
  for (let minute = 0; minute < MINUTES; minute++) told = watch.advance(at(minute), byMinute.get(minute) ?? [])
  return knowledge(watch, told)
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((value) => ({ value, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value)
}

/** The changes as they might come: each late by up to the horizon, some first wrong or in part, in any order. */
function arrivals(changes: readonly SourceMinute[], seed: number): Map<number, SourceMinute[]> {
  const random = randomOf(seed)
  const lateness = () => (random() < 0.5 ? 0 : Math.floor(random() ** 3 * HORIZON))
  const readings = changes.flatMap((change) => {
    const counts = shuffled([...change.counts], random)
    const whole = { seen: minuteOf(change) + lateness(), change: { ...change, counts }, turn: 1 }
    const kind = random()
    if (kind < 0.7) return [whole]
    if (kind < 0.85) {
      const wrong = { ...change, counts: counts.slice(1).map((count) => ({ ...count, failures: {} })) }
      return [{ seen: minuteOf(change), change: wrong, turn: 0 }, whole]
    }
    const some = Math.floor(random() * counts.length)
    return [counts.slice(0, some), counts.slice(some)].map((part) => ({
      seen: minuteOf(change) + lateness(),
      change: { ...change, counts: part, add: true },
      turn: 1,
    }))
  })
  const bySeen = Map.groupBy(shuffled(readings, random), ({ seen }) => Math.min(seen, MINUTES - 1))
  // What is read anew comes after what it replaces.
  const inTurn = (list: typeof readings) => list.toSorted((a, b) => a.turn - b.turn).map(({ change }) => change)
  return new Map([...bySeen].map(([seen, list]) => [seen, inTurn(list)]))
}

describe('the watch', () => {
  it('knows the same to the last bit, in whatever order and however late its counts came', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.constantFrom(7, 10, 60), (world, seed, checkpointEvery) => {
        const changes = countedWorld(world, MINUTES)
        const byArrival = arrivals(changes, seed)
        const watch = watchOf(checkpointEvery)
        let told: Finding[] = []
        for (let minute = 0; minute < MINUTES; minute++) told = watch.advance(at(minute), byArrival.get(minute) ?? [])
        expect(knowledge(watch, told)).toEqual(inOrder(changes))
      }),
      { numRuns: 5 },
    )
  })

  it('knows the same, into whatever windows its counts are split', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (world, sizes) => {
        const changes = countedWorld(world, MINUTES)
        const watch = watchOf()
        let told: Finding[] = []
        for (let from = 0, i = 0; from < MINUTES; i++) {
          const to = Math.min(MINUTES, from + sizes[i % sizes.length]!)
          const news = changes.filter((change) => minuteOf(change) >= from && minuteOf(change) < to)
          told = watch.advance(at(to - 1), news)
          from = to
        }
        expect(knowledge(watch, told)).toEqual(inOrder(changes))
      }),
      { numRuns: 12 },
    )
  })

  it('knows the same after any restart, from what was stored or from the counters', () => {
    const chance = { minLength: 1, maxLength: 3 }
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(),
        fc.array(fc.record({ at: fc.nat(MINUTES - 1), pick: fc.constantFrom(0, 1, 2) }), chance),
        (world, seed, restarts) => {
          const changes = countedWorld(world, MINUTES)
          const byArrival = arrivals(changes, seed)
          const stored = new Map<string, SourceMinute>()
          let watch = watchOf()
          let told: Finding[] = []
          for (let minute = 0; minute < MINUTES; minute++) {
            const news = byArrival.get(minute) ?? []
            for (const change of news) store(stored, change)
            // What a stored state has in it already needs an older one, or all counters.
            const fixed = watch.fixed()
            if (fixed && news.some((change) => change.minute <= fixed)) {
              watch = restart(undefined, [...stored.values()])
              told = watch.advance(at(minute), [])
            } else told = watch.advance(at(minute), news)
            for (const { pick } of restarts.filter((restart) => restart.at === minute)) {
              watch = restart(watch.snapshots()[pick], [...stored.values()])
              expect(watch.advance(at(minute), [])).toEqual(told)
            }
          }
          expect(knowledge(watch, told)).toEqual(inOrder(changes))
        },
      ),
      { numRuns: 8 },
    )
  })
})

/** As the counters of a database take it. */
function store(stored: Map<string, SourceMinute>, { add, ...change }: SourceMinute): void {
  const key = `${minuteOf(change)} ${change.source}`
  const known = add ? [...(stored.get(key)?.counts ?? [])] : []
  stored.set(key, { ...change, counts: [...known, ...change.counts] })
}

/** Without a snapshot it is built from all counters, else from those since. */
function restart(snapshot: Snapshot | undefined, stored: readonly SourceMinute[]): Watch {
  const saved = snapshot ? decodeState(snapshot.encode()) : null
  const watch = createWatch({ falseAlarms: DEFAULT_BUDGET, horizon: HORIZON, checkpointEvery: 10 }, saved)
  const since = snapshot ? tellFrom(snapshot.minute) : at(0)
  watch.advance(
    at(0),
    stored.filter(({ minute }) => minute >= since),
  )
  return watch
}
