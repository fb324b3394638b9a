const MINUTE_MS = 60_000
/** Wrong tokens from one address within a minute, after which no token is looked at until the minute is over. */
const MOST_PER_ADDRESS = 5
/** The same for all addresses together: an attacker may have many. */
const MOST_IN_ALL = 50

interface Tally {
  wrong: number
  /** When its minute began, in ms. */
  since: number
}

export interface Attempts {
  /** Seconds until a token from this address is looked at again; 0: now. */
  waitFor(address: string): number
  /** Notes a wrong token; true where it was the last one for this minute. */
  wrong(address: string): boolean
}

/** How often the token was guessed at. It forgets all it knows after a minute, so it stays small. */
export function createAttempts(now: () => number): Attempts {
  const byAddress = new Map<string, Tally>()
  let all: Tally = { wrong: 0, since: 0 }
  const isOver = ({ since }: Tally) => now() - since >= MINUTE_MS || now() < since
  const current = (tally: Tally | undefined) => (tally && !isOver(tally) ? tally : { wrong: 0, since: now() })
  const secondsLeft = ({ wrong, since }: Tally, most: number) =>
    wrong < most ? 0 : Math.max(1, Math.ceil((since + MINUTE_MS - now()) / 1000))

  return {
    waitFor(address) {
      const tally = current(byAddress.get(networkOf(address)))
      return Math.max(secondsLeft(tally, MOST_PER_ADDRESS), secondsLeft(current(all), MOST_IN_ALL))
    },
    wrong(address) {
      for (const [network, tally] of byAddress) if (isOver(tally)) byAddress.delete(network)
      const network = networkOf(address)
      const tally = current(byAddress.get(network))
      tally.wrong += 1
      byAddress.set(network, tally)
      all = current(all)
      all.wrong += 1
      return tally.wrong === MOST_PER_ADDRESS || all.wrong === MOST_IN_ALL
    },
  }
}

/** Who has one IPv6 address has a whole /64 of them. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const zeros = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...(tail ?? '').split(':')].slice(0, 4).join(':')
}
