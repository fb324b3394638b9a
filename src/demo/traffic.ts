import type { Slice } from '../detect/state/slice.ts'
import { type Label, labelOf, type Plan, planIncidents } from './incidents.ts'
import { createMoods } from './moods.ts'
import { createRandom, type Random } from './random.ts'
import { BLOCK, createRhythm } from './rhythm.ts'
import { createSender } from './sender.ts'
import { createTelling, type TrafficRow } from './telling.ts'
import { type Place, placesOf, TOPOLOGY, type Topology } from './topology.ts'
import { createTroubles } from './troubles.ts'

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

/** What a source lets be seen in one minute: rows of that minute, and of earlier ones that are late. */
interface TrafficMinute {
  seen: number
  rows: TrafficRow[]
}

export interface Traffic {
  slices: readonly Slice[]
  places: readonly Place[]
  minutes: number
  /** By start. */
  labels: readonly Label[]
  /** Draws the traffic, minute after minute: the same rows each time it is called. */
  play(): Generator<TrafficMinute>
}

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
  const world = { places, topology, labels, minutes, noise, hiccups, phase }
  return {
    slices: places.map(({ slice }) => slice),
    places,
    minutes,
    labels,
    play: () => play(world, createRandom(seed)),
  }
}

interface World {
  places: readonly Place[]
  topology: Topology
  labels: readonly Label[]
  minutes: number
  noise: number
  hiccups: number
  phase: number
}

function* play(world: World, random: Random): Generator<TrafficMinute> {
  const { places, topology, labels, minutes } = world
  const rhythm = createRhythm(topology, places, world, random)
  const moods = createMoods(topology, places, rhythm, world.noise, random)
  const troubles = createTroubles(places.length, labels, moods, world.hiccups, random)
  const sender = createSender(topology, places, random)
  const telling = createTelling(places, labels, topology.accounts.length, random)

  for (let minute = 0; minute < minutes; minute++) {
    if (minute % BLOCK === 0) {
      rhythm.advance(minute / BLOCK)
      moods.advance()
    }
    troubles.advance(minute)
    for (let slice = 0; slice < places.length; slice++) {
      const row = sender.send(slice, minute, rhythm, moods, troubles)
      if (row) telling.add(row, places[slice]!.account)
    }
    yield { seen: minute, rows: telling.tell(minute) }
  }
}
