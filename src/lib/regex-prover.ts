// A program of its own: expressions as JSON on stdin, what recheck says of each as JSON on stdout. What it takes to prove
// one (up to half a gigabyte for a hard one) goes back to the machine when it ends.
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import type { checkSync as CheckSync } from 'recheck'

/** For one expression; what can be proved takes a fraction of a second. */
const PATIENCE_MS = 30_000

// The build without Java and native programs answers alike everywhere.
const { checkSync } = createRequire(import.meta.url)('recheck/lib/browser.js') as { checkSync: typeof CheckSync }

const sources = JSON.parse(await text(process.stdin)) as { source: string; flags: string }[]
const verdicts = sources.map(({ source, flags }) => {
  const diagnosis = checkSync(source, flags, { timeout: PATIENCE_MS })
  return diagnosis.status === 'vulnerable' ? diagnosis.complexity.type : diagnosis.status
})
process.stdout.write(JSON.stringify(verdicts))
