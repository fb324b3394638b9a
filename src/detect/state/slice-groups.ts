import { type Boxes, createBoxes, createSourceSlices, type SourceSlices } from './shapes.ts'
import type { Slice } from './slice.ts'

/** Groups that a slice is a member of: its evidence is pooled with that of the other members. */
const GROUPS = ['source+provider', 'source+ip', 'source+senderDomain', 'source', 'provider'] as const
const GROUP_KEYS: readonly (readonly (keyof Slice)[])[] = [
  ['source', 'provider'],
  ['source', 'ip'],
  ['source', 'senderDomain'],
  ['source'],
  ['provider'],
]
export const WIDTH = GROUPS.length
export const BY_PROVIDER = 0
export const BY_SOURCE = 3
export const ACROSS_SOURCES = 4

interface Ranking {
  rows: Int32Array
  rank: Int32Array
  /** As long as they are, for whoever sorts by rank. */
  scratch: Int32Array
}

/**
 * Every slice and group has a row, a small number by which its state is found. Append-only: a row never changes its
 * meaning, so that states of different age go with one topology.
 */
export interface Topology {
  /** The slice of a row; null for a group. */
  slices: (Slice | null)[]
  /** For each row WIDTH rows of groups, or -1 where the group makes no sense (a dimension that is not told). */
  groups: number[]
  /** By these rows are put in order for sums and ties, since the order of arrival must not show in any result. */
  names: string[]
  /** What `ranked` worked out last. */
  ranking: Ranking
  /** Which of GROUPS a row is; -1 for a slice. */
  kind: number[]
  provider: string[]
  /** The slices of each group, and a slice itself. */
  leaves: number[][]
  /** Provider groups are numbered by themselves too; -1 for other rows. */
  ordinal: number[]
  providerGroups: number
  /** The provider groups of each source. */
  parts: Map<number, number[]>
  /** The slices of each source. See shapes.ts. */
  sources: Map<string, SourceSlices>
  /** The place of a slice among those of its source. */
  place: number[]
  boxes: Boxes
  rowOf: Map<string, number>
  /** The same for slices that are the very object met before: no text to build. */
  rowOfObject: WeakMap<Slice, number>
}

export function createTopology(slices: Iterable<Slice> = []): Topology {
  const topology: Topology = {
    slices: [],
    groups: [],
    names: [],
    ranking: { rows: new Int32Array(0), rank: new Int32Array(0), scratch: new Int32Array(0) },
    kind: [],
    provider: [],
    leaves: [],
    ordinal: [],
    providerGroups: 0,
    parts: new Map(),
    sources: new Map(),
    place: [],
    boxes: createBoxes(),
    rowOf: new Map(),
    rowOfObject: new WeakMap(),
  }
  for (const slice of slices) rowOf(topology, slice)
  return topology
}

export const sliceKey = (slice: Slice): string =>
  `${slice.source}\n${slice.provider}\n${slice.ip}\n${slice.senderDomain}\n${slice.campaign}`

/** The row of a slice; it gets one, and its groups theirs, when it is new. */
export function rowOf(topology: Topology, slice: Slice): number {
  let row = topology.rowOfObject.get(slice)
  if (row === undefined) {
    row = topology.rowOf.get(sliceKey(slice)) ?? addSlice(topology, slice)
    topology.rowOfObject.set(slice, row)
  }
  return row
}

function addSlice(topology: Topology, slice: Slice): number {
  const groups = GROUP_KEYS.map((dims, kind) => {
    if (dims.some((dim) => slice[dim] === '')) return -1
    const groupKey = `${kind}\n${dims.map((dim) => slice[dim]).join('\n')}`
    const provider = dims.includes('provider') ? slice.provider : ''
    return topology.rowOf.get(groupKey) ?? addRow(topology, groupKey, null, kind, provider)
  })
  const [part, , , whole] = groups as [number, number, number, number]
  const parts = topology.parts.get(whole) ?? []
  if (part >= 0 && !parts.includes(part)) topology.parts.set(whole, [...parts, part].sort(byOrder(topology)))
  const row = addRow(topology, sliceKey(slice), { ...slice }, -1, slice.provider)
  topology.leaves[row]!.push(row)
  const own = topology.sources.get(slice.source) ?? createSourceSlices()
  topology.sources.set(slice.source, own)
  topology.place[row] = own.rows.push(row) - 1
  for (const [kind, group] of groups.entries()) {
    topology.groups[row * WIDTH + kind] = group
    if (group < 0) continue
    topology.leaves[group]!.push(row)
    // A group knows the groups above it, for the share that others of its source have in a rise.
    if (kind <= BY_SOURCE) topology.groups[group * WIDTH + BY_SOURCE] = groups[BY_SOURCE]!
    if (kind === BY_PROVIDER) {
      topology.groups[group * WIDTH + BY_PROVIDER] = group
      topology.groups[group * WIDTH + ACROSS_SOURCES] = groups[ACROSS_SOURCES]!
    }
  }
  return row
}

/** All rows in order, and which one each row is among them. */
export function ranked(topology: Topology): Ranking {
  const { rows: known } = topology.ranking
  const count = topology.slices.length
  if (known.length === count) return topology.ranking
  const compare = byOrder(topology)
  const fresh = Int32Array.from({ length: count - known.length }, (_, i) => known.length + i).sort(compare)
  const rows = new Int32Array(count)
  const rank = new Int32Array(count)
  for (let i = 0, k = 0, f = 0; i < count; i++) {
    const isKnown = f === fresh.length || (k < known.length && compare(known[k]!, fresh[f]!) <= 0)
    rows[i] = isKnown ? known[k++]! : fresh[f++]!
    rank[rows[i]!] = i
  }
  topology.ranking = { rows, rank, scratch: new Int32Array(count) }
  return topology.ranking
}

/** Compares rows by their names. */
export const byOrder =
  ({ names }: Topology) =>
  (a: number, b: number): number =>
    names[a]! < names[b]! ? -1 : names[a]! > names[b]! ? 1 : 0

function addRow(topology: Topology, key: string, slice: Slice | null, kind: number, provider: string): number {
  const row = topology.slices.length
  topology.rowOf.set(key, row)
  topology.slices.push(slice)
  topology.names.push(key)
  topology.kind.push(kind)
  topology.provider.push(provider)
  topology.leaves.push([])
  topology.place.push(-1)
  topology.ordinal.push(kind === BY_PROVIDER ? topology.providerGroups++ : -1)
  for (let kind = 0; kind < WIDTH; kind++) topology.groups.push(-1)
  return row
}
