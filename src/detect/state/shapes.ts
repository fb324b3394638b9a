import type { Slice } from './slice.ts'

type Dim = keyof Slice
/** The shapes trouble comes in, the narrowest last; what a shape costs in nats before any evidence. */
export const SHAPES: readonly { dims: readonly Dim[]; cost: number }[] = [
  { dims: [], cost: 6 },
  { dims: ['provider'], cost: 4 },
  { dims: ['senderDomain'], cost: 4 },
  { dims: ['provider', 'senderDomain'], cost: 4 },
  { dims: ['source'], cost: 2 },
  { dims: ['source', 'senderDomain'], cost: 2 },
  { dims: ['source', 'campaign'], cost: 2 },
  { dims: ['ip'], cost: 1.5 },
  { dims: ['source', 'provider'], cost: 1 },
  { dims: ['source', 'provider', 'senderDomain'], cost: 1.5 },
  { dims: ['source', 'provider', 'ip'], cost: 0.5 },
  { dims: ['source', 'provider', 'ip', 'senderDomain', 'campaign'], cost: 0 },
]
/** The last shape: a slice by itself, whatever it does not tell. */
export const ITSELF = SHAPES.length - 1

/** More than there will be texts, and small enough that the number of a pair is exact. */
const PAIR = 2 ** 26

/** Numbers for texts and for boxes, so that boxes can be compared without building text. */
export interface Boxes {
  words: Map<string, number>
  pairs: Map<number, number>
}

export const createBoxes = (): Boxes => ({ words: new Map(), pairs: new Map() })

/** The slices of a source in the order of the topology. */
export interface Roster {
  rows: Int32Array
  /** The place of each in the order of arrival, by which sums are kept. */
  places: Int32Array
  /** For each shape but the last the box that it lies in: equal numbers, same box; -1 where a dimension is not told. */
  boxes: readonly Int32Array[]
}

/** The box of a slice in a shape. */
export function boxOf({ words, pairs }: Boxes, slice: Slice, shape: number): number {
  const { dims } = SHAPES[shape]!
  if (dims.some((dim) => slice[dim] === '')) return -1
  let box = shape
  for (const dim of dims) {
    const word = words.get(slice[dim]) ?? words.size
    words.set(slice[dim], word)
    const pair = box * PAIR + word
    box = pairs.get(pair) ?? SHAPES.length + pairs.size
    pairs.set(pair, box)
  }
  return box
}

export interface SourceSlices {
  /** In the order of arrival. */
  rows: number[]
  /** For each shape, in the same order. */
  boxes: number[][]
  /** What `rosterOf` worked out last. */
  roster: Roster
}

export const createSourceSlices = (): SourceSlices => ({
  rows: [],
  boxes: SHAPES.slice(0, ITSELF).map(() => []),
  roster: { rows: new Int32Array(0), places: new Int32Array(0), boxes: [] },
})
