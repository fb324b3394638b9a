import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** `polynomial` and `exponential`: there are texts on which it takes more than linear time. `unknown`: not proved either way. */
export type Speed = 'safe' | 'polynomial' | 'exponential' | 'unknown'

const PROVER = fileURLToPath(new URL('./regex-prover.ts', import.meta.url))
/** One expression takes the prover thirty seconds at most; this is for what goes wrong beyond that. */
const PATIENCE_MS = 60_000

/**
 * How the time that each expression takes grows with the text, proved by recheck, which also watches over the built-in
 * expressions. Takes a second or so: call it only where somebody wrote an expression.
 */
export function speedsOf(expressions: readonly { source: string; flags: string }[]): Speed[] {
  const { stdout, status } = spawnSync(process.execPath, [PROVER], {
    input: JSON.stringify(expressions),
    encoding: 'utf8',
    timeout: PATIENCE_MS * expressions.length,
  })
  return status === 0 ? (JSON.parse(stdout) as Speed[]) : expressions.map(() => 'unknown')
}
