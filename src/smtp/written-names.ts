import { ADDRESS } from './addresses.ts'
import { isOrdinary } from './ordinary-words.ts'

interface Notation {
  /** A text without it has none of these, which is told fast. */
  mark: string
  pattern: RegExp
  replace: (...parts: string[]) => string
}

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
    pattern:
      /(^|[^\p{L}\p{N}{}%/?&=.+_-])([\p{L}\p{N}._+-]{1,100}%(?!2[0-9a-f]|3[0-9a-f])[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.\p{L}{2,20})/giu,
    replace: (_, before, path) => (/\p{L}/u.test(path!.split('%')[0]!) ? kept(before!, path!) : before! + path!),
  },
  // The name for people before an address.
  {
    mark: ADDRESS,
    pattern: /("[^"\n{}]{1,100}"|“[^”\n{}]{1,100}”)([ \t]*<\{address\}>)/gu,
    replace: (_, __, address) => address!,
  },
  {
    mark: ADDRESS,
    pattern:
      /^((?:from|to|cc|bcc|reply-to|sender|resent-to|resent-from|delivered-to):[ \t]*)([^\n\r]*\{address\}[^\n\r]*)/gim,
    replace: (_, before) => before! + ADDRESS,
  },
  {
    // A field or a tag that is an address as people write it, and nothing else.
    mark: `<${ADDRESS}>`,
    pattern: /^([\p{L}'][^<>"\n{}:;]{0,80}?)[ \t]*<\{address\}>$/gu,
    replace: (whole, name) => (name!.split(/\s+/).some(isOrdinary) ? whole! : ADDRESS),
  },
  {
    mark: 'ubject:',
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

export function redactWritten(text: string): string {
  let said = text
  for (const { mark, pattern, replace } of NOTATIONS) if (said.includes(mark)) said = said.replace(pattern, replace)
  return said.includes('<') ? said.replace(BRACKETED, bracketed) : said
}

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
