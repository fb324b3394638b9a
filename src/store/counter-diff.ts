/** A counter as the table has it; the minute is counted from 1970. */
export interface Counter {
  minute: number
  slice: number
  outcome: number
  reply: number
  n: number
}

export interface CounterDiff {
  insert: Counter[]
  update: Counter[]
  remove: Counter[]
  /** The minutes that differ. */
  minutes: number[]
}

const keyOf = ({ minute, slice, outcome, reply }: Counter) => `${minute} ${slice} ${outcome} ${reply}`

/** Sums the counters that have the same key; those of nothing are left out. */
export function sumCounters(counters: Iterable<Counter>): Map<string, Counter> {
  const sums = new Map<string, Counter>()
  for (const counter of counters) {
    if (counter.n === 0) continue
    const key = keyOf(counter)
    const sum = sums.get(key)
    if (sum) sum.n += counter.n
    else sums.set(key, { ...counter })
  }
  return sums
}

/** What has to be done to the stored counters so that they are the wanted ones, and nothing more. */
export function diffCounters(stored: readonly Counter[], wanted: ReadonlyMap<string, Counter>): CounterDiff {
  const diff: CounterDiff = { insert: [], update: [], remove: [], minutes: [] }
  const kept = new Set<string>()
  for (const counter of stored) {
    const key = keyOf(counter)
    const now = wanted.get(key)
    if (!now) diff.remove.push(counter)
    else if (now.n !== counter.n) diff.update.push(now)
    kept.add(key)
  }
  for (const [key, counter] of wanted) {
    if (kept.size === 0 || !kept.has(key)) diff.insert.push(counter)
  }
  const minutes = new Set<number>()
  for (const part of [diff.insert, diff.update, diff.remove]) for (const { minute } of part) minutes.add(minute)
  diff.minutes = [...minutes]
  return diff
}
