import { readdirSync, readFileSync } from 'node:fs'
import { checkSync } from 'recheck'
import { expect, test } from 'vitest'

const folder = new URL('../../src/smtp/', import.meta.url)
const LITERAL = /(?<=[(=,:!&|?\s])\/(?![*/\s])((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([a-z]*)(?=[.,);\s])/g

const regexes = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .flatMap((name) => {
    const code = readFileSync(new URL(name, folder), 'utf8').replace(/^\s*(?:\/\/|\*|\/\*\*).*$/gm, '')
    return [...code.matchAll(LITERAL)].map(([, source = '', flags = '']) => ({ name, source, flags }))
  })

test('the regular expressions of src/smtp are found', () => {
  expect(regexes.length).toBeGreaterThan(30)
  for (const { source, flags } of regexes) expect(() => new RegExp(source, flags)).not.toThrow()
})

// recheck (https://makenowjust-labs.github.io/recheck/) proves by automata or finds an attack by fuzzing.
test.each(regexes)('$name: /$source/$flags takes linear time', ({ source, flags }) => {
  const diagnostics = checkSync(source, flags, { timeout: 280_000 })
  expect(diagnostics.status).toBe('safe')
})
