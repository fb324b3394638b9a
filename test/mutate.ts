// `npm run mutate -- [--sample 60] [--seed 7] [--room incident] [--file src/app.ts] [--project unit]
// [--longest 60] [--test test/unit/x.test.ts]`: makes single changes to the code, in a copy of it, and says which ones no
// test notices. Test files that take longer than `longest` seconds are not run; with `--test` only those that are named.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createCompiler } from './mutation/compiles.ts'
import { type Mutation, mutationsOf } from './mutation/mutations.ts'
import { reachOf } from './mutation/reach.ts'
import { roomOf, shuffled } from './mutation/sample.ts'
import { createTests } from './mutation/tests.ts'

const { values: options } = parseArgs({
  options: {
    sample: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    longest: { type: 'string', default: '60' },
    room: { type: 'string', multiple: true, default: [] },
    file: { type: 'string', multiple: true, default: [] },
    test: { type: 'string', multiple: true, default: [] },
    project: { type: 'string', multiple: true, default: ['unit', 'contract', 'db'] },
  },
})
/** A changed program may be slower than the one it was made from, by this much. */
const HUNG_MS = 600_000
/** A test that takes so much longer is worth one import more on the way. */
const RANK_MS = 5000
const PATIENCE = { factor: 5, extraMs: 30_000 }
/** Contracts and the demo's made-up mail are left out, and so is what only composes a process. */
const LEFT_OUT = /^src\/(ports|demo)\//
const PROJECTS = options.project

const source = resolve(import.meta.dirname, '..')
const root = join(mkdtempSync(join(tmpdir(), 'bouncebell-mutate-')), 'tree')
// PostgreSQL does not run as root, and has to get in as whoever it runs as.
chmodSync(dirname(root), 0o755)
copyTree()

const files = globSync('{src,adapters}/**/*.ts', { cwd: root })
  .filter((file) => !LEFT_OUT.test(file))
  .sort()
const chosen = files.filter(
  (file) =>
    (options.room.length === 0 || options.room.includes(roomOf(file))) &&
    (options.file.length === 0 || options.file.includes(file)),
)
/** As they were copied: the source may change while this runs. */
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
const textOf = (file: string) => texts.get(file)!
const suite = PROJECTS.flatMap((project) => globSync(`test/${project}/**/*.test.ts`, { cwd: root }))
  .filter((test) => options.test.length === 0 || options.test.includes(test))
  .sort()
const reach = reachOf(root, suite)
const reachOfCode = reachOf(root, files)
const compiler = createCompiler(root)
const tests = createTests(root)

interface Result {
  mutation: Mutation
  /** What noticed it, or null. */
  by: string | null
}
const results: Result[] = []
/** How long a test file takes without a change; null where it fails. */
const baseline = new Map<string, number | null>()
/** What was changed at some time, and may be held as it was then. */
const touched = new Set<string>()

function copyTree() {
  const kept = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: source })
  for (const file of kept.toString().split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    cpSync(join(source, file), join(root, file))
  }
  symlinkSync(join(source, 'node_modules'), join(root, 'node_modules'))
}

/** The tests that run a file, in the order in which they are worth running: what is near to it, quick, or noticed before. */
function testsOf(file: string): string[] {
  const [name = ''] = file.split('/').at(-1)?.split('.') ?? []
  const noticed = new Set(results.filter(({ mutation }) => mutation.file === file).map(({ by }) => by?.split(':')[0]))
  const rank = (test: string) =>
    (reach.get(test)?.get(file) ?? 0) +
    3 * PROJECTS.indexOf(test.split('/')[1] ?? '') +
    (baseline.get(test) ?? 0) / RANK_MS -
    (noticed.has(test) || test.includes(name) || test.includes(roomOf(file)) ? 4 : 0)
  return suite.filter((test) => reach.get(test)?.has(file)).toSorted((a, b) => rank(a) - rank(b))
}

const importersOf = (file: string) => files.filter((each) => (reachOfCode.get(each)?.get(file) ?? 2) <= 1)

/** Tests that fail as they are say nothing about a change. How long each of the others takes is kept. */
async function measure(test: string): Promise<void> {
  if (baseline.has(test)) return
  const startedAt = Date.now()
  process.stderr.write(`how long does ${test} take? `)
  const failed = await tests.run({ changed: [...touched], tests: [test] }, HUNG_MS)
  process.stderr.write(`${Math.round((Date.now() - startedAt) / 1000)} s\n`)
  if (failed) console.log(`left out, since it fails without a change: ${test}: ${failed}`)
  baseline.set(test, failed ? null : Date.now() - startedAt)
}

/** The test that notices the change, or null; undefined where it does not compile. */
async function examine(mutation: Mutation): Promise<string | null | undefined> {
  const { file, start, end, text } = mutation
  const original = textOf(file)
  const changed = original.slice(0, start) + text + original.slice(end)
  const path = join(root, file)
  const related = testsOf(file)
  touched.add(file)
  try {
    writeFileSync(path, changed)
    if (!compiler.compiles([...touched], importersOf(file))) return undefined
    for (const test of related) {
      writeFileSync(path, original)
      await measure(test)
      const usual = baseline.get(test)
      if (usual == null || usual > Number(options.longest) * 1000) continue
      writeFileSync(path, changed)
      const limit = usual * PATIENCE.factor + PATIENCE.extraMs
      const by = await tests.run({ changed: [...touched], tests: [test] }, limit)
      if (by) return `${test}: ${by}`
    }
    return null
  } finally {
    writeFileSync(path, original)
  }
}

function show({ mutation, by }: Result) {
  const { file, kind, start, end, text } = mutation
  const original = textOf(file)
  const line = original.slice(0, start).split('\n').length
  const from = original.lastIndexOf('\n', start - 1) + 1
  const to = original.indexOf('\n', end)
  const lines = (sign: string, code: string) =>
    code
      .split('\n')
      .map((each) => `    ${sign} ${each}`)
      .join('\n')
  const changed = original.slice(from, start) + text + original.slice(end, to)
  console.log(`${by ? 'noticed ' : 'SURVIVED'} ${file}:${line} ${kind}${by ? ` (${by})` : ''}`)
  if (!by) console.log(`${lines('-', original.slice(from, to))}\n${lines('+', changed)}`)
}

const percent = (part: number, whole: number) => (whole === 0 ? '-' : `${Math.round((part / whole) * 100)} %`)

console.log(`seed ${options.seed}, ${chosen.length} files`)
const order = shuffled(
  chosen.flatMap((file) => mutationsOf(file, textOf(file))),
  Number(options.seed),
)
let isStopped = false
process.once('SIGINT', () => {
  isStopped = true
})
try {
  for (const mutation of order) {
    if (results.length >= Number(options.sample) || isStopped) break
    const by = await examine(mutation)
    if (by === undefined) continue
    results.push({ mutation, by })
    show(results.at(-1)!)
  }
} finally {
  await tests.stop()
  compiler.close()
  rmSync(dirname(root), { recursive: true, force: true })
}
for (const [room, all] of [...Map.groupBy(results, ({ mutation }) => roomOf(mutation.file))].sort())
  console.log(`${room.padEnd(16)} ${all.filter(({ by }) => by).length} of ${all.length}`)
const noticed = results.filter(({ by }) => by).length
console.log(`seed ${options.seed}: ${noticed} of ${results.length} noticed, ${percent(noticed, results.length)}`)
