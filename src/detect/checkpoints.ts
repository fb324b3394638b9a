import { countsAfter, forget, type Recent } from './recent.ts'
import { cloneState, type State } from './state.ts'

/** Bounds on memory, about 100 MiB each: rows in states that are kept, and slices' minutes that can be put in order. */
const MOST_ROWS = 150_000
const MOST_COUNTS = 8_000_000
/** Minutes after which a source has been read again for the last time, as a rule: what is younger still changes. */
const SETTLED = 60

/** Minutes: how far back late counts are put in order, and how often a state is kept for that. */
export interface Reach {
  horizon: number
  checkpointEvery: number
}

/** States of earlier minutes, to go back to when late counts come, the oldest first. */
export interface Checkpoints {
  keep(state: State, recent: Recent): void
  /** Goes back: drops what has `minute` or later in it, and returns a copy of the last state before. */
  rewind(minute: number): State | null
  /** Lets go of what is beyond the horizon of `now`. */
  settle(now: number, recent: Recent): void
  /** Those that are worth storing at `now`, the newest first; not copies. */
  lasting(now: number): State[]
}

export function createCheckpoints({ horizon, checkpointEvery }: Reach, first: State | null): Checkpoints {
  let kept: State[] = first ? [cloneState(first)] : []

  return {
    lasting(now) {
      const old = kept.filter(({ minute }) => minute <= now - SETTLED)
      return [...new Set([...old.slice(-1), ...old.slice(0, 1)])]
    },
    keep(state, recent) {
      const apart = spacing(state.room, recent, horizon, checkpointEvery)
      const last = kept.at(-1)
      if (kept.length > 1 && last && (last.minute + 1) % apart !== 0) kept.pop()
      kept.push(cloneState(state))
    },
    rewind(minute) {
      kept = kept.filter((state) => state.minute < minute)
      const last = kept.at(-1)
      return last ? cloneState(last) : null
    },
    settle(now, recent) {
      const isTooMuch = recent.counts > MOST_COUNTS
      const base = kept.findLastIndex(
        ({ minute }) => minute < now - horizon || (isTooMuch && countsAfter(recent, minute) >= MOST_COUNTS / 2),
      )
      if (base < 0) return
      kept = kept.slice(base)
      forget(recent, kept[0]!.minute, MOST_COUNTS)
    },
  }
}

/** Where there are many slices fewer states are kept, so that going back takes longer instead of more memory. */
function spacing(room: number, { counts, minutes }: Recent, horizon: number, every: number): number {
  const reach = Math.min(horizon, (MOST_COUNTS * Math.max(1, minutes.size)) / Math.max(1, counts))
  // Beside them there are always the oldest one and the newest one.
  const most = Math.max(1, Math.floor(MOST_ROWS / room) - 2)
  return Math.max(1, Math.ceil(reach / most / every)) * every
}
