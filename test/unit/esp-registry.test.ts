import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { espDefinitions } from '../../adapters/esp/index.ts'

const root = join(import.meta.dirname, '../..')
const folders = readdirSync(join(root, 'adapters/esp'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

describe('every folder in adapters/esp', () => {
  test('is in the registry under its own name', () => {
    const registered = espDefinitions.map(({ id }) => id)
    expect({ forgotten: folders.filter((name) => !registered.includes(name)) }).toEqual({ forgotten: [] })
    expect({ withoutFolder: registered.filter((id) => !folders.includes(id)) }).toEqual({ withoutFolder: [] })
    expect(new Set(registered).size).toBe(registered.length)
  })

  test("is in the README's table of sources, by its vendor's name", () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    const rows = readme.split('\n').filter((line) => line.startsWith('|'))
    const missing = espDefinitions.filter(({ facts }) => !rows.some((row) => row.includes(facts.name)))
    expect({ missing: missing.map(({ id }) => id) }).toEqual({ missing: [] })
  })

  test.each(espDefinitions.map((definition) => [definition.id, definition] as const))(
    '%s says what its source can tell, and where that is documented',
    (_, { facts }) => {
      expect(facts.name).toMatch(/\S/)
      expect(URL.parse(facts.docs)?.protocol).toBe('https:')
      expect(facts.rereadAfterMinutes).toEqual([...facts.rereadAfterMinutes].sort((a, b) => a - b))
    },
  )
})
