import fc from 'fast-check'
import { expect, test } from 'vitest'
import { excerpt } from '../../src/lib/excerpt.ts'

test('is one short line', () => {
  expect(excerpt('  a\n\t b  ')).toBe('a b')
  expect(excerpt('word '.repeat(500)).length).toBeLessThanOrEqual(201)
})

test('never holds an address or a secret, wherever they stand', () => {
  const secret = fc.stringMatching(/^[a-zA-Z0-9-]{8,40}$/)
  fc.assert(
    fc.property(fc.string(), secret, fc.string(), (before, key, after) => {
      const text = excerpt(`${before}${key} jo@example.com${after}`, [key, 'Bearer x'])
      expect(text).not.toContain('@')
      expect(text).not.toContain(key)
    }),
  )
})
