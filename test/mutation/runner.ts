// A process of its own, so that a change that never ends can be ended with it: runs test files until the first failure.
import { resolve } from 'node:path'
import { createVitest } from 'vitest/node'

export interface RunRequest {
  /** The files that are not what they were at the last run. */
  changed: readonly string[]
  tests: readonly string[]
}

/** What failed first, or null where all passed. */
export interface RunAnswer {
  failed: string | null
}

const vitest = await createVitest({ watch: false, bail: 1, maxWorkers: 1, reporters: [{}], silent: true })
await vitest.standalone()

async function run({ changed, tests }: RunRequest): Promise<RunAnswer> {
  for (const file of changed) {
    vitest.invalidateFile(resolve(file))
    for (const project of vitest.projects) project.vite.moduleGraph.onFileChange(resolve(file))
  }
  const specifications = tests.flatMap((test) => vitest.getModuleSpecifications(resolve(test)))
  if (specifications.length < tests.length) throw new Error(`not all of these are tests: ${tests.join(', ')}`)
  // What earlier runs left would be told again.
  vitest.state.idMap.clear()
  vitest.state.filesMap.clear()
  vitest.state.clearErrors()
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications)
  for (const testModule of testModules) {
    for (const test of testModule.children.allTests('failed')) return { failed: test.fullName }
    if (testModule.state() === 'failed') return { failed: testModule.relativeModuleId }
  }
  return { failed: unhandledErrors.length > 0 ? 'an error outside of any test' : null }
}

process.on('message', (request: RunRequest) => {
  run(request).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.send?.({ failed: null } satisfies RunAnswer)
