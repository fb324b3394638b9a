/** Words before an address that make it somebody else's than the recipient's. */
const NOT_THE_RECIPIENT = /from|sender|contact|report|write|e-?mail to|help|ask|visit|mailto|forward|complain/i
const ROLE = /^(?:abuse|postmaster|support|admin|help|noc|security|tosa|fpr|unblock|icloudadmin)/i

/**
 * The domain of the recipient whose address a reply quotes ("<a@b.example>: user unknown"), or null. Only for text that
 * a person pastes: what sources deliver is without addresses, and they name the recipient's domain themselves.
 */
export function quotedRecipient(text: string): string | null {
  const limit = Math.min(text.length, 4096)
  for (let at = text.indexOf('@'); at >= 0 && at < limit; at = text.indexOf('@', at + 1)) {
    let start = at
    while (start > 0 && at - start < 64 && /[\w.+=-]/.test(text[start - 1]!)) start--
    let end = at + 1
    while (end < text.length && end - at < 255 && /[\w.-]/.test(text[end]!)) end++
    const domain = text
      .slice(at + 1, end)
      .replace(/[.-]+$/, '')
      .toLowerCase()
    if (start === at || !domain.includes('.') || ROLE.test(text.slice(start, at))) continue
    if (!NOT_THE_RECIPIENT.test(text.slice(Math.max(0, start - 24), start))) return domain
  }
  return null
}
