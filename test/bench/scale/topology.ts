import { TOPOLOGY, type Topology } from '../../../src/demo/topology.ts'

/** Of `TOPOLOGY`. */
const SLICES = 200

/** A small account of it sends a few messages an hour from each IP; whoever has thousands of slices sends more. */
const LEAST_PER_ROUTE: Readonly<Record<number, number>> = { 200: 500_000, 2000: 80_000, 10000: 45_000 }

/** The eight accounts with as many more IPs as make so many slices, each with as much mail as the stores that issue 10 measured. */
export function topologyOf(slices: number): Topology {
  const copies = Math.max(1, Math.round(slices / SLICES))
  const least = LEAST_PER_ROUTE[slices] ?? 45_000
  return {
    ...TOPOLOGY,
    accounts: TOPOLOGY.accounts.map((account, net) => {
      const routes = Array.from({ length: copies }, (_, copy) =>
        account.routes.map((route, i) => ({ ...route, ip: `10.${net}.${copy}.${i}` })),
      ).flat()
      return { ...account, routes, messagesPerDay: Math.max(account.messagesPerDay, routes.length * least) }
    }),
  }
}
