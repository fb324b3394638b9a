import { SIGNALS, type Signal } from '../../smtp/causes.ts'
import type { MinuteCount } from './slice.ts'
import { ranked, rowOf, type Topology } from './slice-groups.ts'
import { S } from './state.ts'

/** The counts of one minute as columns; `n` is NaN where attempts are not told. `at[i]` says whose failures `x[i]` are: place in `rows` x S + signal. */
export interface Batch {
  rows: Int32Array
  n: Float32Array
  at: Int32Array
  x: Float32Array
  named: Float32Array
}

export const EMPTY: Batch = {
  rows: new Int32Array(0),
  n: new Float32Array(0),
  at: new Int32Array(0),
  x: new Float32Array(0),
  named: new Float32Array(0),
}

const PLACE = Object.fromEntries(SIGNALS.map((signal, place) => [signal, place])) as Record<Signal, number>

/** Rows of one slice are added up. `attempts: null` becomes NaN. */
export function toBatch(topology: Topology, counts: Iterable<MinuteCount>): Batch {
  const place = new Map<number, number>()
  const rows: number[] = []
  const n: number[] = []
  const failures = new Map<number, [number, number]>()
  for (const { slice, attempts, failures: failed, named } of counts) {
    const row = rowOf(topology, slice)
    let b = place.get(row)
    if (b === undefined) {
      b = rows.push(row) - 1
      n.push(0)
      place.set(row, b)
    }
    n[b] = n[b]! + (attempts ?? Number.NaN)
    for (const signal in failed) {
      const x = failed[signal as Signal]
      if (!x) continue
      const at = b * S + PLACE[signal as Signal]
      const isNamed = named?.[signal as Signal] ?? 0
      const sum = failures.get(at)
      if (sum) {
        sum[0] += x
        sum[1] += isNamed
      } else failures.set(at, [x, isNamed])
    }
  }
  return assemble(topology, rows, n, failures)
}

/** In the order of the topology, so that sums over it are the same to the last bit whatever came first. */
function assemble(
  topology: Topology,
  rows: readonly number[],
  n: readonly number[],
  failures: ReadonlyMap<number, readonly [number, number]>,
): Batch {
  const { rank, scratch } = ranked(topology)
  const sorted = new Int32Array(rows.length)
  for (let b = 0; b < rows.length; b++) {
    sorted[b] = rank[rows[b]!]!
    scratch[sorted[b]!] = b
  }
  sorted.sort()
  const to = new Int32Array(rows.length)
  for (let i = 0; i < sorted.length; i++) {
    sorted[i] = scratch[sorted[i]!]!
    to[sorted[i]!] = i
  }
  return {
    rows: sorted.map((b) => rows[b]!),
    n: Float32Array.from(sorted, (b) => n[b]!),
    at: Int32Array.from(failures.keys(), (at) => to[Math.floor(at / S)]! * S + (at % S)),
    x: Float32Array.from(failures.values(), ([x]) => x),
    named: Float32Array.from(failures.values(), ([, named]) => named),
  }
}

/** Batches after one another; a row that is in two of them stands twice, so they must not share slices. */
export function joinBatches(parts: readonly Batch[]): Batch {
  if (parts.length <= 1) return parts[0] ?? EMPTY
  const rows = parts.reduce((sum, part) => sum + part.rows.length, 0)
  const failures = parts.reduce((sum, part) => sum + part.at.length, 0)
  const joined: Batch = {
    rows: new Int32Array(rows),
    n: new Float32Array(rows),
    at: new Int32Array(failures),
    x: new Float32Array(failures),
    named: new Float32Array(failures),
  }
  let row = 0
  let failure = 0
  for (const part of parts) {
    joined.rows.set(part.rows, row)
    joined.n.set(part.n, row)
    for (let i = 0; i < part.at.length; i++) joined.at[failure + i] = part.at[i]! + row * S
    joined.x.set(part.x, failure)
    joined.named.set(part.named, failure)
    row += part.rows.length
    failure += part.at.length
  }
  return joined
}

/** Adds up two batches that may share slices. */
export function addBatches(topology: Topology, a: Batch, b: Batch): Batch {
  const place = new Map<number, number>()
  const n: number[] = []
  const failures = new Map<number, [number, number]>()
  for (const batch of [a, b]) {
    const places = Array.from(batch.rows, (row, i) => {
      const at = place.get(row) ?? place.size
      place.set(row, at)
      n[at] = (n[at] ?? 0) + batch.n[i]!
      return at
    })
    for (const [i, at] of batch.at.entries()) {
      const to = places[Math.floor(at / S)]! * S + (at % S)
      const [x, named] = failures.get(to) ?? [0, 0]
      failures.set(to, [x + batch.x[i]!, named + batch.named[i]!])
    }
  }
  return assemble(topology, [...place.keys()], n, failures)
}
