import { ADDRESS, redactAddresses } from './addresses.ts'
import { redactCoded } from './coded-addresses.ts'
import { redactNames } from './user-names.ts'
import { redactWritten } from './written-names.ts'

export { ADDRESS }

/**
 * Replaces every e-mail address in a text, whole or cut off, so that no `@` is left, and the names that MTAs tell without a
 * domain ("No such user: jsmith"). Idempotent, in linear time.
 */
export function redact(text: string): string {
  let said = text
  // A placeholder parts what stood together, and the parts may be read otherwise: nearly always the second round is the last.
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = said
    said = redactNames(redactWritten(redactAddresses(redactCoded(said))))
    if (said === before) break
  }
  return said
}

const MOST_ROUNDS = 5
