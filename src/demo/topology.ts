import type { Slice } from '../detect/state/slice.ts'
import { type DemoProvider, PROVIDERS } from './providers.ts'

/** Who sends from where: an IP and the domain in the sender's address that goes out through it. */
interface Route {
  ip: string
  senderDomain: string
  /** Of the account's mail; the shares of an account need not add up to 1. */
  share: number
}

/** One source: an account at an ESP. */
export interface Account {
  id: string
  messagesPerDay: number
  /** Campaigns come in bursts, transactional mail by the hour of the day. */
  kind: 'campaigns' | 'transactional'
  /** Minutes from UTC of the people it writes to. */
  utcOffset: number
  routes: readonly Route[]
}

export interface Topology {
  accounts: readonly Account[]
  providers: readonly DemoProvider[]
}

/** A slice, and where it belongs. */
export interface Place {
  slice: Slice
  /** The account's index in the topology. */
  account: number
  /** The provider's index in the topology, and what it is. */
  provider: number
  to: DemoProvider
  route: Route
  /** Of the account's mail. */
  share: number
}

const routes = (net: number, ...of: [host: number, senderDomain: string, share: number][]): Route[] =>
  of.map(([host, senderDomain, share]) => ({ ip: `203.0.113.${16 * net + host}`, senderDomain, share }))

/** Eight accounts from 1 500 to 1 500 000 messages a day at ten mailbox providers: 200 slices. */
export const TOPOLOGY: Topology = {
  providers: PROVIDERS,
  accounts: [
    {
      id: 'retail',
      messagesPerDay: 1_500_000,
      kind: 'campaigns',
      utcOffset: 60,
      routes: routes(0, [1, 'news.retail.example', 4], [2, 'news.retail.example', 3], [3, 'offers.retail.example', 3]),
    },
    {
      id: 'bank',
      messagesPerDay: 800_000,
      kind: 'transactional',
      utcOffset: -300,
      routes: routes(1, [1, 'alerts.bank.example', 5], [2, 'alerts.bank.example', 5], [2, 'cards.bank.example', 2]),
    },
    {
      id: 'travel',
      messagesPerDay: 320_000,
      kind: 'campaigns',
      utcOffset: 0,
      routes: routes(2, [1, 'travel.example', 3], [2, 'travel.example', 2], [2, 'deals.travel.example', 2]),
    },
    {
      id: 'shop-receipts',
      messagesPerDay: 140_000,
      kind: 'transactional',
      utcOffset: 60,
      routes: routes(3, [1, 'shop.example', 3], [2, 'shop.example', 2], [3, 'orders.shop.example', 2]),
    },
    {
      id: 'magazine',
      messagesPerDay: 60_000,
      kind: 'campaigns',
      utcOffset: -480,
      routes: routes(4, [1, 'magazine.example', 3], [2, 'magazine.example', 2], [2, 'events.magazine.example', 1]),
    },
    {
      id: 'saas',
      messagesPerDay: 22_000,
      kind: 'transactional',
      utcOffset: -60,
      routes: routes(5, [1, 'app.saas.example', 3], [2, 'app.saas.example', 2]),
    },
    {
      id: 'club',
      messagesPerDay: 5_000,
      kind: 'campaigns',
      utcOffset: 60,
      routes: routes(6, [1, 'club.example', 2], [2, 'club.example', 1]),
    },
    {
      id: 'clinic',
      messagesPerDay: 1_500,
      kind: 'transactional',
      utcOffset: 120,
      routes: routes(7, [1, 'clinic.example', 1]),
    },
  ],
}

/** Every slice of a topology: account x route x mailbox provider. */
export function placesOf({ accounts, providers }: Topology): Place[] {
  const mail = providers.reduce((sum, { share }) => sum + share, 0)
  return accounts.flatMap(({ id, routes }, account) => {
    const sent = routes.reduce((sum, { share }) => sum + share, 0)
    return routes.flatMap((route) =>
      providers.map((to, provider) => ({
        slice: { source: id, provider: to.id, ip: route.ip, senderDomain: route.senderDomain, campaign: '' },
        account,
        provider,
        to,
        route,
        share: (route.share / sent) * (to.share / mail),
      })),
    )
  })
}
