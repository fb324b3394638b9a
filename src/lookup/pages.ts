import type { Verdict } from '../smtp/classify/classify.ts'
import type { Mailboxes } from '../smtp/mailbox.ts'
import type { Catalogue, Entry } from './catalogue.ts'
import type { Query } from './query.ts'

/** The pages of a code, the particular before the general; of several providers' pages those of the one asked about. */
export function pagesOf(code: string | null, catalogue: Catalogue, provider: string | null = null): Entry[] {
  if (code === null) return []
  const families = catalogue
    .byKey(code.toLowerCase(), provider)
    .filter((entry) => entry.kind === 'family' && (provider === null || entry.provider === provider))
  return distinct([...families, ...registered(code, catalogue)])
}

/** `5.7.26` is described by `X.7.26`; where that is not registered, by `X.7.X` and `5.X.X`. */
function registered(code: string, catalogue: Catalogue): Entry[] {
  const [kind, subject] = code.split('.')
  const exact = catalogue.get(subject === undefined ? code : code.replace(/^[245]/, 'X'))
  if (exact) return [exact]
  return [`X.${subject}.X`, `${kind}.X.X`].flatMap((id) => catalogue.get(id) ?? [])
}

/** Tokens of a provider or names of a list in a reply ("[TSS04]", "(S3150)", "zen.spamhaus.org"). */
export function namedIn(text: string, verdict: Verdict, catalogue: Catalogue): Entry[] {
  const tokens = text.match(/[a-z\d][a-z\d.:_#-]{2,40}/gi)?.slice(0, 400) ?? []
  // "Spamhaus PBL", "Microsoft S3140/S3150": the last word is the most particular.
  const listed = verdict.names.flatMap((name) =>
    [name, ...name.split(/[ /]/).reverse()].flatMap((part) => catalogue.byKey(part.toLowerCase())),
  )
  const found = tokens.flatMap((token) => {
    const key = token.toLowerCase().replace(/(?<![.:_#-])[.:_#-]+$/, '')
    // A plain short word ("free", "css") is only a token where a list or provider was recognised by it.
    if (!/\d|[._:]/.test(key) && key.length < 12) return []
    return catalogue.byKey(key, verdict.provider)
  })
  return [...found, ...listed].filter(
    ({ kind, provider, causes }) =>
      (kind === 'list' && verdict.cause === 'blocklisted') ||
      (kind === 'family' && causes.includes(verdict.cause) && (!verdict.provider || provider === verdict.provider)),
  )
}

/** What is said of a provider as a whole; there may be no page of its own. */
export function providerPages({ provider, name }: Query, catalogue: Catalogue, mailboxes: Mailboxes): Entry[] {
  const own = [catalogue.get(provider!) ?? [], catalogue.byKey(name, provider), catalogue.ofProvider(provider!)].flat()
  if (own.length > 0) return own
  const link = mailboxes.linkOf(provider!)
  return [
    {
      id: provider!,
      kind: 'family',
      title: `${mailboxes.nameOf(provider!)}: no codes of its own are known`,
      means: 'It answers with the codes of the standards; ask for the code, or paste the reply.',
      causes: [],
      now: ['Paste a whole reply of this provider to see what it means.'],
      avoid: [],
      unsaid: null,
      links: link?.startsWith('https:') ? [{ label: 'Postmaster page', url: link }] : [],
      provider,
      standard: true,
      keys: [],
    },
  ]
}

/** What this provider in particular means by a code or a cause: pages with such a status first, then such causes. */
export function atProvider(entry: Entry, code: string | null, provider: string, catalogue: Catalogue): Entry[] {
  const own = catalogue.ofProvider(provider).filter(({ id }) => id !== provider)
  const alike = own.filter(({ causes }) => causes.some((cause) => entry.causes.includes(cause)))
  if (code === null) return entry.kind === 'cause' ? alike : []
  const statuses = ({ keys }: Entry) => keys.filter((key) => /^[245]\./.test(key))
  const sameClass = own.filter((page) => statuses(page).some((key) => key.startsWith(code.slice(0, 1))))
  return [...sameClass, ...alike.filter((page) => statuses(page).length === 0)]
}

export const distinct = (entries: readonly Entry[]): Entry[] => [...new Set(entries)]
