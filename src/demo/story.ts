import { type Plan, planIncidents } from './incidents.ts'
import { type DemoProvider, PROVIDERS } from './providers.ts'
import type { Random } from './random.ts'
import { type Place, placesOf, type Topology } from './topology.ts'

const DAY = 1440
/** A quiet week, then two months in which things happen. */
export const QUIET_DAYS = 7
export const DAYS = QUIET_DAYS + 60
/** The week's minute in which a visitor comes in: a Tuesday at ten, when mail is busy. */
export const PHASE = DAY + 600

const START = QUIET_DAYS * DAY
const [NEWS, OFFERS, RECEIPTS] = ['203.0.113.20', '203.0.113.21', '203.0.113.22']

const shares: Record<string, number> = { yahoo: 0.28, gmail: 0.3, microsoft: 0.2, apple: 0.08, other: 0.06 }
// A well-kept sender: its week is to be quiet for anybody's eye.
const WELL_KEPT = 0.4
const providers: DemoProvider[] = PROVIDERS.filter(({ id }) => id !== 'orange' && id !== 'comcast').map((provider) => {
  const { throttle, block, greylist } = provider.rates
  return {
    ...provider,
    share: shares[provider.id] ?? provider.share,
    rates: {
      ...provider.rates,
      throttle: WELL_KEPT * throttle,
      block: WELL_KEPT * block,
      greylist: WELL_KEPT * greylist,
    },
  }
})

export const TOWN: Topology = {
  providers,
  accounts: [
    {
      id: 'lakeside',
      messagesPerDay: 10_000,
      kind: 'transactional',
      utcOffset: 0,
      routes: [
        { ip: NEWS, senderDomain: 'news.lakeside.example', share: 6 },
        { ip: OFFERS, senderDomain: 'news.lakeside.example', share: 3 },
        { ip: RECEIPTS, senderDomain: 'receipts.lakeside.example', share: 2 },
      ],
    },
  ],
}

/** Yahoo slows one IP down, then refuses it; it heals. Later other things go wrong, another course for each seed. */
export function storyOf(random: Random): Plan[] {
  const places = placesOf(TOWN)
  const at = (ip: string, provider: string) =>
    places.flatMap((place, index) => (place.route.ip === ip && place.provider === indexOf(provider) ? [index] : []))
  const listed = places.flatMap(({ route, to }, index) => (route.ip === RECEIPTS && to.asksBlockLists ? [index] : []))
  const plan = (
    kind: Plan['kind'],
    after: number,
    minutes: number,
    what: Pick<Plan, 'family' | 'slices' | 'ramp'>,
    peak: number,
  ) => ({
    id: `${kind} +${after}`,
    kind,
    ...what,
    peak: what.slices.map(() => peak),
    from: START + after,
    to: START + after + minutes,
  })
  const yahoo = at(NEWS, 'yahoo')
  return [
    plan('throttle_ramp', 6, 60, { family: 'throttle', slices: yahoo, ramp: 15 }, 0.75),
    plan('block_sudden', 66, 60, { family: 'block', slices: yahoo, ramp: 0 }, 0.9),
    plan('ip_blocklist', 420, 150, { family: 'block', slices: listed, ramp: 0 }, 0.85),
    ...later(places, random),
  ]
}

function later(places: readonly Place[], random: Random): Plan[] {
  const { messagesPerDay = 0 } = TOWN.accounts[0] ?? {}
  const perHour = places.map(({ share }) => (share * messagesPerDay) / 24)
  return planIncidents(places, perHour, { minutes: DAYS * DAY, warmUp: START + DAY, perKind: 5 }, random)
}

const indexOf = (provider: string) => providers.findIndex(({ id }) => id === provider)
