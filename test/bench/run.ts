// `npm run bench`, or `npm run bench -- replies` for one part. Figures with the machine they come from are in docs/performance.md.
import { cpus, totalmem } from 'node:os'

interface Part {
  bench(print: (line: string) => void): Promise<void>
}

const PARTS: Record<string, () => Promise<Part>> = {
  replies: () => import('./replies.ts'),
  store: () => import('./store.ts'),
  watch: () => import('./watch.ts'),
  job: () => import('./job.ts'),
  lookup: () => import('./lookup.ts'),
  start: () => import('./start.ts'),
  build: () => import('./build.ts'),
}

const chosen = process.argv.slice(2)
const strange = chosen.filter((name) => !(name in PARTS))
if (strange.length) {
  console.error(`There is no part "${strange[0]}"; there are ${Object.keys(PARTS).join(', ')}.`)
  process.exit(2)
}

console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`)
for (const [name, load] of Object.entries(PARTS)) {
  if (chosen.length && !chosen.includes(name)) continue
  console.log(`\n${name}`)
  const part = await load()
  await part.bench((line) => console.log(`  ${line}`))
}
// A part may leave a connection that is slow to close.
process.exit(0)
