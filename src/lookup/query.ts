import { type Mailboxes, OTHER } from '../smtp/mailbox.ts'

/** What people ask, taken apart. */
export interface Query {
  /** `550`, `5.7.26`, `X.7.26`; null where none was typed. */
  code: string | null
  enhanced: string | null
  /** The id of a mailbox provider that is named. */
  provider: string | null
  /** The words that named it. */
  name: string
  /** What is left, in lower case. */
  words: readonly string[]
  /** How a slip of the pen was read: `"55O" was read as 550`. */
  misread: string | null
}

/** A question has few words; more of them is a reply. */
const MOST_WORDS = 24

/** `isKnown` tells words of the catalogue, which are never taken for slips of the pen. */
export function parseQuery(text: string, mailboxes: Mailboxes, isKnown: (word: string) => boolean): Query {
  const query: Query = { code: null, enhanced: null, provider: null, name: '', words: [], misread: null }
  const rest: string[] = []
  const all: string[] = []
  for (const raw of tokensOf(text)) {
    const token = raw.toLowerCase()
    const meant = digitsFor(token)
    if (query.code === null && CODE.test(token)) query.code = token
    else if (query.enhanced === null && ENHANCED.test(token)) query.enhanced = token.toUpperCase()
    else if (meant !== null && !isKnown(token) && query.code === null && CODE.test(meant)) {
      query.code = meant
      query.misread = `"${raw}" was read as ${meant}.`
    } else if (meant !== null && !isKnown(token) && query.enhanced === null && ENHANCED.test(meant)) {
      query.enhanced = meant.toUpperCase()
      query.misread = `"${raw}" was read as ${meant}.`
    } else {
      all.push(token)
      if (!NOISE.has(token)) rest.push(token)
    }
  }
  // "soft bounce" is a term, though "bounce" by itself says nothing.
  return { ...query, ...withoutProvider(isKnown(all.join(' ')) ? all : rest, mailboxes) }
}

const CODE = /^[1-5]\d\d$/
const ENHANCED = /^[245x]\.(?:\d{1,3}|x)\.(?:\d{1,3}|x)$/
const NOISE = new Set(
  'smtp /smtp error errors code codes bounce bounces reply what is are does mean means why the a at from'.split(' '),
)

/** "550-5.1.1", "550/5.1.1" and "550,5.1.1" are a code and an enhanced code. */
function tokensOf(text: string): string[] {
  return text
    .replace(/\b([2-5]\d\d)[-/,]([245]\.\d)/g, '$1 $2')
    .split(/\s+/, MOST_WORDS)
    .map((token) => token.replace(/^["'`(<[{,;:?!]+|(?<!["'`)>\]}.,;:?!])["'`)>\]}.,;:?!]+$/g, ''))
    .filter((token) => token !== '')
}

/** What the hand meant that wrote a letter for a digit; null where there is nothing to correct. */
function digitsFor(token: string): string | null {
  if (token.length > 9 || !/\d/.test(token) || !/^[\d.oilsbxz|]+$/.test(token)) return null
  const meant = token.replace(/[oilsbz|]/g, (letter) => LOOKS_LIKE[letter]!)
  return meant === token ? null : meant
}
const LOOKS_LIKE: Record<string, string> = { o: '0', i: '1', l: '1', '|': '1', s: '5', b: '8', z: '2' }

/** Finds a provider's name of up to three words ("google mail", "t-online") and takes it out. */
function withoutProvider(words: readonly string[], mailboxes: Mailboxes): Pick<Query, 'provider' | 'name' | 'words'> {
  for (let size = Math.min(3, words.length); size > 0; size--) {
    for (let at = 0; at + size <= words.length; at++) {
      const name = words.slice(at, at + size).join(' ')
      // "1=1" is not "1&1", though names are compared by their letters and digits only.
      const provider = /[a-z]/.test(name) || mailboxes.names.includes(name) ? mailboxes.providerFromName(name) : OTHER
      if (provider === OTHER) continue
      return { provider, name, words: [...words.slice(0, at), ...words.slice(at + size)] }
    }
  }
  return { provider: null, name: '', words }
}
