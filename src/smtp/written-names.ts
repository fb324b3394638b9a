import { ADDRESS } from './addresses.ts'
import { type Characters, isLetter, isOneOf, setOf } from './characters.ts'
import { isOrdinary } from './ordinary-words.ts'

interface Notation {
  /** A text without it has none of these, which is told fast. */
  mark: string
  /** Of a line that begins with the name of a header. */
  isHeader?: true
  pattern: RegExp
  replace: (...parts: string[]) => string
}

const RELAYED_HOST = /^[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.\p{L}{2,20}/u

/** Names in the notations of programs: directories, names and values, paths of hosts, mailboxes in the file system. */
const NOTATIONS: readonly Notation[] = [
  {
    // LDAP, X.400 and X.500: `cn=John Smith,ou=...`, `/G=John/S=Smith/`.
    mark: '=',
    pattern:
      /(\b(?:cn|sn|gn|givenname|samaccountname|userprincipalname|displayname)=)("[^"\n]{1,200}"|[^,;/<>()"\n{}]{1,200})/gi,
    replace: (_, before, name) => kept(before!, name!),
  },
  { mark: '=', pattern: /(\/(?:G|S|I|Q|PN)=)([^/\s<>{}]{1,200})/g, replace: (_, before, name) => kept(before!, name!) },
  {
    mark: '=',
    pattern:
      /(\b(?:uid|user|username|user_?id|login|rcpt|recipient|mailbox|account|mail|email|orig_to|sasl_username)=(?:3D)?<?)("[^"\n]{1,200}"|'[^'\n]{1,200}'|[^\s,;&<>()"'{}]{1,200})/gi,
    replace: (_, before, name) => kept(before!, name!),
  },
  {
    // Exchange wraps what is not SMTP: IMCEAEX-_O=ORG_OU=..._CN=RECIPIENTS_CN=JSMITH.
    mark: '_CN=',
    pattern: /(IMCEA\w{0,10}-)([^\s<>"{}]{1,400})/gi,
    replace: (_, before, name) => kept(before!, name!),
  },
  {
    // Programs that deliver for a user: `lda(jsmith)`.
    mark: '(',
    pattern:
      /(\b(?:lda|lmtp|lmtpd|deliver|imap|pop3|sieve|maildrop|procmail|local|virtual|pipe)\()([^()\s{}]{1,200})/gi,
    replace: (_, before, name) => (/^\d+$/.test(name!) ? before! + name! : kept(before!, name!)),
  },
  {
    // Homes and spools.
    mark: '/',
    pattern:
      /(\/(?:home\d*|users|var\/(?:spool\/)?mail|var\/vmail|vmail|mailboxes|maildirs?|mailstore|virtual)\/)([^\s"'<>(),;:{}]{1,400})/gi,
    replace: (_, before) => before! + ADDRESS,
  },
  {
    // UUCP's paths: one exclamation mark behind a host, or two and more.
    mark: '!',
    pattern:
      /(^|[^\p{L}\p{N}{}.-])([\p{L}\p{N}][\p{L}\p{N}.-]{0,200}(?:\.\p{L}{2,20}!|![\p{L}\p{N}][\p{L}\p{N}.-]{0,60}!)[\p{L}\p{N}._!-]{0,200}[\p{L}\p{N}])/gu,
    replace: (_, before, path) => kept(before!, path!),
  },
  {
    // The percent sign that did the same.
    mark: '%',
    pattern: /(^|[^\p{L}\p{N}{}%/?&=.+_-])([\p{L}\p{N}._+-]{1,100})%(?!2[0-9a-f]|3[0-9a-f])([\p{L}\p{N}.-]{1,256})/giu,
    replace: (whole, before, local, rest) => {
      const host = RELAYED_HOST.exec(rest!)?.[0]
      if (host === undefined || !/\p{L}/u.test(local!)) return whole!
      return kept(before!, `${local}%${host}`) + rest!.slice(host.length)
    },
  },
  // The name for people before an address.
  {
    mark: `<${ADDRESS}>`,
    pattern: /("[^"\n{}]{1,100}"|“[^“”\n{}]{1,100}”)([ \t]{0,8}<\{address\}>)/gu,
    replace: (_, __, address) => address!,
  },
  {
    mark: ADDRESS,
    isHeader: true,
    pattern: /^((?:from|to|cc|bcc|reply-to|sender|resent-to|resent-from|delivered-to):)([^\n\r]*)/gim,
    replace: (whole, before, rest) =>
      rest!.includes(ADDRESS) ? `${before}${/^[ \t]*/.exec(rest!)![0]}${ADDRESS}` : whole!,
  },
  {
    // A field or a tag that is an address as people write it, and nothing else.
    mark: `<${ADDRESS}>`,
    pattern: /^([\p{L}'][^<>"\n{}:;]{0,90})<\{address\}>$/gu,
    replace: (whole, name) => (name!.trimEnd().split(/\s+/).some(isOrdinary) ? whole! : ADDRESS),
  },
  {
    mark: 'ubject:',
    isHeader: true,
    pattern: /^((?:x-)?(?:original-)?subject:[ \t]*)(\S[^\n\r]*)/gim,
    replace: (_, before) => `${before}{text}`,
  },
]

const kept = (before: string, name: string) =>
  name.includes(ADDRESS) || isOrdinary(name) ? before + name : before + ADDRESS

/** `<jsmith>`: what is in brackets and is no host, link, tag or command is somebody's name. */
const BRACKETED = /<([^\s<>@{}]{2,200})>(:?)/gu
const NOT_A_NAME =
  /^(?:https?:|www\.|mailto:|\/|!|[A-Z-]+$|#)|^(?:[\w-]+\.)+[a-z]{2,}\.?$|\[|^\d{1,3}(?:\.\d{1,3}){3}$|^[0-9a-f:]+$|^(?:br|p|b|i|a|div|span|html|body|head|title|pre|hr|td|tr|table|font|code|strong|em|ul|li|ol|null|none|unknown|local|localhost)$/i

/** `characters` are those of `text`. */
export function redactWritten(text: string, characters: Characters): string {
  const signs = signsIn(characters)
  if (signs === 0) return text
  const holdsHeader = mayHoldHeader(characters)
  let said = text
  let isChanged = false
  for (let i = 0; i < NOTATIONS.length; i++) {
    // What was replaced may be part of the next notation.
    if ((signs & SIGN_OF[i]!) === 0 && !isChanged) continue
    const { mark, pattern, replace, isHeader } = NOTATIONS[i]!
    if ((isHeader && !holdsHeader) || !said.includes(mark)) continue
    said = said.replace(pattern, replace)
    isChanged ||= said !== text
  }
  return said.includes('<') ? said.replace(BRACKETED, bracketed) : said
}

/** Nearly every reply is one line that begins with a code. */
function mayHoldHeader({ codes, length, isAscii }: Characters): boolean {
  if (!isAscii || isLetter(codes[0]!)) return true
  for (let at = 0; at < length; at++) if (codes[at] === 10 || codes[at] === 13) return true
  return false
}

/** Which of the characters that tell a notation there are, as bits. */
function signsIn({ codes, length }: Characters): number {
  let signs = 0
  for (let at = 0; at < length; at++) {
    const sign = SIGNS[codes[at]!]!
    if (sign !== 0 && isTelling(codes, at)) signs |= sign
  }
  return signs
}

// The last letters of what stands before "=" and "(", the first of what stands behind "/".
const BESIDE: Record<string, [step: number, letters: string]> = {
  '=': [-1, 'nedrtxlogsiq'],
  '(': [-1, 'apdr3el'],
  '/': [1, 'huvm'],
}
const BESIDES = new Map(
  Object.entries(BESIDE).map(([c, [step, letters]]) => [
    c.charCodeAt(0),
    { step, letters: setOf(letters + letters.toUpperCase()) },
  ]),
)

function isTelling(codes: Uint8Array, at: number): boolean {
  const beside = BESIDES.get(codes[at]!)
  return beside === undefined || (at + beside.step >= 0 && isOneOf(beside.letters, codes[at + beside.step]!))
}
const RARE = [...'=(/!%{<j']
const SIGNS = new Uint8Array(256)
for (const [i, c] of RARE.entries()) SIGNS[c.charCodeAt(0)] = 1 << i
/** Of each notation a rare character of its mark. */
const SIGN_OF = NOTATIONS.map(({ mark }) => SIGNS[mark.charCodeAt([...mark].findIndex((c) => RARE.includes(c)))]!)

function bracketed(whole: string, name: string, colon: string, at: number, text: string): string {
  if (isOrdinary(name)) return whole
  const rest = text.slice(at + whole.length, at + whole.length + 40)
  const isHostSaid =
    /^\s*(?:helo|ehlo|client|relay access|data|etrn|end-of|mx|dns|domain|host|sender address rejected: domain)/i.test(
      rest,
    )
  const isUserSaid =
    /^(?:\.{3})?\s*(?:recipient|user|mailbox|account|address|unknown|no such|invalid|not |does|unrouteable|temporary|permanent)/i.test(
      rest,
    )
  if (isHostSaid || (NOT_A_NAME.test(name) && !(isUserSaid && /^[\w-]+\.[a-z]{3,}$/i.test(name)))) return whole
  return `<${ADDRESS}>${colon}`
}
