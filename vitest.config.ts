import { defineConfig } from 'vitest/config'

const project = (name: string, timeout: number, options: object = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`, ...(name === 'unit' ? ['test/*.test.ts'] : [])],
    testTimeout: timeout,
    hookTimeout: Math.max(timeout, 60_000),
    ...options,
  },
})

const WITH_DATABASES = { globalSetup: ['test/support/pg-global-setup.ts'] }

export default defineConfig({
  test: {
    projects: [
      project('unit', 60_000),
      project('contract', 30_000),
      project('db', 120_000, WITH_DATABASES),
      project('e2e', 240_000, { fileParallelism: false, ...WITH_DATABASES }),
      project('system', 240_000, { fileParallelism: false }),
    ],
  },
})
