import type { Among } from '../detect/episode/surroundings.ts'
import type { Slice } from '../detect/state/slice.ts'

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']
const word = (n: number): string => WORDS[n] ?? String(n)
const some = (n: number, what: string): string => `${word(n)} ${what}${n === 1 ? '' : 's'}`

const distinct = (slices: readonly Slice[], dim: keyof Slice): string[] => [
  ...new Set(slices.map((slice) => slice[dim]).filter((value) => value !== '')),
]

/**
 * How far a trouble reaches, in a sentence: "one IP, three providers". `among` are all slices that send mail through any
 * source; `nameOf` says what people call a provider.
 */
export function extentOf(
  slices: readonly Slice[],
  among: Among,
  nameOf: (provider: string) => string = capitalized,
): string {
  const sources = distinct(slices, 'source')
  const providers = distinct(slices, 'provider')
  const place =
    sources.length > 1
      ? acrossSources(slices, among, sources, providers, nameOf)
      : inSource(slices, among, providers, nameOf)
  const domains = distinct(slices, 'senderDomain')
  const hasOthers = new Set(sources.flatMap((source) => [...(among.get(source)?.domains ?? [])])).size > 1
  return domains.length === 1 && hasOthers ? `${place}; only mail from ${domains[0]}` : place
}

function acrossSources(
  slices: readonly Slice[],
  among: Among,
  sources: readonly string[],
  providers: readonly string[],
  nameOf: (provider: string) => string,
): string {
  const known = among.size
  const where =
    sources.length < known
      ? `${word(sources.length)} of ${word(known)} sources`
      : known === 2
        ? 'both sources'
        : 'all sources'
  const ips = distinct(slices, 'ip')
  if (ips.length === 1) return `one IP, seen through ${where}`
  const verdict = 'it is your domain or what you send, not their IPs'
  const [provider] = providers
  if (providers.length === 1 && provider) return `${nameOf(provider)} on ${where}: ${verdict}`
  return `${some(providers.length, 'provider')} on ${where}: ${verdict}`
}

function inSource(
  slices: readonly Slice[],
  among: Among,
  providers: readonly string[],
  nameOf: (provider: string) => string,
): string {
  const source = slices[0]?.source ?? ''
  const own = among.get(source)
  const ips = distinct(slices, 'ip')
  const allIps = own?.ips.size ?? 0
  const allProviders = own?.providers.size ?? 0
  const [provider] = providers
  if (providers.length === 1 && provider) {
    const only = allProviders > 1 ? ' only' : ''
    if (allIps <= 1) return `${nameOf(provider)}${only}`
    if (ips.length === allIps) return `${nameOf(provider)}${only}, all your IPs`
    return `${nameOf(provider)}${only}, ${word(ips.length)} of ${word(allIps)} IPs`
  }
  if (slices.length === own?.slices && slices.length > 1) return `everything sent through ${source}`
  if (allIps > 1 && ips.length === allIps) return `${some(providers.length, 'provider')}, all your IPs`
  if (ips.length > 0 && allIps > 1) return `${some(ips.length, 'IP')}, ${some(providers.length, 'provider')}`
  return `${word(providers.length)} of ${some(allProviders, 'provider')}`
}

const capitalized = (provider: string) => provider.charAt(0).toUpperCase() + provider.slice(1)
