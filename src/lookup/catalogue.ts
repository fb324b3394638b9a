import type { Cause } from '../smtp/causes.ts'

interface Link {
  label: string
  url: string
}

/**
 * `code`: a basic reply code; `enhanced`: IANA's registry; `family`: a provider's own codes; `list`: a block list;
 * `term`: a word of the field, such as "soft bounce".
 */
type EntryKind = 'code' | 'enhanced' | 'family' | 'list' | 'term' | 'cause'

/** A page of the catalogue: what a code, a token, a list or a cause means, and what to do. */
export interface Entry {
  /** `550`, `X.7.26`, `yahoo/TSS04`, `spamhaus/PBL`, `mailbox-full`. */
  id: string
  kind: EntryKind
  title: string
  /** In our words, one or two sentences. */
  means: string
  /** The usual causes, the likeliest first. Empty for replies that are no failure. */
  causes: readonly Cause[]
  /** What to do now, and what keeps it from coming back; the most useful first. */
  now: readonly string[]
  avoid: readonly string[]
  /** What the code does not tell. */
  unsaid: string | null
  links: readonly Link[]
  /** Whose code it is: the id of a mailbox provider. */
  provider: string | null
  /** False for codes that no standard names. */
  standard: boolean
  /** What people type to get here, in lower case. `%` stands for a digit, `*` for any letters and digits. */
  keys: readonly string[]
}

/** An entry as it stands in a file: what is left out comes from the file, the RFC and the first cause. */
interface RawEntry {
  id: string
  title: string
  means: string
  causes: readonly Cause[]
  now?: readonly string[] | undefined
  avoid?: readonly string[] | undefined
  unsaid?: string | undefined
  links?: readonly Link[] | undefined
  /** Number and section: `5321 4.2.3`. */
  rfc?: string | undefined
  seen?: boolean | undefined
  provider?: string | undefined
  keys?: readonly string[] | undefined
}

export interface CodeFile {
  kind: EntryKind
  provider?: string | undefined
  /** The document that every entry of the file leads to. */
  link?: Link | undefined
  entries: readonly RawEntry[]
}

export interface Catalogue {
  entries: readonly Entry[]
  /** By id, in any case. */
  get(id: string): Entry | undefined
  cause(cause: Cause): Entry
  /** Entries that one of their keys fits exactly, those of `provider` first. */
  byKey(key: string, provider?: string | null): readonly Entry[]
  /** A provider's own entries, the most important first. */
  ofProvider(provider: string): readonly Entry[]
  /** Entries that have these words in keys, title or meaning, best first. */
  search(words: readonly string[]): readonly Entry[]
  /** Whether any entry has the word, or it is one that says nothing ("the"). */
  hasWord(word: string): boolean
  /** Every key without a pattern, for spotting typos. */
  keys: readonly string[]
}

const REGISTRY = { label: 'IANA registry', url: 'https://www.iana.org/assignments/smtp-enhanced-status-codes' }

/** Resolves what the files leave out, and indexes what people may ask for. */
export function createCatalogue(files: readonly CodeFile[]): Catalogue {
  const pages = new Map(
    files.filter(({ kind }) => kind === 'cause').flatMap(({ entries }) => entries.map((entry) => [entry.id, entry])),
  )
  const entries = files.flatMap((file) => file.entries.map((raw) => resolve(raw, file, pages)))
  const byId = new Map(entries.map((entry) => [entry.id.toLowerCase(), entry]))
  const exact = groupBy(entries.flatMap((entry) => plainKeys(entry).map((key) => ({ key, entry }))))
  const patterns = entries.flatMap((entry) =>
    entry.keys.filter(isPattern).map((key) => ({ entry, expression: compile(key) })),
  )
  const words = indexWords(entries)
  return {
    entries,
    get: (id) => byId.get(id.toLowerCase()),
    cause: (cause) => byId.get(cause)!,
    byKey(key, provider = null) {
      const fits = patterns.filter(({ expression }) => expression.test(key)).map(({ entry }) => entry)
      const found = [...new Set([...(exact.get(key) ?? []), ...fits])]
      return found.sort((a, b) => rank(a, provider) - rank(b, provider))
    },
    ofProvider: (provider) => entries.filter((entry) => entry.provider === provider),
    search: (asked) => search(words, asked),
    hasWord: (word) => EMPTY.has(word) || words.weights.has(word),
    keys: [...exact.keys()],
  }
}

