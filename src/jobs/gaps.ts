import type { Window } from '../ports/esp.ts'
import type { Trouble, WindowRecord } from '../ports/store/index.ts'

/** The windows of a source that could not be read, while others can. */
export interface Gaps {
  add(window: Window, problem: string): void
  /** It was read, and what it covers with it. */
  close(window: Window): void
  /** What is to be said of the source; null where there is no gap. */
  trouble(): Trouble | null
}

/** Begins with those that failed before. */
export function createGaps(ledger: readonly WindowRecord[]): Gaps {
  let open = ledger
    .filter(({ state }) => state === 'failed')
    .map(({ from, to, problem }) => ({ from, to, problem: problem ?? '' }))
  return {
    add: ({ from, to }, problem) => {
      open = [...open.filter((gap) => !covers({ from, to }, gap)), { from, to, problem }]
    },
    close: (window) => {
      open = open.filter((gap) => !covers(window, gap))
    },
    trouble: () => {
      const newest = open.toSorted((a, b) => b.from.getTime() - a.from.getTime())[0]
      return newest ? troubleOf(newest) : null
    },
  }
}

const covers = (window: Window, part: Window) => window.from <= part.from && window.to >= part.to

const troubleOf = ({ from, to, problem }: Window & { problem: string }): Trouble => ({
  problem: `part of its data cannot be read, ${stamp(from)} to ${stamp(to)} UTC: ${problem}`,
  remedy:
    'Bouncebell continues with the rest and retries this part. If the problem persists, report it with this message.',
})

const stamp = (at: Date) => at.toISOString().slice(0, 16).replace('T', ' ')
