// Where trouble is, by the straightforward way: texts as keys, everything added up again each time. The tests compare with it.
import type { Slice, SlicePattern } from '../../src/detect/state/slice.ts'

/** A slice's counts since the trouble began, and the rate that is usual for it. */
export interface Member {
  row: number
  slice: Slice
  x: number
  n: number
  p0: number
  /** Over how many minutes it was counted. */
  minutes: number
}

export interface Place {
  where: SlicePattern
  members: Member[]
}

type Dim = keyof Slice
/** The shapes trouble comes in, the narrowest last; what a shape costs in nats before any evidence. */
const SHAPES: readonly { dims: readonly Dim[]; cost: number }[] = [
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

const PLACE = { inside: 0.85, outside: 0.01, bound: 12, keep: 0.5, dispersion: 0.4 }
/** A slice of the same trouble fails about as often as those that gave it away. */
const LIKE = [0.35, 0.6, 1, 1.4]

/** How much likelier the counts are in a trouble with about this rate of failure than without, in nats. */
function suspicion({ x, n, p0, minutes }: Member, rate: number): number {
  if (n <= 0) return 0
  const clean = Math.min(0.9, Math.max(p0 * 1.3, 0.0005))
  // A rate wanders from minute to minute, so counts say less than their number.
  const weight = 1 / (1 + (PLACE.dispersion * clean * n) / Math.max(minutes, 1))
  let sum = 0
  for (const like of LIKE) {
    const p = Math.min(0.95, Math.max(like * rate, 1.7 * clean))
    const l = weight * (x * Math.log(p / clean) + (n - x) * Math.log((1 - p) / (1 - clean)))
    sum += Math.exp(Math.min(l, 300))
  }
  return Math.max(-PLACE.bound, Math.min(PLACE.bound, Math.log(sum / LIKE.length)))
}

/**
 * Explains the seeds (slices that certainly are in trouble) by as few and as coarse sets as the counts allow, in the
 * manner of Squeeze and RiskLoc: a set gains by each slice in trouble that it covers and loses by each that is well.
 */
export function localisePlainly(members: readonly Member[], seeds: ReadonlySet<number>): Place[] {
  const open = new Set(members.filter((member) => seeds.has(member.row)))
  const failures = [...open].reduce((sum, { x }) => sum + x, 0)
  const rate = failures / ([...open].reduce((sum, { n }) => sum + n, 0) + 2)
  const doubt = new Map(
    members.map((member) => [member, seeds.has(member.row) ? PLACE.bound : suspicion(member, rate)]),
  )
  const places: Place[] = []
  let rest = members
  while (open.size > 0) {
    const best = bestPlace(rest, doubt, open)
    const taken = best.members.filter((member) => chance(doubt.get(member)!) > PLACE.keep)
    places.push({ where: best.where, members: taken })
    const gone = new Set(best.members)
    for (const member of best.members) open.delete(member)
    rest = rest.filter((member) => !gone.has(member))
  }
  return places
}

const chance = (l: number): number => {
  const odds = (PLACE.inside / (1 - PLACE.inside)) * Math.exp(l)
  return odds / (1 + odds)
}

function bestPlace(members: readonly Member[], doubt: ReadonlyMap<Member, number>, open: ReadonlySet<Member>): Place {
  const { inside, outside } = PLACE
  const within = (l: number) => Math.log(inside * Math.exp(l) + 1 - inside)
  const without = (l: number) => Math.log(outside * Math.exp(l) + 1 - outside)
  let best: (Place & { gain: number }) | undefined
  for (const { dims, cost } of SHAPES) {
    const boxes = new Map<string, Place & { gain: number }>()
    for (const member of open) {
      const key = dims.map((dim) => member.slice[dim]).join('\n')
      if (boxes.has(key) || (dims.length < 4 && dims.some((dim) => member.slice[dim] === ''))) continue
      const where = Object.fromEntries(dims.map((dim) => [dim, member.slice[dim]])) as SlicePattern
      boxes.set(key, { where, members: [], gain: -cost })
    }
    for (const member of members) {
      const box = boxes.get(dims.map((dim) => member.slice[dim]).join('\n'))
      if (!box) continue
      const l = doubt.get(member)!
      box.members.push(member)
      box.gain += within(l) - without(l)
    }
    for (const box of boxes.values()) if (!best || box.gain > best.gain) best = box
  }
  // The last shape is a slice by itself, so each open member is in a box.
  return best!
}
