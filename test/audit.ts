// What `npm run audit` runs: asks npm's registry for advisories about what Bouncebell runs on (not what only its tests use).
// A registry that cannot be asked is said and is no failure, unless `--strict` is given, as CI does.
import { spawnSync } from 'node:child_process'
import { judge } from './support/audit-report.ts'

const strict = process.argv.includes('--strict')
const { stdout, stderr, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' })
const { asked, problems, notes } = judge(error ? error.message : stdout || stderr)
for (const line of [...problems, ...notes]) console.log(line)
console.log(asked ? `${problems.length} high or critical advisories` : 'Nothing is known of advisories.')
process.exitCode = problems.length > 0 || (strict && !asked) ? 1 : 0
