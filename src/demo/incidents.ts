import type { Signal } from '../smtp/causes.ts'
import type { Random } from './random.ts'
import { SIGNAL_OF } from './replies.ts'
import type { Place } from './topology.ts'

/** What must be reported. */
export const INCIDENT_KINDS = [
  'block_sudden',
  'ip_blocklist',
  'throttle_ramp',
  'slow_ramp',
  'lowvol_block',
  'global_outage',
] as const
/** What looks like it and must not be: of a stale list at most the list quality. */
export const TRAP_KINDS = ['blip', 'stale_list', 'volume_drop', 'late_skew', 'api_gap'] as const
type PlannedKind = (typeof INCIDENT_KINDS)[number] | (typeof TRAP_KINDS)[number]

/** What happens to failures of one family, or to all mail, in some slices for some time. */
export interface Plan {
  id: string
  kind: PlannedKind
  /** Which failures it makes; null for traps that concern volume or reporting. */
  family: 'throttle' | 'block' | 'unknown' | null
  /** Indices of slices. */
  slices: readonly number[]
  /** In minutes from the start of the traffic; `to` is not inside. */
  from: number
  to: number
  /** Minutes until the full height is reached. */
  ramp: number
  /** The failure rate at full height, for each of `slices`. */
  peak: readonly number[]
  /** volume_drop, stale_list: what volume is multiplied by. */
  volume?: number
  /** late_skew: how many minutes deliveries are late. */
  lag?: number
  /** api_gap: what was not seen in the gap is never seen. */
  lost?: boolean
}

/** What really happened, to judge a detector by. */
export interface Label extends Plan {
  /** Must it be reported? Traps must not. */
  report: boolean
  signal: Signal | null
  /** By slice (as in `slices`) and minute: the failure rate without and with it. Filled in as the traffic is drawn. */
  usual: readonly Float32Array[]
  actual: readonly Float32Array[]
}

export function labelOf(plan: Plan): Label {
  const rates = () => plan.slices.map(() => new Float32Array(plan.to - plan.from))
  const report = (INCIDENT_KINDS as readonly string[]).includes(plan.kind)
  return { ...plan, report, signal: plan.family && SIGNAL_OF[plan.family], usual: rates(), actual: rates() }
}

export interface Timetable {
  minutes: number
  /** Nothing happens before; a detector needs some history first. */
  warmUp: number
  perKind: number
}

// Between two troubles of one slice, so that the second is not taken for the first.
const APART = 20 * 60
const TRIES = 5000

/** Draws a plan for every kind, `perKind` times where there is room for it. Troubles of one slice do not overlap. */
export function planIncidents(
  places: readonly Place[],
  perHour: readonly number[],
  at: Timetable,
  random: Random,
): Plan[] {
  const taken: { slice: number; from: number; to: number }[] = []
  const isFree = (plan: Plan) =>
    !taken.some(
      ({ slice, from, to }) => plan.from < to + APART && plan.to > from - APART && plan.slices.includes(slice),
    )
  const plans: Plan[] = []
  for (const kind of [...INCIDENT_KINDS, ...TRAP_KINDS]) {
    for (let tries = 0, made = 0; tries < TRIES && made < at.perKind; tries++) {
      const draft = DRAFTS[kind](random.integer(0, places.length), { places, perHour, random })
      if (!draft) continue
      const { minutes, ...what } = draft
      const from = random.integer(at.warmUp, at.minutes)
      const plan: Plan = { id: `${kind}-${made + 1}`, kind, ramp: 0, ...what, from, to: from + minutes }
      if (plan.to >= at.minutes || !isFree(plan)) continue
      for (const slice of plan.slices) taken.push({ slice, from: plan.from, to: plan.to })
      plans.push(plan)
      made++
    }
  }
  return plans.sort((a, b) => a.from - b.from)
}

interface Field {
  places: readonly Place[]
  perHour: readonly number[]
  random: Random
}
type Draft = Omit<Plan, 'id' | 'kind' | 'from' | 'to' | 'ramp'> & { minutes: number; ramp?: number }

const indices = (places: readonly Place[], wanted: (place: Place) => boolean) =>
  places.flatMap((place, index) => (wanted(place) ? [index] : []))
