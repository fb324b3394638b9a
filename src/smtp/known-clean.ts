import type { Characters } from './characters.ts'

/** More results than a page of any ESP has, a few parts of each. */
const MOST = 4096
const LONGEST = 400

let young = new Set<string>()
let old = new Set<string>()

/**
 * Was the text found to hold nothing to mask, not long ago? What an adapter has masked is masked again at the border, and
 * the same hosts, streams and replies come thousands of times.
 */
export function isKnownClean(text: string): boolean {
  return text.length <= LONGEST && (young.has(text) || old.has(text))
}

/** Remembers a text that holds nothing to mask, by its characters; texts beyond ASCII are few. */
export function rememberClean({ codes, length, isAscii }: Characters): void {
  if (!isAscii || length > LONGEST) return
  // A copy: the text may be a part of a whole page or log, which must not be kept with it.
  young.add(Buffer.from(codes.buffer, 0, length).toString('latin1'))
  if (young.size < MOST) return
  old = young
  young = new Set()
}