function resolve(raw: RawEntry, file: CodeFile, pages: Map<string, RawEntry>): Entry {
  const page = pages.get(raw.causes[0] ?? (file.kind === 'cause' ? raw.id : ''))
  const links = [...(raw.links ?? []), ...(raw.rfc ? [rfcLink(raw.rfc)] : []), ...(file.link ? [file.link] : [])]
  return {
    id: raw.id,
    kind: file.kind,
    title: raw.title,
    means: raw.means,
    causes: file.kind === 'cause' ? [raw.id as Cause] : raw.causes,
    now: raw.now ?? page?.now ?? [],
    avoid: raw.avoid ?? page?.avoid ?? [],
    unsaid: raw.unsaid ?? null,
    links: links.length > 0 ? links : raw.seen ? [REGISTRY] : (page?.links ?? []),
    provider: raw.provider ?? file.provider ?? null,
    standard: raw.seen !== true,
    keys: raw.keys ?? [],
  }
}

function rfcLink(rfc: string): Link {
  const [number = '', section] = rfc.split(' ')
  const url = `https://www.rfc-editor.org/rfc/rfc${number}`
  return section
    ? { label: `RFC ${number}, ${section}`, url: `${url}#section-${section}` }
    : { label: `RFC ${number}`, url }
}

const isPattern = (key: string) => /[%*]/.test(key)

/** The id's own parts are keys too: `spamhaus/PBL` is found by `pbl`. */
function plainKeys({ id, kind, keys }: Entry): string[] {
  const own = kind === 'family' ? [] : id.toLowerCase().split('/').slice(-1)
  return [...new Set([...own, ...keys.filter((key) => !isPattern(key))])]
}

const compile = (key: string) =>
  new RegExp(
    `^${key
      .replace(/[.+?^$()[\]{}|\\]/g, '\\$&')
      .replaceAll('%', '\\d')
      .replaceAll('*', '[a-z\\d]*')}$`,
  )

/** The asked-for provider's own first, then what belongs to one provider, then the general. */
const RANKS: Record<EntryKind, number> = { family: 1, list: 2, term: 3, code: 4, enhanced: 4, cause: 5 }
const rank = (entry: Entry, provider: string | null) =>
  provider !== null && entry.provider === provider ? 0 : RANKS[entry.kind]

function groupBy(pairs: readonly { key: string; entry: Entry }[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const { key, entry } of pairs) {
    const group = groups.get(key)
    if (group) group.push(entry)
    else groups.set(key, [entry])
  }
  return groups
}

const DOMAIN = /\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|example)\b/g

interface WordIndex {
  entries: readonly Entry[]
  /** Word -> entry -> how much it speaks for it. */
  weights: Map<string, Map<Entry, number>>
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** "does not exist" has no word that tells; "quota" tells much. */
const EMPTY = new Set(
  wordsOf(
    'a an and are as at be by for from has in is it its no not of on or that the to was with your you i me my we do how can when which who why what',
  ),
)
/** A word in a key says more than one in the title, that more than one in the text. */
const WEIGHTS = { key: 6, title: 3, text: 1 }

function indexWords(entries: readonly Entry[]): WordIndex {
  const weights: WordIndex['weights'] = new Map()
  const add = (text: string, entry: Entry, weight: number) => {
    for (const word of new Set(wordsOf(text))) {
      if (EMPTY.has(word)) continue
      const row = weights.get(word) ?? new Map<Entry, number>()
      row.set(entry, Math.max(row.get(entry) ?? 0, weight))
      weights.set(word, row)
    }
  }
  for (const entry of entries) {
    for (const key of plainKeys(entry)) add(key, entry, WEIGHTS.key)
    add(entry.title, entry, WEIGHTS.title)
    // Domains that serve as examples ("gmial.com") are no words.
    for (const text of [entry.means, ...entry.now, ...entry.avoid]) add(text.replace(DOMAIN, ' '), entry, WEIGHTS.text)
  }
  return { entries, weights }
}

/** Entries that have more than half of the words that tell anything: one word of many is a coincidence. */
function search({ entries, weights }: WordIndex, asked: readonly string[]): Entry[] {
  const scores = new Map<Entry, number>()
  const found = new Map<Entry, number>()
  const telling = new Set(asked.filter((word) => !EMPTY.has(word)))
  for (const word of telling) {
    const row = weights.get(word)
    for (const entry of row?.keys() ?? []) found.set(entry, (found.get(entry) ?? 0) + 1)
    // A word that stands everywhere says little (inverse document frequency).
    const tells = row ? Math.log(1 + entries.length / row.size) : 0
    for (const [entry, weight] of row ?? []) scores.set(entry, (scores.get(entry) ?? 0) + weight * tells)
  }
  const general = (entry: Entry) => (entry.kind === 'cause' ? 1.25 : 1)
  return [...scores]
    .filter(([entry]) => 2 * found.get(entry)! > telling.size)
    .map(([entry, score]) => ({ entry, score: score * general(entry) }))
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry)
}
