import type { Slice } from '../detect/finding.ts'
import type { Signal } from '../smtp/causes.ts'
import { INCIDENT_KINDS, type Plan, planIncidents } from './incidents.ts'
import { createMoods } from './moods.ts'
import { createRandom, type Random } from './random.ts'
import { type CannedReply, repliesOf, SIGNAL_OF } from './replies.ts'
import { BLOCK, createRhythm } from './rhythm.ts'
import { createTelling, type Telling } from './telling.ts'
import { type Place, placesOf, TOPOLOGY, type Topology } from './topology.ts'

export interface TrafficOptions {
  seed: number
  days: number
  /** Default: eight accounts, 200 slices. */
  topology?: Topology
  /** How restless an ordinary day is: 1 is moderate, 1.7 heavy. */
  noise?: number
  /** Short bursts of failures that nobody needs to hear of, per slice and day. Default 0.05. */
  hiccups?: number
  /** Draw so many incidents and traps of each kind (0: a benign run), or play exactly these. */
  incidents?: { perKind: number; warmUpDays?: number } | readonly Plan[]
  /** The minute of the week (0 is Monday 00:00 UTC) in which the traffic starts. */
  phase?: number
}

/** Results of one slice in one minute; several rows of the same slice and minute add up. */
export interface TrafficRow {
  /** Index into `Traffic.slices`. */
  slice: number
  /** When the attempts ended, in minutes from the start. */
  minute: number
  attempts: number
  /** Of the attempts; the others were delivered. */
  failures: readonly { reply: CannedReply; n: number }[]
}

