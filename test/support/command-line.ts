import { spawn } from 'node:child_process'

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname
/** The user "nobody" of Linux. */
const NOBODY = 65_534

export interface Ran {
  exit: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd: string
  env?: Record<string, string>
  /** As a user who may not write everywhere, where the tests run as root. */
  unprivileged?: boolean
}

/** Runs `bouncebell` with these arguments to its end. */
export function runBouncebell(args: string[], { cwd, env = {}, unprivileged = false }: RunOptions): Promise<Ran> {
  const who = unprivileged && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  const { PATH = '', DATABASE_URL: _, BOUNCEBELL_CONFIG: __, ...rest } = process.env
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...rest, PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...who,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exit) => resolve({ exit, stdout, stderr }))
  })
}
