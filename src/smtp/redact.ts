/** What stands in place of an address, everywhere. */
export const ADDRESS = '{address}'

// RFC 5321 4.5.3.1: a local part has at most 64 characters, a domain 255.
const LOCAL_PART = 64
const DOMAIN = 255
/** What cannot be part of an address as replies quote it. */
const OUTSIDE = /[\s<>()[\]{},;:"'|@]/u

/** Replaces every e-mail address in a text, whole or cut off, so that no `@` is left. Idempotent, in linear time. */
export function redact(text: string): string {
  let out = ''
  let copied = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', Math.max(at + 1, copied))) {
    let from = at
    while (from > copied && at - from < LOCAL_PART && !OUTSIDE.test(text[from - 1]!)) from--
    let to = at + 1
    while (to < text.length && to - at <= DOMAIN && !OUTSIDE.test(text[to]!)) to++
    // An @ that nobody's name stands before is no address.
    out += from === at ? `${text.slice(copied, at)}(at)` : text.slice(copied, from) + ADDRESS
    copied = from === at ? at + 1 : to
  }
  return copied === 0 ? text : out + text.slice(copied)
}
