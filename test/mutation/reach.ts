import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** What is started as a process of its own reaches what it imports all the same. */
const STARTED = /(?:src\/main|support\/[\w-]+|\/[\w-]+-(?:server|process|replica|directory))\.ts/g

/** Starting a process costs as much as so many imports. */
const START_DISTANCE = 10

/** For each test file: the files that it runs, with the number of imports on the way to them. */
export function reachOf(root: string, tests: readonly string[]): Map<string, Map<string, number>> {
  const known = new Map<string, Import[]>()
  const importsOf = (file: string) => {
    const found = known.get(file) ?? readImports(root, file)
    known.set(file, found)
    return found
  }
  return new Map(tests.map((test) => [test, distances(test, importsOf)]))
}

function distances(test: string, importsOf: (file: string) => Import[]): Map<string, number> {
  const found = new Map([[test, 0]])
  for (const [file, distance] of found) {
    for (const { target, isStarted } of importsOf(file))
      if (!found.has(target)) found.set(target, distance + (isStarted ? START_DISTANCE : 1))
  }
  return found
}

interface Import {
  target: string
  isStarted: boolean
}

function readImports(root: string, file: string): Import[] {
  if (!file.endsWith('.ts')) return []
  let text: string
  try {
    text = readFileSync(join(root, file), 'utf8')
  } catch {
    return []
  }
  const imported = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s(?!type\b)[^'"]*?from\s*'(\.[^']+)'|import\(\s*'(\.[^']+)'\s*\)|(?:^|\n)import\s+'(\.[^']+)'/g,
    ),
  ].map((match) => ({
    target: relative(root, resolve(root, dirname(file), match[1] ?? match[2] ?? match[3] ?? '')),
    isStarted: false,
  }))
  if (!file.startsWith('test/')) return imported
  const started = [...text.matchAll(STARTED)].map(([path]) => ({
    target: path.startsWith('src/') ? path : join('test/support', path.split('/').at(-1) ?? ''),
    isStarted: true,
  }))
  return [...imported, ...started]
}
