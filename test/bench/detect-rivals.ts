import type { Label } from '../../src/demo/incidents.ts'
import { PAGED, type Told } from './detect-score.ts'

/** What was seen in one minute: attempts by slice, and failures by slice and signal (throttling, blocking). */
export interface Seen {
  n: Float64Array
  x: Float64Array
}

export interface Rival {
  name: string
  /** The threshold that people start with, and those to choose from. */
  customary: number
  thresholds: readonly number[]
  /** The statistic of each slice and signal at this minute. */
  next(seen: Seen): Float64Array
}

const W = PAGED.length

/** Sums of the last `minutes`. */
function createWindow(slices: number, minutes: number) {
  const past: Seen[] = []
  const n = new Float64Array(slices)
  const x = new Float64Array(slices * W)
  return {
    n,
    x,
    add(seen: Seen) {
      past.push({ n: seen.n.slice(), x: seen.x.slice() })
      const gone = past.length > minutes ? past.shift() : undefined
      for (let i = 0; i < n.length; i++) n[i] = n[i]! + seen.n[i]! - (gone?.n[i] ?? 0)
      for (let i = 0; i < x.length; i++) x[i] = x[i]! + seen.x[i]! - (gone?.x[i] ?? 0)
    },
  }
}

/** A share of failures with at least fifty attempts in a quarter of an hour. */
export function staticThreshold(slices: number): Rival {
  const window = createWindow(slices, 15)
  const out = new Float64Array(slices * W)
  return {
    name: 'static: rate > threshold, n >= 50 in 15 min',
    customary: 0.05,
    thresholds: [0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6],
    next(seen) {
      window.add(seen)
      for (let i = 0; i < out.length; i++) {
        const n = window.n[Math.floor(i / W)]!
        out[i] = n >= 50 ? window.x[i]! / n : 0
      }
      return out
    },
  }
}

/** The rate over five minutes, above the threshold in each of ten minutes. */
export function prometheusStyle(slices: number): Rival {
  const window = createWindow(slices, 5)
  const past: Float64Array[] = []
  const out = new Float64Array(slices * W)
  return {
    name: 'Prometheus style: 5 min rate > threshold for 10 min',
    customary: 0.05,
    thresholds: [0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5],
    next(seen) {
      window.add(seen)
      const rate = Float64Array.from(window.x, (x, i) => {
        const n = window.n[Math.floor(i / W)]!
        return n > 0 ? x / n : 0
      })
      past.push(rate)
      if (past.length > 10) past.shift()
      for (let i = 0; i < out.length; i++) out[i] = Math.min(...past.map((each) => each[i]!))
      return out
    },
  }
}

/** An exponentially weighted moving average of the minute's rate, in standard deviations of its own past. */
export function ewma(slices: number): Rival {
  const mean = new Float64Array(slices * W)
  const variance = new Float64Array(slices * W).fill(1e-4)
  const smooth = new Float64Array(slices * W)
  return {
    name: 'EWMA chart (lambda 0.2)',
    customary: 3,
    thresholds: [3, 5, 8, 12, 20, 30, 50, 80, 120],
    next(seen) {
      for (let i = 0; i < smooth.length; i++) {
        const n = seen.n[Math.floor(i / W)]!
        if (n === 0) continue
        const rate = seen.x[i]! / n
        smooth[i] = 0.8 * smooth[i]! + 0.2 * rate
        const gap = Math.min(rate, 0.2) - mean[i]!
        mean[i] = mean[i]! + gap / 1440
        variance[i] = variance[i]! + (gap * gap - variance[i]!) / 1440
      }
      return Float64Array.from(smooth, (value, i) => (value - mean[i]!) / Math.sqrt((variance[i]! * 0.2) / 1.8 + 1e-9))
    },
  }
}

/** Turns crossings of each threshold into episodes; those of one source and signal at a time are one. */
export function createEpisodes(rival: Rival, keys: readonly string[], start: number) {
  const open = rival.thresholds.map(() => new Map<string, Told>())
  const told: Told[][] = rival.thresholds.map(() => [])
  return {
    told,
    take(minute: number, statistic: Float64Array): void {
      for (const [t, threshold] of rival.thresholds.entries()) {
        for (const [group, episode] of open[t]!) {
          if (start + minute - episode.resolved > 30) open[t]!.delete(group)
        }
        for (let i = 0; i < statistic.length; i++) {
          if (statistic[i]! < threshold) continue
          const key = keys[Math.floor(i / W)]!
          const signal = PAGED[i % W]!
          const group = `${key.slice(0, key.indexOf('|'))} ${signal}`
          const known = open[t]!.get(group)
          if (known) {
            known.resolved = start + minute
            known.last.add(key)
            continue
          }
          const opened = start + minute
          const episode = {
            signal,
            opened,
            resolved: opened,
            first: new Set([key]),
            last: new Set([key]),
            drift: false,
          }
          open[t]!.set(group, episode)
          told[t]!.push(episode)
        }
      }
    },
  }
}

/** What a CUSUM does that is told every rate and slice beforehand: nothing can be faster at this false-alarm budget. */
export function limitDelay(
  label: Label,
  counts: { n: Float64Array; x: Float64Array }[],
  budgetPerMinute: number,
): number {
  const bar = Math.log(1 / budgetPerMinute)
  let evidence = 0
  for (let minute = 0; minute < label.to - label.from; minute++) {
    for (const [i, { n, x }] of counts.entries()) {
      const usual = Math.min(0.99, Math.max(1e-6, label.usual[i]?.[minute] ?? 0))
      const actual = Math.min(0.99, Math.max(usual, label.actual[i]?.[minute] ?? 0))
      const attempts = Math.max(n[minute]!, x[minute]!)
      evidence += x[minute]! * Math.log(actual / usual) + (attempts - x[minute]!) * Math.log((1 - actual) / (1 - usual))
    }
    evidence = Math.max(0, evidence)
    if (evidence >= bar) return minute
  }
  return Number.POSITIVE_INFINITY
}
