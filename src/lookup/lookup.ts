import type { Classifier, Verdict } from '../smtp/classify/classify.ts'
import type { Mailboxes } from '../smtp/mailbox.ts'
import { redact } from '../smtp/redact.ts'
import { bounceIn } from '../smtp/reply/bounce.ts'
import { parseReply, type Reply } from '../smtp/reply/reply.ts'
import type { Catalogue, Entry } from './catalogue.ts'
import { nearestCode, nearestKeys, nearestNames } from './did-you-mean.ts'
import { atProvider, distinct, namedIn, pagesOf, providerPages } from './pages.ts'
import { parseQuery, type Query } from './query.ts'
import { type Traffic, trafficAbout, trafficOf } from './traffic.ts'

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
/** More words than these are no question about a provider. */
const MOST_GUESSED = 3
/** What else a slip of the pen may stand for. */
const OTHERS = 2

/** Decides what is asked and which pages answer it. Pure; never throws; bounded work for any input. */
export function planLookup(text: string, tools: LookupTools): LookupPlan {
  const trimmed = text.slice(0, 65_536).trim()
  if (trimmed === '') return { kind: 'help' }
  if (trimmed.length > LONGEST_QUESTION || trimmed.includes('\n')) return planReply(trimmed, tools)
  const isKnown = (words: string) => tools.catalogue.byKey(words).length > 0
  const query = withNearProvider(parseQuery(trimmed, tools.mailboxes, isKnown), tools)
  if (isReply(query, tools.catalogue)) return planReply(trimmed, tools)
  if (isSentence(query, tools.catalogue) && reads(trimmed, tools)) return planReply(trimmed, tools)
  return planPage(trimmed, query, tools) ?? planWords(trimmed, query, tools)
}

/** "outlok 550" asks about Outlook. A guess, so the answer says so and names what else it may be. */
function withNearProvider(query: Query, { catalogue, mailboxes }: LookupTools): Query {
  if (query.provider !== null || query.words.length > MOST_GUESSED) return query
  for (const [at, word] of query.words.entries()) {
    if (catalogue.byKey(word).length > 0 || catalogue.hasWord(word)) continue
    const [name, ...others] = nearestNames(word, mailboxes.names)
    if (name === undefined) continue
    const provider = mailboxes.providerFromName(name)
    const different = others.filter((other) => mailboxes.providerFromName(other) !== provider)
    return {
      ...query,
      provider,
      name,
      words: query.words.toSpliced(at, 1),
      misread: [query.misread, wasRead(word, name, different)].filter(Boolean).join(' '),
    }
  }
  return query
}

/** `"outlok" was read as outlook. It may also be x or y.` */
function wasRead(typed: string, meant: string, others: readonly string[]): string {
  const rest = others.slice(0, OTHERS)
  return `"${oneLine(typed)}" was read as ${meant}.${rest.length > 0 ? ` It may also be ${rest.join(' or ')}.` : ''}`
}

/** "550 user unknown" is a reply, "421 gmail" and "5.7.1 policy" are questions. */
function isReply({ code, enhanced, words }: Query, catalogue: Catalogue): boolean {
  if (code === null && enhanced === null) return false
  // "550' OR 1=1" says nothing.
  if (!words.some((word) => /\p{L}{3}/u.test(word))) return false
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

function planReply(text: string, { catalogue, classifier, mailboxes }: LookupTools): LookupPlan {
  const bounce = bounceIn(text)
  const reply = parseReply(redact(bounce.said))
  const verdict = classifier.classify(reply)
  const page = catalogue.cause(verdict.cause)
  const codes = [reply.enhanced, reply.code?.toString() ?? null].flatMap((code) =>
    pagesOf(code, catalogue, verdict.provider ?? ''),
  )
  const own = codes.filter(({ kind, causes }) => kind === 'family' && causes.includes(verdict.cause))
  const named = [...namedIn(reply.text, verdict, catalogue), ...own]
  const [entry = page, ...also] = distinct([...named, page, ...codes])
  return {
    kind: 'reply',
    query: oneLine([reply.code, reply.enhanced, verdict.template].filter(Boolean).join(' ')),
    note: null,
    entry,
    also: also.slice(0, ALSO),
    traffic: trafficOf(verdict, verdict.provider ?? entry.provider, mailboxes),
    reply,
    verdict,
    others: bounce.others,
  }
}

function planPage(text: string, query: Query, { catalogue, mailboxes }: LookupTools): LookupPlan | null {
  const { provider, enhanced, code } = query
  const token = query.words.join(' ')
  const asked =
    token === ''
      ? []
      : [
          catalogue.byKey(`${query.name} ${token}`),
          catalogue.get(query.words.join('/')) ?? [],
          catalogue.byKey(token, provider),
        ].flat()
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
  const beside = provider ? atProvider(entry, code ?? enhanced, provider, catalogue) : []
  return {
    kind: 'page',
    query: oneLine(text),
    note: sentences(
      query.misread,
      fallback?.why ?? unregistered(enhanced, entry, catalogue),
      leftOut(query, catalogue),
    ),
    entry,
    also: distinct([...beside, ...also])
      .filter((each) => each !== entry)
      .slice(0, ALSO),
    provider,
    status: enhanced,
    traffic: trafficAbout(query, entry, fallback ? entry.id : code, mailboxes),
  }
}

function unregistered(enhanced: string | null, entry: Entry, catalogue: Catalogue): string | null {
  if (enhanced === null || entry.kind !== 'enhanced' || !/^[245](?:\.\d+){2}$/.test(enhanced)) return null
  if (catalogue.get(enhanced.replace(/^[245]/, 'X'))) return null
  return `${enhanced} is not in IANA's registry; what its first two numbers say still holds.`
}

/** Words that are no key: taken as a typo of one, then looked for in the pages. */
function planWords(text: string, query: Query, tools: LookupTools): LookupPlan {
  const { catalogue } = tools
  const [slip, ...others] = nearestKeys(query.words.join(' '), catalogue)
  const plan = slip ? planPage(slip, { ...query, words: slip.split(' ') }, tools) : null
  if (slip && plan?.kind === 'page') {
    const different = others.filter((other) => catalogue.byKey(other)[0] !== plan.entry)
    return { ...plan, note: sentences(query.misread, wasRead(query.words.join(' '), slip, different)) }
  }
  const [entry, ...also] = catalogue.search(query.words)
  if (!entry) return { kind: 'nothing', query: oneLine(text) }
  return {
    kind: 'page',
    query: oneLine(text),
    note: sentences(
      query.misread,
      `Nothing is called "${oneLine(query.words.join(' '))}"; this is nearest by its words.`,
    ),
    entry,
    also: also.slice(0, ALSO),
    provider: query.provider,
    status: null,
    traffic: entry.kind === 'cause' || entry.kind === 'code' ? trafficAbout(query, entry, null, tools.mailboxes) : [],
  }
}

/** Words beside a code or a key that mean nothing to us: the answer is not about them. */
function leftOut({ words }: Query, catalogue: Catalogue): string | null {
  if (catalogue.byKey(words.join(' ')).length > 0) return null
  const unknown = words.filter((word) => catalogue.byKey(word).length === 0 && !catalogue.hasWord(word))
  if (unknown.length === 0) return null
  return `"${oneLine(unknown.join(' '))}" was not understood, so this is about the rest.`
}

const sentences = (...all: (string | null | undefined)[]): string | null => all.filter(Boolean).join(' ') || null

const oneLine = (text: string) => redact(text).replace(/\s+/g, ' ').slice(0, LONGEST_QUERY)
