import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import type { DatabaseOptions } from '../../../src/store/db.ts'

/** What a process that measures is told. */
export interface Task {
  options: DatabaseOptions
  slices: number
  /** The end of what is stored, in milliseconds: a whole hour. */
  end: number
}

/** What it found. */
export interface Measured {
  ms: number
  /** Milliseconds by which the event loop was late. */
  late: { p99: number; worst: number }
  /** The most memory that the process had, in MiB. */
  memory: number
  /** Other figures, by name. */
  figures: Record<string, number>
}

const LOOK_AGAIN_MS = 50

/** Runs the work and says how long it took and what it did to its process. */
export async function measured(work: () => Promise<Record<string, number> | undefined>): Promise<Measured> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const began = performance.now()
  const figures = (await work()) ?? {}
  const ms = performance.now() - began
  // What held the loop up until now is counted when it goes round once more.
  await wait(LOOK_AGAIN_MS)
  delay.disable()
  const late = { p99: delay.percentile(99) / 1e6, worst: delay.max / 1e6 }
  return { ms, late, memory: process.resourceUsage().maxRSS / 1024, figures }
}

/** Of times, the one that this share of them does not exceed. */
export function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
