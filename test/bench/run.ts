// `npm run bench`, or `npm run bench -- replies` for one part, `npm run bench -- scale 10000` for a size. Figures with their machine are in docs/performance.md.
import { cpus, totalmem } from 'node:os'

interface Part {
  /** False where it does not reach what it is to reach. */
  bench(print: (line: string) => void, sizes: readonly number[]): Promise<unknown>
}

const PARTS: Record<string, () => Promise<Part>> = {
  replies: () => import('./replies.ts'),
  store: () => import('./store.ts'),
  watch: () => import('./watch.ts'),
  job: () => import('./job.ts'),
  lookup: () => import('./lookup.ts'),
  start: () => import('./start.ts'),
  build: () => import('./build.ts'),
  scale: () => import('./scale.ts'),
  ingest: () => import('./ingest.ts'),
}
/** Takes many minutes and gigabytes: only where it is asked for. */
const ON_REQUEST = ['scale']

const words = process.argv.slice(2)
const sizes = words.filter((word) => /^\d+$/.test(word)).map(Number)
const chosen = words.filter((word) => !/^\d+$/.test(word))
const strange = chosen.filter((name) => !(name in PARTS))
if (strange.length) {
  console.error(`There is no part "${strange[0]}"; there are ${Object.keys(PARTS).join(', ')}.`)
  process.exit(2)
}

console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`)
let failed = false
for (const [name, load] of Object.entries(PARTS)) {
  if (chosen.length ? !chosen.includes(name) : ON_REQUEST.includes(name)) continue
  console.log(`\n${name}`)
  const part = await load()
  if ((await part.bench((line) => console.log(`  ${line}`), sizes)) === false) failed = true
}
// A part may leave a connection that is slow to close.
process.exit(failed ? 1 : 0)
