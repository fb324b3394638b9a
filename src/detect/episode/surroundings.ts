import type { Slice } from '../state/slice.ts'

/** Of a source: how many slices send mail through it, and by what names. */
interface Surroundings {
  slices: number
  ips: Set<string>
  providers: Set<string>
  domains: Set<string>
}

/** All slices that send mail, by source. */
export function surroundingsOf(among: Iterable<Slice>): ReadonlyMap<string, Surroundings> {
  const all = new Map<string, Surroundings>()
  for (const { source, provider, ip, senderDomain } of among) {
    let own = all.get(source)
    if (!own) {
      own = { slices: 0, ips: new Set(), providers: new Set(), domains: new Set() }
      all.set(source, own)
    }
    own.slices++
    if (ip !== '') own.ips.add(ip)
    if (provider !== '') own.providers.add(provider)
    if (senderDomain !== '') own.domains.add(senderDomain)
  }
  return all
}

/** Of all sources. */
export type Among = ReturnType<typeof surroundingsOf>
