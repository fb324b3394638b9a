import { type Mailboxes, OTHER } from '../mailbox.ts'

/**
 * The mailbox provider that a whole bounce names outside the reply itself: by the host that its wrapper names ("host
 * mx.example.net[192.0.2.1] said: ..."), else by the recipient whose address it quotes. Only for text that a person
 * pastes: what sources deliver is without addresses, and they name the recipient's domain themselves.
 */
export function speakerOf(bounce: string, mailboxes: Mailboxes): { host: string | null; recipient: string | null } {
  const known = (provider: string) => (provider === OTHER ? null : provider)
  const host = quotedHost(bounce)
  const recipient = quotedRecipient(bounce)
  return {
    host: host === null ? null : known(mailboxes.providerOf('', host)),
    recipient: recipient === null ? null : known(mailboxes.providerOf(recipient)),
  }
}

const BEFORE_HOST = /host |relay=|connect to |with |MTA: dns; ?|generating server: /gi

/** The first host name behind words that a wrapper puts before one. */
function quotedHost(text: string): string | null {
  const start = text.slice(0, 2048)
  for (const match of start.matchAll(BEFORE_HOST)) {
    let end = match.index + match[0].length
    const from = end
    while (end < start.length && /[\w.-]/.test(start[end]!)) end++
    const host = start.slice(from, end).toLowerCase()
    if (host.includes('.') && /[a-z]/.test(host)) return host
  }
  return null
}

/** Words before an address that make it somebody else's than the recipient's. */
const NOT_THE_RECIPIENT = /from|sender|contact|report|write|e-?mail to|help|ask|visit|mailto|forward|complain/i
const ROLE = /^(?:abuse|postmaster|support|admin|help|noc|security|tosa|fpr|unblock|icloudadmin)/i

function quotedRecipient(text: string): string | null {
  const limit = Math.min(text.length, 4096)
  for (let at = text.indexOf('@'); at >= 0 && at < limit; at = text.indexOf('@', at + 1)) {
    let start = at
    while (start > 0 && at - start < 64 && /[\w.+=-]/.test(text[start - 1]!)) start--
    let end = at + 1
    while (end < text.length && end - at < 255 && /[\w.-]/.test(text[end]!)) end++
    while (end > at + 1 && !/\w/.test(text[end - 1]!)) end--
    const domain = text.slice(at + 1, end).toLowerCase()
    if (start === at || !domain.includes('.') || ROLE.test(text.slice(start, at))) continue
    if (!NOT_THE_RECIPIENT.test(text.slice(Math.max(0, start - 24), start))) return domain
  }
  return null
}
