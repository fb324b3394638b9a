import { readCharacters } from './address-characters.ts'
import { ADDRESS, mayHoldSign, redactAddresses } from './addresses.ts'
import type { Characters } from './characters.ts'
import { redactCoded } from './coded-addresses.ts'
import { isKnownClean, rememberClean } from './known-clean.ts'
import { redactBeforePhrases } from './names-before.ts'
import { redactBehindNouns } from './names-behind.ts'
import { redactWritten } from './written-names.ts'

export { ADDRESS }

/**
 * Replaces every e-mail address in a text, whole or cut off, so that no `@` is left, and the names that MTAs tell without a
 * domain ("No such user: jsmith"). Idempotent, in linear time: adapters, the border and the log each do it. Each
 * step tells from the text's characters whether there is anything to do before it does it.
 */
export function redact(text: string): string {
  if (isKnownClean(text)) return text
  let said = text
  let characters = readCharacters(said)
  // A placeholder parts what stood together, and the parts may be read otherwise: nearly always the second round is the last.
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = said
    for (const step of STEPS) {
      const next = step(said, characters)
      if (next === said) continue
      said = next
      characters = readCharacters(said)
    }
    if (said === before) {
      rememberClean(characters)
      break
    }
  }
  return said
}

const STEPS: readonly ((text: string, characters: Characters) => string)[] = [
  redactCoded,
  (text, characters) => (mayHoldSign(characters) ? redactAddresses(text) : text),
  redactWritten,
  redactBeforePhrases,
  redactBehindNouns,
]
const MOST_ROUNDS = 5