const volume = (slices: readonly number[], perHour: readonly number[]) =>
  slices.reduce((sum, slice) => sum + (perHour[slice] ?? 0), 0)
const even = (slices: readonly number[], peak: number) => slices.map(() => peak)

/** For each kind: where and how, when it starts at a slice; null where the slice does not suit it. */
const DRAFTS: Record<PlannedKind, (slice: number, field: Field) => Draft | null> = {
  block_sudden(slice, { perHour, random }) {
    if ((perHour[slice] ?? 0) < 60) return null
    return { family: 'block', slices: [slice], peak: [random.between(0.3, 1)], minutes: random.integer(60, 720) }
  },
  ip_blocklist(slice, { places, perHour, random }) {
    const ip = places[slice]?.route.ip
    const asks = indices(places, ({ route, to }) => route.ip === ip && to.asksBlockLists)
    if (volume(asks, perHour) < 30) return null
    const worst = random.between(0.4, 1)
    return {
      family: 'block',
      slices: asks,
      peak: asks.map(() => worst * random.between(0.7, 1)),
      minutes: random.integer(120, 1200),
    }
  },
  throttle_ramp(slice, { places, perHour, random }) {
    if ((perHour[slice] ?? 0) < 60) return null
    const slices = random.chance(0.5) ? [slice] : siblings(places, slice)
    const ramp = random.integer(10, 61)
    const peak = Math.max(random.between(0.05, 0.6), 5 * (places[slice]?.to.rates.throttle ?? 0))
    return { family: 'throttle', slices, peak: even(slices, peak), ramp, minutes: ramp + random.integer(60, 480) }
  },
  slow_ramp(slice, { places, perHour, random }) {
    if ((perHour[slice] ?? 0) < 200) return null
    const family = random.chance(0.6) ? 'throttle' : 'block'
    const slices = siblings(places, slice)
    const ramp = random.integer(360, 1440)
    const peak = Math.max(random.between(0.03, 0.1), 4 * (places[slice]?.to.rates[family] ?? 0))
    return { family, slices, peak: even(slices, peak), ramp, minutes: ramp + 360 }
  },
  lowvol_block(slice, { perHour, random }) {
    const messages = perHour[slice] ?? 0
    if (messages < 2 || messages > 30) return null
    return { family: 'block', slices: [slice], peak: [random.between(0.4, 1)], minutes: random.integer(240, 1200) }
  },
  global_outage(slice, { places, perHour, random }) {
    const slices = ofAccount(places, slice)
    if (volume(slices, perHour) < 30) return null
    return {
      family: 'throttle',
      slices,
      peak: even(slices, random.between(0.2, 0.8)),
      minutes: random.integer(15, 90),
    }
  },
  blip(slice, { perHour, random }) {
    if ((perHour[slice] ?? 0) < 120) return null
    return { family: 'throttle', slices: [slice], peak: [random.between(0.2, 0.6)], minutes: random.integer(1, 4) }
  },
  stale_list(slice, { places, random }) {
    const slices = ofAccount(places, slice)
    const boost = random.between(1, 4)
    const peak = (random.between(0.1, 0.4) * boost) / (1 + boost)
    const minutes = random.integer(45, 240)
    return { family: 'unknown', slices, peak: even(slices, peak), volume: 1 + boost, minutes }
  },
  volume_drop(slice, { places, random }) {
    const minutes = random.integer(60, 600)
    return { family: null, slices: ofAccount(places, slice), peak: [], volume: random.between(0.03, 0.2), minutes }
  },
  late_skew(slice, { places, random }) {
    const minutes = random.integer(30, 90)
    return { family: null, slices: ofAccount(places, slice), peak: [], lag: random.integer(10, 31), minutes }
  },
  api_gap(slice, { places, random }) {
    const minutes = random.integer(20, 180)
    return { family: null, slices: ofAccount(places, slice), peak: [], lost: random.chance(0.3), minutes }
  },
}

function ofAccount(places: readonly Place[], slice: number): number[] {
  return indices(places, ({ account }) => account === places[slice]?.account)
}

/** The same account at the same provider, over every IP and sending domain. */
function siblings(places: readonly Place[], slice: number): number[] {
  return indices(places, (p) => p.account === places[slice]?.account && p.provider === places[slice]?.provider)
}
