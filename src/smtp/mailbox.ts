/** A mailbox provider or a gateway in front of one, as `providers.yaml` has it. */
export interface ProviderFacts {
  id: string
  name: string
  /** Recipient domains that it hosts under its own name. */
  domains: readonly string[]
  /** Suffixes of its MX hosts, which other people's domains point to. */
  mx: readonly string[]
  /** What ESPs call it ("Google Mail"). */
  names: readonly string[]
  /** Phrases that only its own replies contain. */
  text: readonly string[]
  /** Its page for senders, or ''. */
  link: string
}

export interface Mailboxes {
  /** The provider of a recipient's domain; the MX host decides where the domain is nobody's. `other` if unknown. */
  providerOf(domain: string, mx?: string): string
  /** The provider that an ESP means by a name, or `other`. */
  providerFromName(name: string): string
  /** Its name for people; the id itself where there is none. */
  nameOf(id: string): string
  /** Every name that `providerFromName` knows, in lower case. */
  names: readonly string[]
  linkOf(id: string): string | null
}

export const OTHER = 'other'

/** Domain and MX look-ups over the table of providers. */
export function createMailboxes(providers: readonly ProviderFacts[]): Mailboxes {
  const byDomain = new Map<string, string>()
  const byMx = new Map<string, string>()
  const byName = new Map<string, string>()
  const byId = new Map(providers.map((provider) => [provider.id, provider]))
  for (const provider of providers) {
    for (const domain of provider.domains) byDomain.set(domain, provider.id)
    for (const suffix of provider.mx) byMx.set(suffix, provider.id)
    for (const name of [provider.id, provider.name, ...provider.names]) byName.set(plain(name), provider.id)
  }
  return {
    providerOf(domain, mx) {
      const host = lower(domain)
      const own = bySuffix(byDomain, host)
      if (own) return own
      return (mx === undefined ? undefined : bySuffix(byMx, lower(mx))) ?? bySuffix(byMx, host) ?? OTHER
    },
    providerFromName: (name) => byName.get(plain(name)) ?? OTHER,
    names: [
      ...new Set(providers.flatMap(({ id, name, names }) => [id, name, ...names]).map((name) => name.toLowerCase())),
    ],
    nameOf: (id) => byId.get(id)?.name ?? id,
    linkOf: (id) => byId.get(id)?.link || null,
  }
}

const lower = (host: string) => (host.endsWith('.') ? host.slice(0, -1) : host).toLowerCase()
const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/** The value of the longest suffix, by whole labels: `mx.a.example` finds `a.example`. */
function bySuffix(table: Map<string, string>, host: string): string | undefined {
  for (let at = 0; at >= 0; at = host.indexOf('.', at) + 1 || -1) {
    const found = table.get(at === 0 ? host : host.slice(at))
    if (found) return found
  }
  return undefined
}
