import type { Words } from './phrase.ts'

/** The class of words.yaml that is none: `wrong = right`. */
const MISSPELT = 'MISSPELT'

/**
 * How words are misspelt, by the right word. A place in a phrase that takes the right word takes the wrong ones too, so
 * a spelling costs a word of the lexicon but no pattern.
 */
export function misspellings(classes: Words): ReadonlyMap<string, readonly string[]> {
  const wrong = new Map<string, string[]>()
  for (const line of classes[MISSPELT] ?? []) {
    const [, misspelt, right] = /^([a-z]+) = ([a-z]+)$/.exec(line) ?? []
    if (misspelt === undefined || right === undefined)
      throw new Error(`"${line}" of ${MISSPELT} is no spelling: write "recieved = received"`)
    wrong.set(right, [...(wrong.get(right) ?? []), misspelt])
  }
  return wrong
}
