import fc from 'fast-check'
import { expect, test } from 'vitest'
import { storedText } from '../../src/lib/stored-text.ts'

test('leaves out NUL, and stands in for half a surrogate pair', () => {
  expect(storedText('a\0b\ud83dc', 100)).toBe('ab\ufffdc')
})

test('cuts between two characters', () => {
  expect(storedText('aé', 2)).toBe('a')
  expect(storedText('a😀', 4)).toBe('a')
  expect(storedText('a😀b', 5)).toBe('a😀')
})

test('is whole where it fits, also with a byte order mark', () => {
  expect(storedText('\ufeffäöü', 9)).toBe('\ufeffäöü')
})

test('whatever the text, it fits, is well-formed and has no NUL', () => {
  const unit = fc.oneof(
    fc.constantFrom('\0', '\ud800', '\udc00', 'é', '€', '😀', '\ufeff'),
    fc.string({ maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 60 }), fc.integer({ min: 0, max: 80 }), (units, most) => {
      const text = storedText(units.join(''), most)
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most)
      expect(text.isWellFormed()).toBe(true)
      expect(text).not.toContain('\0')
    }),
  )
})
