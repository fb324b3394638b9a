import { expect, it } from 'vitest'
import { DEFAULT_BUDGET } from '../../../src/detect/alarm/budget.ts'
import { createDetector } from '../../../src/detect/alarm/step.ts'
import type { SourceMinute } from '../../../src/detect/detector.ts'
import { advanceEpisodes } from '../../../src/detect/episode/episodes.ts'
import { toBatch } from '../../../src/detect/state/batch.ts'
import { batchOf, createRecent, forget } from '../../../src/detect/state/minute-buffer.ts'
import type { MinuteCount } from '../../../src/detect/state/slice.ts'
import { createTopology } from '../../../src/detect/state/slice-groups.ts'
import { createState, type State } from '../../../src/detect/state/state.ts'
import { at, countedWorld } from '../../support/counted-world.ts'
import { advanceEpisodesPlainly } from '../../support/episodes-reference.ts'

const MINUTES = 480
const IPS = Array.from({ length: 5 }, (_, i) => `198.51.100.${i}`)

/** A detector by itself, with one way or the other to make episodes of its alarms. */
function createCourse(advance: 'plainly' | 'as it is') {
  const topology = createTopology()
  const detector = createDetector(topology, DEFAULT_BUDGET)
  const recent = createRecent(0, -1)
  const state: State = createState()
  return (minute: number, changes: readonly SourceMinute[]) => {
    recent.minutes.set(minute, new Map(changes.map(({ source, counts }) => [source, toBatch(topology, counts)])))
    const batch = batchOf(recent, minute)
    const alarms = detector.step(state, minute, batch)
    state.minute = minute
    if (advance === 'plainly') advanceEpisodesPlainly(state, topology, recent, minute, batch, alarms)
    else advanceEpisodes({ state, topology, recent, minute }, batch, alarms)
    if (minute % 7 === 0) forget(recent, topology, minute - 60, Number.POSITIVE_INFINITY)
    return state.episodes
  }
}

const withoutAttempts = (counts: Iterable<MinuteCount>) => [...counts].map((count) => ({ ...count, attempts: null }))

it.each([1, 2, 3, 4])(
  'makes, minute by minute and to the last bit, the episodes that adding up everything makes (world %i)',
  (seed) => {
    const isUntold = seed % 3 === 0
    const changes = countedWorld(seed, MINUTES, IPS).map((change) =>
      isUntold && change.source === 'b' ? { ...change, counts: withoutAttempts(change.counts) } : change,
    )
    const byMinute = Map.groupBy(changes, ({ minute }) => minute.getTime())
    const plain = createCourse('plainly')
    const real = createCourse('as it is')
    let met = 0
    for (let n = 0; n < MINUTES; n++) {
      const minute = at(n).getTime() / 60_000
      const news = byMinute.get(at(n).getTime()) ?? []
      const expected = plain(minute, news)
      // As texts, which are compared fast and tell the last bit too.
      expect(JSON.stringify(real(minute, news))).toBe(JSON.stringify(expected))
      met += expected.length
    }
    expect(met).toBeGreaterThan(100)
  },
)
