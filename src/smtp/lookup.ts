import { bounceIn } from './bounce.ts'
import type { Catalogue, Entry } from './catalogue.ts'
import type { Cause } from './causes.ts'
import type { Classifier, Verdict } from './classify.ts'
import type { Mailboxes } from './mailbox.ts'
import { nearestCode, nearestKey } from './nearest.ts'
import { parseQuery, type Query } from './query.ts'
import { redact } from './redact.ts'
import { parseReply, type Reply } from './reply.ts'

/** Which stored replies an answer is about; the store's own filter has these fields too. */
export interface TrafficFilter {
  code?: number
  enhanced?: string
  cause?: Cause
  template?: string
  provider?: string
  /** A word of the reply: "TSS04". */
  word?: string
}

/** Own traffic to show. Several are given from the narrowest on: the first with any results is meant. */
export interface Traffic {
  /** "replies with 421 from Gmail" */
  what: string
  filter: TrafficFilter
}

interface Found {
  /** The question in one line, without addresses, such that asking it again gives the same answer. */
  query: string
  /** How it was understood where that needs a word: a typo, an unregistered code. */
  note: string | null
  entry: Entry
  /** Other entries that fit, best first, at most four. */
  also: readonly Entry[]
  traffic: readonly Traffic[]
}

export interface PagePlan extends Found {
  kind: 'page'
  /** The provider that was asked about. */
  provider: string | null
  /** The enhanced code as it was typed; the entry says `X.7.1`. */
  status: string | null
}

export interface ReplyPlan extends Found {
  kind: 'reply'
  reply: Reply
  verdict: Verdict
  /** Other answers in the same report. */
  others: number
}

export type LookupPlan = { kind: 'help' } | { kind: 'nothing'; query: string } | PagePlan | ReplyPlan

export interface LookupTools {
  catalogue: Catalogue
  classifier: Classifier
  mailboxes: Mailboxes
}

/** What a button's value may carry; Slack allows 2000 characters. */
const LONGEST_QUERY = 1500
const LONGEST_QUESTION = 100
const ALSO = 4

/** Decides what is asked and which pages answer it. Pure; never throws; bounded work for any input. */
export function planLookup(text: string, tools: LookupTools): LookupPlan {
  const trimmed = text.slice(0, 65_536).trim()
  if (trimmed === '') return { kind: 'help' }
  if (trimmed.length > LONGEST_QUESTION || trimmed.includes('\n')) return planReply(trimmed, tools)
  const query = parseQuery(trimmed, tools.mailboxes, (word) => tools.catalogue.byKey(word).length > 0)
  if (isReply(query, tools.catalogue)) return planReply(trimmed, tools)
  if (isSentence(query, tools.catalogue) && reads(trimmed, tools)) return planReply(trimmed, tools)
  return planPage(trimmed, query, tools) ?? planWords(trimmed, query, tools)
}

/** "550 user unknown" is a reply, "421 gmail" and "5.7.1 policy" are questions. */
function isReply({ code, enhanced, words }: Query, catalogue: Catalogue): boolean {
  if (code === null && enhanced === null) return false
  return words.length >= 2 && catalogue.byKey(words.join(' ')).every(({ kind }) => kind === 'cause')
}

/** Words without a code that may be a reply: "The mailbox is over quota", not "how do I warm up". */
function isSentence({ code, enhanced, words }: Query, catalogue: Catalogue): boolean {
  const isQuestion = /^(?:how|when|where|who|which|should|can|could|i|we|my|our)$/.test(words[0] ?? '')
  return (
    code === null &&
    enhanced === null &&
    words.length >= 3 &&
    !isQuestion &&
    catalogue.byKey(words.join(' ')).length === 0
  )
}

const reads = (text: string, { classifier }: LookupTools) => classifier.classify(parseReply(text)).cause !== 'unknown'

function planReply(text: string, { catalogue, classifier }: LookupTools): LookupPlan {
  const bounce = bounceIn(text)
  const reply = parseReply(redact(bounce.said))
  const verdict = classifier.classify(reply)
  const page = catalogue.cause(verdict.cause)
  const named = namedIn(reply.text, verdict, catalogue)
  const codes = [...pagesOf(reply.enhanced, catalogue), ...pagesOf(reply.code?.toString() ?? null, catalogue)]
  const [entry = page, ...also] = distinct([...named, page, ...codes])
  return {
    kind: 'reply',
    query: oneLine([reply.code, reply.enhanced, verdict.template].filter(Boolean).join(' ')),
    note: null,
    entry,
    also: also.slice(0, ALSO),
    traffic: trafficOf(verdict, verdict.provider ?? entry.provider),
    reply,
    verdict,
    others: bounce.others,
  }
}

function trafficOf({ template, cause }: Verdict, provider: string | null): Traffic[] {
  const same = { what: 'replies like this one', filter: { template } }
  if (cause === 'unknown') return [same]
  const wider = provider ? [{ what: `${cause} at ${provider}`, filter: { cause, provider } }] : []
  return [same, ...wider, { what: `replies of the cause ${cause}`, filter: { cause } }]
}

