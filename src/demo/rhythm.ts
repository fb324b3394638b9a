import type { Random } from './random.ts'
import type { Account, Place, Topology } from './topology.ts'

/** Everything that changes slowly is computed once for five minutes. */
export const BLOCK = 5
const DAY = 24 * 60
const WEEK = 7 * DAY
const DAY_OF_WEEK = [1, 1.06, 1.04, 1.02, 0.93, 0.55, 0.5]
/** When people send newsletters, in minutes of their readers' day. */
const SLOTS = [7 * 60, 9.5 * 60, 12 * 60, 17 * 60, 19.5 * 60]

export interface RhythmOptions {
  /** The minute of the week (0 is Monday 00:00 UTC) in which the traffic starts. */
  phase: number
  noise: number
}

/** How much mail each slice is to send now. `advance` must be called block after block. */
export interface Rhythm {
  /** Messages per minute, by slice. */
  readonly perMinute: Float64Array
  /** What the audience now written to does to the account's throttling and blocking, and to unknown users. */
  readonly trouble: Float64Array
  readonly unknown: Float64Array
  advance(block: number): void
}

interface Campaign {
  account: number
  from: number
  /** By provider: messages per minute and how long, since each provider takes mail at its own speed. */
  speed: readonly number[]
  minutes: readonly number[]
  trouble: number
  unknown: number
}

export function createRhythm(
  topology: Topology,
  places: readonly Place[],
  options: RhythmOptions,
  random: Random,
): Rhythm {
  const { accounts } = topology
  const { phase, noise } = options
  const profiles = accounts.map(({ kind }) => profileOf(kind, random))
  const steady = accounts.map(({ kind }) => (kind === 'campaigns' ? 0.4 : 0.93))
  const today = new Float64Array(accounts.length).fill(1)
  const wander = new Float64Array(accounts.length)
  const perMinute = new Float64Array(places.length)
  const trouble = new Float64Array(accounts.length)
  const unknown = new Float64Array(accounts.length)
  // Within the account: the slice's part of what goes to its provider.
  const routeShare = places.map(({ share, to }) => share / (to.share / total(topology)))
  let campaigns: Campaign[] = []

  function startDay(minute: number) {
    accounts.forEach((account, index) => {
      today[index] = Math.exp(0.12 * noise * random.normal())
      campaigns.push(...campaignsOf(account, index, minute))
    })
  }

  function campaignsOf(account: Account, index: number, day: number): Campaign[] {
    const isCampaigner = account.kind === 'campaigns'
    const weekday = DAY_OF_WEEK[Math.floor(((day + phase) % WEEK) / DAY)] ?? 1
    const usual = isCampaigner ? 1.8 : 0.3
    const size = ((1 - (steady[index] ?? 1)) * account.messagesPerDay) / usual
    return Array.from({ length: random.poisson(usual * weekday) }, () => {
      const messages = size * Math.exp(0.6 * random.normal() - 0.18)
      const local = random.pick(SLOTS) + random.between(-25, 25)
      const length = random.between(40, 180)
      const audience = topology.providers.map(({ share }) => share * Math.exp(0.35 * random.normal()))
      const all = audience.reduce((a, b) => a + b, 0)
      const minutes = audience.map(() => length * random.between(0.7, 1.6))
      return {
        account: index,
        from: day + ((((local - account.utcOffset - phase - day) % DAY) + DAY) % DAY),
        speed: audience.map((part, provider) => (messages * part) / all / (minutes[provider] ?? length)),
        minutes,
        trouble: Math.exp(noise * (0.15 + 0.3 * random.normal())),
        unknown: Math.exp(0.2 + 0.5 * random.normal()),
      }
    })
  }

  return {
    perMinute,
    trouble,
    unknown,
    advance(block) {
      const minute = block * BLOCK
      if (minute % DAY === 0) startDay(minute)
      campaigns = campaigns.filter(({ from, minutes }) => minute < from + Math.max(...minutes))
      const active = campaigns.filter(({ from }) => minute >= from)
      trouble.fill(1)
      unknown.fill(1)
      for (const { account, trouble: worse, unknown: staler } of active) {
        trouble[account] = Math.max(trouble[account] ?? 1, worse)
        unknown[account] = Math.max(unknown[account] ?? 1, staler)
      }
      const base = accounts.map(({ messagesPerDay, utcOffset }, index) => {
        // Forgets in 40 minutes; stands at 15 %.
        wander[index] = (wander[index] ?? 0) * 0.88 + 0.071 * noise * random.normal()
        const at = Math.floor(((minute + phase + utcOffset + WEEK) % WEEK) / BLOCK)
        const now = (profiles[index]?.[at] ?? 1) * (today[index] ?? 1) * Math.exp(wander[index] ?? 0)
        return ((steady[index] ?? 1) * messagesPerDay * now) / DAY
      })
      for (let index = 0; index < places.length; index++) {
        const { account, provider, share } = places[index] as Place
        let rate = (base[account] ?? 0) * share
        for (const { account: whose, from, speed, minutes } of active)
          if (whose === account && minute < from + (minutes[provider] ?? 0))
            rate += (speed[provider] ?? 0) * (routeShare[index] ?? 0)
        perMinute[index] = rate
      }
    },
  }
}

function total({ providers }: Topology): number {
  return providers.reduce((sum, { share }) => sum + share, 0)
}

/** A week by blocks, of mean 1: a day of a few harmonics, no two accounts alike. */
function profileOf(kind: Account['kind'], random: Random): Float64Array {
  const humps = kind === 'transactional' ? [0.55, 0.3, 0.1] : [0.7, 0.1, 0.05]
  const harmonics = humps.map((height, index) => ({
    times: index + 1,
    height: height * random.between(0.8, 1.2),
    // The day's high between noon and five o'clock.
    at: random.between(12, 17) / 24,
  }))
  const profile = Float64Array.from({ length: WEEK / BLOCK }, (_, block) => {
    const day = (block * BLOCK) / DAY
    const wave = harmonics.reduce(
      (sum, { times, height, at }) => sum + height * Math.cos(2 * Math.PI * times * (day - at)),
      0,
    )
    return Math.exp(wave) * (DAY_OF_WEEK[Math.floor(day)] ?? 1)
  })
  const mean = profile.reduce((a, b) => a + b, 0) / profile.length
  return profile.map((value) => value / mean)
}
