import { readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'
import { bodyOf, codeOf } from '../../src/lib/code-text.ts'
import { detectorFiles, detectorHash } from '../../src/lib/detector-code.ts'

const read = (file: URL) => readFileSync(file, 'utf8')
const files = detectorFiles()
const nameOf = (file: URL) => file.pathname.replace(/^.*\/src\//, '')
/** The hash, had one file another text. */
const hashWith = (name: string, change: (text: string) => string) => {
  const changed: string[] = []
  const hash = detectorHash((file) => {
    const text = read(file)
    if (nameOf(file) !== name) return text
    changed.push(change(text))
    expect(changed.at(-1), name).not.toBe(text)
    return changed.at(-1)!
  })
  expect(changed.length, name).toBeGreaterThan(0)
  return hash
}

/** What a file does, as a parser sees it: without positions, types of its own, and where its imports are. */
function meaningOf(text: string): unknown {
  const { program, errors } = parseSync('code.ts', text)
  expect(errors).toEqual([])
  const body = program.body.filter((node) => {
    const inner = node.type === 'ExportNamedDeclaration' ? node.declaration : node
    return !['ImportDeclaration', 'TSInterfaceDeclaration', 'TSTypeAliasDeclaration'].includes(inner?.type ?? '')
  })
  return JSON.parse(
    JSON.stringify(body, (key, value) => (['start', 'end', 'range', 'loc'].includes(key) ? undefined : value)),
  )
}

test('every file that computes is in it, and nothing that only words or describes', () => {
  const names = files.map(nameOf)
  for (const name of ['alarm/step', 'alarm/thresholds', 'baseline/season', 'episode/localise', 'state/state', 'counts'])
    expect(names).toContain(`detect/${name}.ts`)
  for (const name of ['detect/finding.ts', 'incident/scope-text.ts']) expect(names).not.toContain(name)
})

test.each(files.map((file) => [nameOf(file), file] as const))('of %s all that it does is kept', (_, file) => {
  const text = read(file)
  expect(meaningOf(bodyOf(text))).toEqual(meaningOf(text))
})

describe('a stored state is no longer good', () => {
  test.each([
    ['detect/baseline/baseline.ts', 'a constant', (text: string) => text.replace('halfLife: 48', 'halfLife: 49')],
    ['detect/alarm/sudden.ts', 'an operator', (text: string) => text.replace('n - x', 'n + x')],
    ['detect/state/state.ts', 'a field', (text: string) => text.replace('volume: f32(1)', 'volume: f64(1)')],
    ['detect/episode/localise.ts', 'a string', (text: string) => text.replace(/(const \w+ = )([^\n]+)\n/, "$1'x'\n")],
    ['detect/counts.ts', 'what an attempt is', (text: string) => text.replace("outcome !== 'dropped' && ", '')],
    [
      'detect/alarm/step.ts',
      'where a name comes from',
      (text: string) => text.replace('noteExcursion, setBars', 'noteExcursion as setBars, setBars as noteExcursion'),
    ],
  ])('when %s has %s changed', (name, _, change) => {
    expect(hashWith(name, change)).not.toBe(detectorHash())
  })

  test('when any number in any of its files is another', () => {
    for (const file of files) {
      if (!/\b\d+\b/.test(codeOf(read(file)))) continue
      const code = /^(?!\s*(?:\/?\*|\/\/|import)).*?\b\d+\b/m
      if (!code.test(read(file))) continue
      expect(
        hashWith(nameOf(file), (text) => text.replace(code, (line) => `${line}7`)),
        nameOf(file),
      ).not.toBe(detectorHash())
    }
  })
})

describe('a stored state stays good', () => {
  const every = (change: (text: string) => string) => detectorHash((file) => change(read(file)))

  test.each([
    [
      'comments are reworded',
      (text: string) =>
        text.replace(
          /^(\s*)(\/\*\*|\/\/) .*?(\*\/)?$/gm,
          (_, space, open, close) => `${space}${open} reworded${close ? ' */' : ''}`,
        ),
    ],
    [
      'comments are added',
      (text: string) =>
        `// It's new, "really".\n${text.replaceAll('\nfunction ', "\n/** One's own `words` */\nfunction ")}`,
    ],
    [
      'lines are indented and broken otherwise',
      (text: string) => text.replace(/^ {2}/gm, '      ').replaceAll(' && ', '\n && '),
    ],
    ['types are added', (text: string) => `${text}\nexport interface Another {\n  of: number\n}\n`],
    [
      'imports stand in another order',
      (text: string) =>
        text.replace(/^((?:import .*\n)+)/, (block) => `${block.trimEnd().split('\n').reverse().join('\n')}\n`),
    ],
  ])('when %s', (_, change) => {
    expect(every(change)).toBe(detectorHash())
  })
})
