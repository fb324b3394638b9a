import { type Batch, EMPTY, joinBatches } from './batch.ts'
import type { Topology } from './slice-groups.ts'
import { LOOK_BACK, type Tallies, takeOut } from './tallies.ts'

/** The last minutes' counts per source, so that late ones can be put where they belong. */
export interface Recent {
  minutes: Map<number, Map<string, Batch>>
  /** The oldest minute that is kept; -1 before the first one. */
  from: number
  /** Up to this minute nothing is put in order any more; -1 where that is not so yet. */
  fixed: number
  /** Slices' minutes that are kept. */
  counts: number
  /** Sums of them that are asked for again and again. */
  tallies: Tallies
}

export const createRecent = (from: number, fixed: number): Recent => ({
  minutes: new Map(),
  from,
  fixed,
  counts: 0,
  tallies: new Map(),
})

export function batchOf(recent: Recent, minute: number): Batch {
  const sources = recent.minutes.get(minute)
  if (!sources) return EMPTY
  // Sorted, so that the order of arrival cannot matter.
  return joinBatches([...sources.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, batch]) => batch))
}

/** Fixes the minutes up to `fixed` and forgets them, but for those that can still be looked back at; of those too while there are more than `most` counts. */
export function forget(recent: Recent, topology: Topology, fixed: number, most: number): void {
  recent.fixed = fixed
  while (recent.from <= fixed && (recent.from <= fixed - LOOK_BACK || recent.counts > most)) {
    for (const [source, batch] of recent.minutes.get(recent.from) ?? []) {
      recent.counts -= batch.rows.length
      takeOut(recent.tallies, topology, source, batch, recent.from)
    }
    recent.minutes.delete(recent.from++)
  }
}

export function countsAfter(recent: Recent, minute: number): number {
  let sum = 0
  for (const [at, sources] of recent.minutes) {
    if (at > minute) for (const { rows } of sources.values()) sum += rows.length
  }
  return sum
}