/** Tokens of a provider or names of a list in a reply ("[TSS04]", "(S3150)", "zen.spamhaus.org"). */
function namedIn(text: string, verdict: Verdict, catalogue: Catalogue): Entry[] {
  const tokens = text.match(/[a-z\d][a-z\d.:_#-]{2,40}/gi)?.slice(0, 400) ?? []
  const listed = verdict.names.flatMap((name) => catalogue.byKey(name.toLowerCase()))
  const found = tokens.flatMap((token) => {
    const key = token.toLowerCase().replace(/[.:_#-]+$/, '')
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

/** The pages of a code, the particular before the general; of several providers' pages those of the one asked about. */
function pagesOf(code: string | null, catalogue: Catalogue, provider: string | null = null): Entry[] {
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

function planPage(text: string, query: Query, { catalogue, mailboxes }: LookupTools): LookupPlan | null {
  const { provider, enhanced, code } = query
  const token = query.words.join(' ')
  const asked = token === '' ? [] : catalogue.byKey(token, provider)
  const single = asked.length > 0 ? [] : query.words.flatMap((word) => catalogue.byKey(word, provider))
  const hasCode = code !== null || enhanced !== null
  const named = hasCode
    ? asked.filter((entry) => provider === null || entry.provider === provider)
    : [...asked, ...single]
  const pages = distinct([
    ...named,
    ...pagesOf(enhanced, catalogue, provider),
    ...pagesOf(code, catalogue, provider),
    ...(!hasCode && named.length === 0 && provider ? providerPages(query, catalogue, mailboxes) : []),
  ])
  const fallback = pages.length > 0 || code === null ? null : nearestCode(code, catalogue)
  const [entry, ...also] = fallback ? fallback.entries : pages
  if (entry === undefined) return null
  const beside = provider && (code ?? enhanced) ? atProvider(entry, code ?? enhanced!, provider, catalogue) : []
  return {
    kind: 'page',
    query: oneLine(text),
    note: query.misread ?? fallback?.why ?? unregistered(enhanced, entry, catalogue),
    entry,
    also: distinct([...beside, ...also])
      .filter((each) => each !== entry)
      .slice(0, ALSO),
    provider,
    status: enhanced,
    traffic: trafficAbout(query, entry, fallback ? entry.id : code, mailboxes),
  }
}

/** What is said of a provider as a whole; there may be no page of its own. */
function providerPages({ provider, name }: Query, catalogue: Catalogue, mailboxes: Mailboxes): Entry[] {
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
      avoid: ['What keeps other providers content serves here too.'],
      unsaid: null,
      links: link?.startsWith('https:') ? [{ label: 'Postmaster page', url: link }] : [],
      provider,
      standard: true,
      keys: [],
    },
  ]
}

/** What this provider in particular means by a code: pages with such a status, then those with the same causes. */
function atProvider(entry: Entry, code: string, provider: string, catalogue: Catalogue): Entry[] {
  const statuses = ({ keys }: Entry) => keys.filter((key) => /^[245]\./.test(key))
  const own = catalogue.ofProvider(provider).filter(({ id }) => id !== provider)
  const sameClass = own.filter((page) => statuses(page).some((key) => key.startsWith(code.slice(0, 1))))
  const sameCause = own.filter(
    (page) => statuses(page).length === 0 && page.causes.some((cause) => entry.causes.includes(cause)),
  )
  return [...sameClass, ...sameCause]
}

function unregistered(enhanced: string | null, entry: Entry, catalogue: Catalogue): string | null {
  if (enhanced === null || entry.kind !== 'enhanced' || !/^[245](?:\.\d+){2}$/.test(enhanced)) return null
  if (catalogue.get(enhanced.replace(/^[245]/, 'X'))) return null
  return `${enhanced} is not in IANA's registry; what its first two numbers say still holds.`
}

function trafficAbout(query: Query, entry: Entry, code: string | null, mailboxes: Mailboxes): Traffic[] {
  const { provider, enhanced, words } = query
  const from = provider ? ` from ${mailboxes.nameOf(provider)}` : ''
  const at = provider ? { provider } : {}
  // Deliveries are mostly counted without their text.
  if (entry.causes.length === 0 && entry.kind !== 'family') return []
  if (code !== null || enhanced !== null) {
    const status = enhanced !== null && /^\d(?:\.\d+){2}$/.test(enhanced) ? { enhanced } : {}
    const filter = { ...(code === null ? {} : { code: Number(code) }), ...status, ...at }
    const what = `replies with ${[code, enhanced].filter(Boolean).join(' ')}${from}`
    return Object.keys(filter).length === 0 ? [] : [{ what, filter }]
  }
  if (entry.kind === 'cause') {
    return [{ what: `replies of the cause ${entry.id}${from}`, filter: { cause: entry.id as Cause, ...at } }]
  }
  if (entry.kind === 'code')
    return [{ what: `replies with ${entry.id}${from}`, filter: { code: Number(entry.id), ...at } }]
  const word = words.join(' ')
  if (word !== '') return [{ what: `replies that say "${word}"${from}`, filter: { word, ...at } }]
  return provider ? [{ what: `failures at ${mailboxes.nameOf(provider)}`, filter: { provider } }] : []
}

/** Words that are no key: taken as a typo of one, then looked for in the pages. */
function planWords(text: string, query: Query, tools: LookupTools): LookupPlan {
  const { catalogue } = tools
  const slip = nearestKey(query.words.join(' '), catalogue)
  if (slip) {
    const plan = planPage(slip, { ...query, words: slip.split(' ') }, tools)
    if (plan?.kind === 'page') return { ...plan, note: `"${oneLine(query.words.join(' '))}" was read as ${slip}.` }
  }
  const [entry, ...also] = catalogue.search(query.words)
  if (!entry) return { kind: 'nothing', query: oneLine(text) }
  return {
    kind: 'page',
    query: oneLine(text),
    note: null,
    entry,
    also: also.slice(0, ALSO),
    provider: query.provider,
    status: null,
    traffic: entry.kind === 'cause' || entry.kind === 'code' ? trafficAbout(query, entry, null, tools.mailboxes) : [],
  }
}

const oneLine = (text: string) => redact(text).replace(/\s+/g, ' ').slice(0, LONGEST_QUERY)
const distinct = (entries: readonly Entry[]): Entry[] => [...new Set(entries)]
