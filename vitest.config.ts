import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Tests start Bouncebell many times: each start finds what Node.js compiled for an earlier one, in half the time.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'bouncebell-compile-cache')

// A busy machine may be ten times as slow as a quiet one: nothing here is to fail for that. What hangs is found all the same.
const POLL = { timeout: 120_000, interval: 50 }

const project = (name: string, timeout: number, options: object = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`, ...(name === 'unit' ? ['test/*.test.ts'] : [])],
    testTimeout: timeout,
    hookTimeout: timeout,
    expect: { poll: POLL },
    // Vitest would leave one processor idle, which is half of a machine that has two.
    maxWorkers: availableParallelism(),
    ...options,
  },
})

const WITH_DATABASES = { globalSetup: ['test/support/pg-global-setup.ts'] }

export default defineConfig({
  test: {
    projects: [
      project('unit', 300_000),
      project('contract', 180_000),
      project('db', 300_000, WITH_DATABASES),
      project('e2e', 600_000, { fileParallelism: false, ...WITH_DATABASES }),
      project('system', 600_000, { fileParallelism: false }),
    ],
  },
})
