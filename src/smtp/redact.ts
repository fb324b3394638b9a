/** What stands in place of an address, everywhere. */
export const ADDRESS = '{address}'

// Runs are bounded (RFC 5321 4.5.3.1: local part 64, domain 255), so that hostile text costs linear time.
const MAILBOX = /[^\s<>()[\]{},;:"'|@]{1,64}@[^\s<>()[\]{},;:"'|@]{0,255}/gu

/** Replaces every e-mail address in a text, whole or cut off, so that no `@` is left. Idempotent. */
export function redact(text: string): string {
  if (!text.includes('@')) return text
  return text.replace(MAILBOX, ADDRESS).replaceAll('@', '(at)')
}
