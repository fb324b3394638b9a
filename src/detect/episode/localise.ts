import { ITSELF, type Roster, SHAPES } from '../state/shapes.ts'
import type { SlicePattern } from '../state/slice.ts'
import type { Topology } from '../state/slice-groups.ts'
import { BOUND, chanceOf, gainOf, mostGain, suspicion } from './doubt.ts'

/** Slices with their counts since the trouble began, and the rate that is usual for each. */
export interface Sample {
  roster: Roster
  /** How many there are; the columns may be longer. */
  size: number
  x: Float64Array
  n: Float64Array
  p0: Float64Array
  /** 1 for those that never had mail. */
  gone: Uint8Array
  /** Over how many minutes they were counted. */
  minutes: number
}

export interface Place {
  where: SlicePattern
  /** Where the slices in trouble stand in the sample. */
  members: number[]
}

/** A member is in trouble where that is likelier than not. */
const KEEP = 0.5
/** Sums of bounds may be off by rounding. */
const ROUNDING = 1e-6

/** What is known of each member by now; NaN where it was not worked out yet. */
interface Doubts {
  l: Float64Array
  gain: Float64Array
  /** The gain is not above this. */
  most: Float64Array
}

/** A set that may explain the trouble: a shape with the values of a seed. */
interface Candidate {
  shape: number
  seed: number
  box: number
  gain: number
}

/**
 * Explains the seeds (slices that certainly are in trouble) by as few and as coarse sets as the counts allow, in the
 * manner of Squeeze and RiskLoc: a set gains by each slice in trouble that it covers and loses by each that is well.
 */
export function localise({ slices }: Pick<Topology, 'slices'>, sample: Sample, seeds: readonly number[]): Place[] {
  const { roster, x, n, gone } = sample
  let open = seeds.filter((seed) => gone[seed] === 0)
  const failures = open.reduce((sum, seed) => sum + x[seed]!, 0)
  const rate = failures / (open.reduce((sum, seed) => sum + n[seed]!, 0) + 2)
  const doubts = doubtsOf(sample, rate, open)
  const places: Place[] = []
  while (open.length > 0) {
    const { shape, seed, box } = bestCandidate(sample, doubts, rate, open)
    const inside = shape === ITSELF ? [seed] : insideOf(sample, shape, box)
    const members = inside.filter((i) => chanceOf(doubtOf(sample, doubts, rate, i)) > KEEP)
    for (const i of inside) gone[i] = 1
    const slice = slices[roster.rows[seed]!]!
    places.push({ where: Object.fromEntries(SHAPES[shape]!.dims.map((dim) => [dim, slice[dim]])), members })
    open = open.filter((each) => gone[each] === 0)
  }
  return places
}

function insideOf({ roster, gone }: Sample, shape: number, box: number): number[] {
  const column = roster.boxes[shape]!
  const inside: number[] = []
  for (let i = 0; i < column.length; i++) if (column[i] === box && gone[i] === 0) inside.push(i)
  return inside
}

/** Made once and used again each time. */
let scratch: Doubts = { l: new Float64Array(0), gain: new Float64Array(0), most: new Float64Array(0) }

function doubtsOf({ x, n, p0, minutes, size }: Sample, rate: number, seeds: readonly number[]): Doubts {
  if (scratch.l.length < size) {
    const column = () => new Float64Array(Math.ceil(size * 1.3))
    scratch = { l: column(), gain: column(), most: column() }
  }
  const { l, gain, most } = scratch
  l.fill(Number.NaN, 0, size)
  gain.fill(Number.NaN, 0, size)
  for (let i = 0; i < size; i++) most[i] = mostGain(x[i]!, n[i]!, p0[i]!, minutes, rate)
  for (const seed of seeds) {
    l[seed] = BOUND
    gain[seed] = gainOf(BOUND)
    most[seed] = gain[seed]!
  }
  return scratch
}

function doubtOf({ x, n, p0, minutes }: Sample, { l }: Doubts, rate: number, i: number): number {
  if (Number.isNaN(l[i]!)) l[i] = suspicion(x[i]!, n[i]!, p0[i]!, minutes, rate)
  return l[i]!
}

function gainAt(sample: Sample, doubts: Doubts, rate: number, i: number): number {
  if (Number.isNaN(doubts.gain[i]!)) doubts.gain[i] = gainOf(doubtOf(sample, doubts, rate, i))
  return doubts.gain[i]!
}

/** The set that gains most; of equals the coarsest. Begins with the narrow ones, so that few of the wide have to be added up. */
function bestCandidate(sample: Sample, doubts: Doubts, rate: number, open: readonly number[]): Candidate {
  const [first] = open as [number]
  let best: Candidate = { shape: ITSELF, seed: first, box: first, gain: -SHAPES[ITSELF]!.cost + doubts.gain[first]! }
  for (let shape = ITSELF - 1; shape >= 0; shape--) {
    const candidates = candidatesOf(sample, open, shape)
    if (candidates.length > 1) addUpAll(sample, doubts, rate, candidates)
    else if (candidates[0]) addUp(sample, doubts, rate, candidates[0], best.gain)
    else continue
    const leader = candidates.reduce((most, candidate) => (candidate.gain > most.gain ? candidate : most))
    if (leader.gain >= best.gain) best = leader
  }
  return best
}

function candidatesOf({ roster }: Sample, open: readonly number[], shape: number): Candidate[] {
  const gain = -SHAPES[shape]!.cost
  if (open.length === 1) {
    const box = roster.boxes[shape]![open[0]!]!
    return box < 0 ? [] : [{ shape, seed: open[0]!, box, gain }]
  }
  const candidates = new Map<number, Candidate>()
  for (const seed of open) {
    const box = roster.boxes[shape]![seed]!
    if (box >= 0 && !candidates.has(box)) candidates.set(box, { shape, seed, box, gain })
  }
  return [...candidates.values()]
}

/** Adds up what the members of one set gain, until it is plain that it is less than `least`. */
function addUp(sample: Sample, doubts: Doubts, rate: number, candidate: Candidate, least: number): void {
  const { gone, roster } = sample
  const { shape, box } = candidate
  const column = roster.boxes[shape]!
  const { most } = doubts
  let rest = 0
  for (let i = 0; i < column.length; i++) if (column[i] === box && gone[i] === 0) rest += most[i]!
  let { gain } = candidate
  for (let i = 0; i < column.length && gain + rest >= least - ROUNDING; i++) {
    if (column[i] !== box || gone[i] === 1) continue
    gain += gainAt(sample, doubts, rate, i)
    rest -= most[i]!
  }
  candidate.gain = gain + rest >= least - ROUNDING ? gain : Number.NEGATIVE_INFINITY
}

/** The same for the sets of many seeds, in one go. */
function addUpAll(sample: Sample, doubts: Doubts, rate: number, candidates: readonly Candidate[]): void {
  const column = sample.roster.boxes[candidates[0]!.shape]!
  const byBox = new Map(candidates.map((candidate) => [candidate.box, candidate]))
  for (let i = 0; i < column.length; i++) {
    const candidate = sample.gone[i] === 1 ? undefined : byBox.get(column[i]!)
    if (candidate) candidate.gain += gainAt(sample, doubts, rate, i)
  }
}
