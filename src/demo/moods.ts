import { FAMILIES } from './providers.ts'
import type { Random } from './random.ts'
import type { Rhythm } from './rhythm.ts'
import type { Place, Topology } from './topology.ts'

/** Chance of each failure per attempt, by slice; on an ordinary day, with its ups and downs. */
export interface Moods {
  readonly throttle: Float64Array
  readonly block: Float64Array
  readonly greylist: Float64Array
  readonly unknown: Float64Array
  readonly full: Float64Array
  readonly timeout: Float64Array
  /** Draws the next five minutes. */
  advance(): void
}

// A provider is calm, busy or sore: what its rates are multiplied by, and for how many blocks of five minutes on average.
const STATES = [
  { level: 0.8, blocks: 110, next: [1, 1, 1, 2] },
  { level: 1.35, blocks: 30, next: [0, 0, 0, 2] },
  { level: 2.3, blocks: 6, next: [0, 1] },
] as const

// Per slice: how unlike its provider's average it is, how far it wanders in a day or so, and how fast it comes back.
const UNLIKE = 0.4
const WANDER = 0.3
const KEEP = Math.exp(-5 / (18 * 60))
const MOST = 0.5

export function createMoods(
  topology: Topology,
  places: readonly Place[],
  rhythm: Rhythm,
  noise: number,
  random: Random,
): Moods {
  const usual = places.map(({ to: { rates } }) =>
    FAMILIES.map((family) => rates[family] * Math.exp(UNLIKE * random.normal() - UNLIKE ** 2 / 2)),
  )
  const mean = places.map(({ share, account }) => (share * (topology.accounts[account]?.messagesPerDay ?? 0)) / 1440)
  const wander = new Float64Array(2 * places.length).map(() => WANDER * noise * random.normal())
  const step = WANDER * noise * Math.sqrt(1 - KEEP ** 2)
  const providers = topology.providers.map(() => ({ state: 0, left: 0, level: 1 }))
  const rates = () => new Float64Array(places.length)
  const moods = {
    throttle: rates(),
    block: rates(),
    greylist: rates(),
    unknown: rates(),
    full: rates(),
    timeout: rates(),
    advance,
  }

  function advance() {
    for (const provider of providers) {
      if (provider.left-- <= 0) {
        provider.state = random.pick(STATES[provider.state as 0 | 1 | 2].next)
        provider.left = STATES[provider.state as 0 | 1 | 2].blocks * random.exponential()
      }
      const aim = STATES[provider.state as 0 | 1 | 2].level ** noise
      provider.level += (aim - provider.level) / 3
    }
    for (let index = 0; index < places.length; index++) {
      const { account, provider } = places[index] as Place
      const [throttle = 0, block = 0, greylist = 0, unknown = 0, full = 0, timeout = 0] = usual[index] ?? []
      for (const at of [2 * index, 2 * index + 1]) wander[at] = (wander[at] ?? 0) * KEEP + step * random.normal()
      const level = (providers[provider]?.level ?? 1) * (rhythm.trouble[account] ?? 1)
      // Who sends more than usual is slowed down more: a campaign's 421s.
      const load = Math.min(2, 1 + 0.3 * Math.max(0, (rhythm.perMinute[index] ?? 0) / (mean[index] ?? 1) - 1))
      moods.throttle[index] = Math.min(MOST, throttle * level * load * Math.exp(wander[2 * index] ?? 0))
      moods.block[index] = Math.min(MOST, block * Math.sqrt(level) * Math.exp(wander[2 * index + 1] ?? 0))
      moods.greylist[index] = greylist
      moods.unknown[index] = Math.min(MOST, unknown * (rhythm.unknown[account] ?? 1))
      moods.full[index] = full
      moods.timeout[index] = timeout * (providers[provider]?.level ?? 1)
    }
  }
  return moods
}
