import { countsAfter, forget, type Recent } from './minute-buffer.ts'
import type { Topology } from './slice-groups.ts'
import { cloneState, type State } from './state.ts'

/** Bounds on memory, about 100 MiB each: rows in states that are kept, and slices' minutes that can be put in order. */
const MOST_ROWS = 150_000
const MOST_COUNTS = 8_000_000
const MOST_STATES = 16
const FEWEST = 3
/** Minutes: counts are often so late, since that is when sources are read again. */
const OFTEN = 40
/** Minutes after which a source has been read again for the last time, as a rule: what is younger still changes. */
const SETTLED = 60

/** Minutes: how far back late counts are put in order, and how often a state is kept for that. */
export interface Reach {
  horizon: number
  checkpointEvery: number
}

/** Counts may be a day late and are still put where they belong. The same live and in replay. */
export const REACH: Reach = { horizon: 1440, checkpointEvery: 10 }

/** States of earlier minutes, to go back to when late counts come, the oldest first. */
export interface Checkpoints {
  keep(state: State): void
  /** Goes back: drops what has `minute` or later in it, and returns a copy of the last state before. */
  rewind(minute: number): State | null
  /** Lets go of what is beyond the horizon of `now`. */
  settle(now: number, recent: Recent, topology: Topology): void
  /** Those that are worth storing at `now`, the newest first; not copies. */
  lasting(now: number): State[]
}

export function createCheckpoints({ horizon }: Reach, first: State | null): Checkpoints {
  let kept: State[] = first ? [cloneState(first)] : []

  return {
    lasting(now) {
      const old = kept.filter(({ minute }) => minute <= now - SETTLED)
      return [...new Set([...old.slice(-1), ...old.slice(0, 1)])]
    },
    keep(state) {
      const most = Math.min(MOST_STATES, Math.max(FEWEST, Math.floor(MOST_ROWS / state.rows)))
      const last = kept.at(-1)
      if (most === FEWEST && last && state.minute - last.minute < OFTEN) return
      kept.push(cloneState(state))
      while (kept.length > most) kept.splice(leastMissed(kept), 1)
    },
    rewind(minute) {
      kept = kept.filter((state) => state.minute < minute)
      const last = kept.at(-1)
      return last ? cloneState(last) : null
    },
    settle(now, recent, topology) {
      const isTooMuch = recent.counts > MOST_COUNTS
      const base = kept.findLastIndex(
        ({ minute }) => minute < now - horizon || (isTooMuch && countsAfter(recent, minute) >= MOST_COUNTS / 2),
      )
      if (base < 0) return
      kept = kept.slice(base)
      forget(recent, topology, kept[0]!.minute, MOST_COUNTS)
    },
  }
}

/** The state without which the way back grows least, measured by how late the counts are that have to go it. */
function leastMissed(kept: readonly State[]): number {
  const now = kept.at(-1)!.minute
  let best = 1
  let least = Number.POSITIVE_INFINITY
  for (let i = 1; i < kept.length - 1; i++) {
    const [before, after] = [kept[i - 1]!.minute, kept[i + 1]!.minute]
    const growth = (after - before) / (now - after + OFTEN)
    if (growth < least) [best, least] = [i, growth]
  }
  return best
}
