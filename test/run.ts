// What `npm test` runs: types, lint, dead code and the tests, each counted; the last line is "N passed, N failed".
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const projects = process.argv.slice(2).length ? process.argv.slice(2) : ['unit', 'contract', 'db', 'e2e']
const scratch = mkdtempSync(join(tmpdir(), 'bouncebell-test-'))
let passed = 0
let failed = 0

function run(command: string, args: string[]): boolean {
  console.log(`\n> ${command} ${args.join(' ')}`)
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (error) console.error(error.message)
  return status === 0
}

function check(name: string, command: string, args: string[]) {
  const ok = run(command, args)
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}`)
  if (ok) passed++
  else failed++
}

function tests() {
  const report = join(scratch, 'report.json')
  const chosen = projects.flatMap((name) => ['--project', name])
  const ok = run('vitest', ['run', ...chosen, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`])
  let counted = 0
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number }
    passed += result.numPassedTests
    counted = result.numFailedTests
  } catch {
    console.error('vitest left no report')
  }
  // A file that does not load, or an error outside of any test, fails the run without a failed test to count.
  failed += ok ? 0 : Math.max(counted, 1)
}

if (!projects.includes('system')) {
  check('types', 'tsc', ['--project', '.'])
  check('lint and format', 'biome', ['ci', '.'])
  check('dead code', 'knip', [])
}
tests()
rmSync(scratch, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0