/** What a source lets be seen in one minute: rows of that minute, and of earlier ones that are late. */
export interface TrafficMinute {
  seen: number
  rows: TrafficRow[]
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

export interface Traffic {
  slices: readonly Slice[]
  places: readonly Place[]
  minutes: number
  /** By start. */
  labels: readonly Label[]
  /** Draws the traffic, minute after minute. The same options give the same rows; to be called once. */
  play(): Generator<TrafficMinute>
}

const RETRY_MINUTES = [5, 10, 20, 40, 80] as const
const RING = 128
/** Of deferred messages that are tried again; the others expire or are sent elsewhere. */
const TRIED_AGAIN = 0.92
const NO_FAILURES: TrafficRow['failures'] = []

/**
 * Delivery results of a small world of senders: accounts, mailbox providers, sending IPs and domains, with the rhythm of
 * day and week, campaigns, moods of the receivers, connections that fail as a whole, greylisting, retries, late data.
 */
export function createTraffic(options: TrafficOptions): Traffic {
  const { seed, days, topology = TOPOLOGY, noise = 1, hiccups = 0.05, phase = 0, incidents = { perKind: 0 } } = options
  const minutes = days * 1440
  const places = placesOf(topology)
  const perHour = places.map(({ account, share }) => (share * (topology.accounts[account]?.messagesPerDay ?? 0)) / 24)
  const timetable = (perKind: number, warmUpDays = 4) => ({ minutes, warmUp: warmUpDays * 1440, perKind })
  const plans =
    'perKind' in incidents
      ? planIncidents(places, perHour, timetable(incidents.perKind, incidents.warmUpDays), createRandom(seed + 1))
      : incidents
  const labels = plans.map(labelOf)
  const world: World = { places, topology, labels, minutes, noise, hiccups, phase, random: createRandom(seed) }
  return { slices: places.map(({ slice }) => slice), places, minutes, labels, play: () => play(world) }
}

function labelOf(plan: Plan): Label {
  const rates = () => plan.slices.map(() => new Float32Array(plan.to - plan.from))
  const report = (INCIDENT_KINDS as readonly string[]).includes(plan.kind)
  return { ...plan, report, signal: plan.family && SIGNAL_OF[plan.family], usual: rates(), actual: rates() }
}

interface World {
  places: readonly Place[]
  topology: Topology
  labels: readonly Label[]
  minutes: number
  noise: number
  hiccups: number
  phase: number
  random: Random
}

function* play(world: World): Generator<TrafficMinute> {
  const { places, topology, labels, minutes, random } = world
  const rhythm = createRhythm(topology, places, world, random)
  const moods = createMoods(topology, places, rhythm, world.noise, random)
  const telling: Telling = createTelling(places, labels, topology.accounts.length, random)
  const replies = repliesOf(places)
  const retries = new Int32Array(places.length * RING)
  const hiccup = { left: new Int32Array(places.length), height: new Float64Array(places.length) }
  const bursty = places.map(({ account }) => (topology.accounts[account]?.kind === 'campaigns' ? 3 : 1.4))
  // This minute's chances, before and after what is planned has had its effect.
  const throttle = new Float64Array(places.length)
  const block = new Float64Array(places.length)
  const unknown = new Float64Array(places.length)
  const volume = new Float64Array(places.length)
  const inIncident = new Uint8Array(places.length)
  let next = 0
  let active: Label[] = []

  for (let minute = 0; minute < minutes; minute++) {
    if (minute % BLOCK === 0) {
      rhythm.advance(minute / BLOCK)
      moods.advance()
    }
    throttle.set(moods.throttle)
    block.set(moods.block)
    unknown.set(moods.unknown)
    volume.fill(1)
    inIncident.fill(0)
    for (let label = labels[next]; label && label.from <= minute; label = labels[++next]) active.push(label)
    if (active.length > 0) active = active.filter(({ to }) => minute < to)
    for (const label of active) suffer(label, minute)
    sneeze()

    for (let slice = 0; slice < places.length; slice++) {
      const { account, to } = places[slice] as Place
      const fresh = arrivals((rhythm.perMinute[slice] ?? 0) * (volume[slice] ?? 1), bursty[slice] ?? 1)
      const at = slice * RING + (minute % RING)
      const attempts = fresh + (retries[at] ?? 0)
      retries[at] = 0
      if (attempts === 0) continue
      const greylisted = random.binomial(fresh, moods.greylist[slice] ?? 0)
      let left = attempts - greylisted
      const blocked = byConnection(left, block[slice] ?? 0, to.session)
      left -= blocked
      const throttled = byConnection(left, throttle[slice] ?? 0, to.session)
      left -= throttled
      const bad = unknown[slice] ?? 0
      const full = moods.full[slice] ?? 0
      const lost = moods.timeout[slice] ?? 0
      const single = random.binomial(left, bad + full + lost)
      let failures = NO_FAILURES
      let expired = 0
      if (greylisted + blocked + throttled + single > 0) {
        const found: { reply: CannedReply; n: number }[] = []
        const { throttle: t, block: b, greylist: g, unknown: u, full: f, timeout: o } = replies[slice]!
        const { everyday, incident } = b
        if (blocked > 0) found.push({ reply: inIncident[slice] ? incident : everyday, n: blocked })
        if (throttled > 0) found.push({ reply: t.everyday, n: throttled })
        if (greylisted > 0) found.push({ reply: g.everyday, n: greylisted })
        const nobody = random.binomial(single, bad / (bad + full + lost))
        const quota = random.binomial(single - nobody, full / (full + lost))
        expired = single - nobody - quota
        if (nobody > 0) found.push({ reply: u.everyday, n: nobody })
        if (quota > 0) found.push({ reply: f.everyday, n: quota })
        if (expired > 0) found.push({ reply: o.everyday, n: expired })
        failures = found
      }
      const again = greylisted + random.binomial(throttled + expired, TRIED_AGAIN)
      if (again > 0) tryAgain(slice, minute, again)
      telling.add({ slice, minute, attempts, failures }, account)
    }
    yield { seen: minute, rows: telling.tell(minute) }
  }

  /** Mail comes in batches, so its counts vary more than a Poisson's. */
  function arrivals(mean: number, batch: number): number {
    if (mean <= 0) return 0
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean * (2 * batch - 1)) * random.normal()))
    const batches = random.poisson(mean / batch)
    let messages = batches
    // A geometric batch of mean `batch`: one message, and with this chance one more.
    const more = 1 - 1 / batch
    for (let i = 0; i < batches; i++) while (random.uniform() < more) messages++
    return messages
  }

  /** A connection is accepted or turned away with all its messages. */
  function byConnection(messages: number, p: number, session: number): number {
    if (messages === 0) return 0
    const connections = Math.ceil(messages / session)
    const refused = random.binomial(connections, p)
    if (refused === 0 || refused === connections) return refused && messages
    return Math.min(messages, Math.floor((refused * messages) / connections + random.uniform()))
  }

  function tryAgain(slice: number, minute: number, messages: number) {
    const half = messages >> 1
    for (const part of [half, messages - half]) {
      const at = slice * RING + ((minute + random.pick(RETRY_MINUTES) + random.integer(0, 3)) % RING)
      retries[at] = (retries[at] ?? 0) + part
    }
  }

  function suffer(label: Label, minute: number) {
    const since = minute - label.from
    // Slow at both ends, unlike a straight line.
    const x = label.ramp > 0 ? Math.min(1, (since + 1) / label.ramp) : 1
    const height = x * x * (3 - 2 * x)
    const rates = label.family === 'block' ? block : label.family === 'throttle' ? throttle : unknown
    label.slices.forEach((slice, index) => {
      if (label.volume !== undefined) volume[slice] = label.volume
      if (!label.family) return
      const usual = rates[slice] ?? 0
      const actual = Math.max(usual, usual + height * ((label.peak[index] ?? 0) - usual))
      label.usual[index]![since] = usual
      label.actual[index]![since] = actual
      rates[slice] = Math.min(0.99, actual)
      inIncident[slice] = 1
    })
  }

  function sneeze() {
    for (let n = random.poisson((world.hiccups * places.length) / 1440); n > 0; n--) {
      const slice = random.integer(0, places.length)
      hiccup.left[slice] = 1 + Math.floor(random.exponential() * 1.5)
      hiccup.height[slice] = random.between(0.04, 0.28) * (random.chance(0.5) ? 1 : -1)
    }
    for (let slice = 0; slice < places.length; slice++) {
      const left = hiccup.left[slice] ?? 0
      if (left === 0) continue
      hiccup.left[slice] = left - 1
      const height = hiccup.height[slice] ?? 0
      const rates = height > 0 ? throttle : block
      rates[slice] = Math.max(rates[slice] ?? 0, Math.abs(height))
    }
  }
}
