import { ADDRESS, redactAddresses } from './addresses.ts'

// What is shorter holds no address: "a@b.co" takes eight characters of base64.
const BASE64 = /(?:=\?[\w-]+\?[bq]\?[^?\s]{1,400}\?=)|[A-Za-z0-9+/_-]{12,}={0,2}/gi
const LONGEST = 16_384

/** Replaces runs of base64 and encoded words (RFC 2047) that hold an address: links to unblock carry such. */
export function redactCoded(text: string): string {
  return text.replace(BASE64, (run) => (holdsAddress(run) ? ADDRESS : run))
}

function holdsAddress(run: string): boolean {
  if (run.startsWith('=?')) {
    const [, , kind = '', body = ''] = run.split('?')
    const said = /b/i.test(kind)
      ? decoded(body)
      : body
          .replaceAll('_', ' ')
          .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    return said !== null && /@/.test(said)
  }
  // A word of a sentence or a host is none: base64 of an address has both cases or digits.
  if (!/[A-Z]/.test(run) || !/[a-z]/.test(run)) return false
  const said = decoded(run)
  return said !== null && redactAddresses(said).includes(ADDRESS)
}

/** The text that is coded, or null where it is none. */
function decoded(run: string): string | null {
  const base64 = run.slice(0, LONGEST).replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/')
  try {
    const said = atob(base64.slice(0, base64.length - (base64.length % 4 === 1 ? 1 : 0)))
    // An address is readable; what is left of it may be anything.
    return /[\w.+-]@[\w-]/.test(said) ? said : null
  } catch {
    return null
  }
}
