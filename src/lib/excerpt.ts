import { redact } from '../smtp/redact.ts'

const LENGTH = 200
// What keys and tokens look like: long runs without a space. Ids go with them, which an excerpt can spare.
const TOKEN = /[\w+/=-]{20,}/g

/** The beginning of a text for an error or a log: one line, without addresses, keys and what is in `secrets`. */
export function excerpt(text: string, secrets: readonly string[] = []): string {
  let safe = text.slice(0, 100 * LENGTH)
  for (const secret of secrets.flatMap((value) => [value, value.replace(/^\w+ /, '')]))
    if (secret.length >= 6) safe = safe.replaceAll(secret, '{secret}')
  safe = redact(safe.slice(0, 4 * LENGTH))
    .replace(TOKEN, '{token}')
    .replace(/\s+/g, ' ')
    .trim()
  return safe.length > LENGTH ? `${safe.slice(0, LENGTH)}…` : safe
}
