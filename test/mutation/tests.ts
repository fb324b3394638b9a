import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunAnswer, RunRequest } from './runner.ts'

const TIMED_OUT = 'the time limit'

/** Runs tests in a copy of the tree, in a process that is ended and started again where a run takes longer than `limitMs`. */
export function createTests(root: string) {
  const scratch = join(root, '..', 'tmp')
  let runner: ChildProcess | null = null

  async function start(): Promise<ChildProcess> {
    mkdirSync(scratch, { recursive: true })
    // A group of its own: what the tests started ends with it.
    const child = fork(join(root, 'test/mutation/runner.ts'), {
      cwd: root,
      detached: true,
      env: { ...process.env, TMPDIR: scratch },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    await once(child, 'message')
    return child
  }

  async function stop(): Promise<void> {
    const child = runner
    runner = null
    if (!child?.pid) return
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Nothing of the group is left.
    }
    await ended
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 })
  }

  async function run(request: RunRequest, limitMs: number): Promise<string | null> {
    runner ??= await start()
    const child = runner
    const done = new AbortController()
    try {
      const { signal } = done
      child.send(request)
      return await Promise.race([
        once(child, 'message', { signal }).then(([answer]) => (answer as RunAnswer).failed),
        once(child, 'exit', { signal }).then(() => 'the end of its process'),
        sleep(limitMs, TIMED_OUT, { signal }),
      ])
    } finally {
      done.abort()
    }
  }

  return {
    /** The test that failed first, or null where all passed. */
    async run(request: RunRequest, limitMs: number): Promise<string | null> {
      const failed = await run(request, limitMs)
      if (failed === TIMED_OUT || runner?.exitCode !== null) await stop()
      return failed
    },
    stop,
  }
}
