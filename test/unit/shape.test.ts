import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { misfitOf, shapeOf } from '../../src/lib/shape.ts'

const EVENT = JSON.stringify({
  eventType: 'Bounce',
  mail: {
    source: 'Zoltan Kowalski <zoltan@example.com>',
    destination: ['zoltan@example.com'],
    commonHeaders: { Subject: 'Your divorce papers', kowalski: 'x' },
    tags: { zoltan: ['kowalski'] },
  },
  bounce: { timestamp: 7_000_000_000, bouncedRecipients: [] },
})

test('of JSON the known fields and the kinds of values are kept, in strings too', () => {
  expect(shapeOf(EVENT)).toBe(
    '{"eventType":"string of 6","mail":{"source":"string of 36","destination":["string of 18"],"commonHeaders":{"Subject":"string of 19","other":"string of 1"},"tags":{"other":["string of 8"]}},"bounce":{"timestamp":"number","bouncedRecipients":[]}}',
  )
  expect(shapeOf(JSON.stringify({ Type: 'Notification', Message: EVENT }))).toContain('"bouncedRecipients":[]')
})

test('of a line of a log its marks and the words of the log are kept', () => {
  expect(
    shapeOf(
      'Nov  3 20:20:05 mta1 postfix/smtp[9]: 4XyZ: to=<zoltan.kowalski@example.com>, relay=none, status=weird (Zoltan is away)',
    ),
  ).toBe('a  9 9:9:9 a postfix/smtp[9]: a: to=<a a>, relay=none, status=a (a a)')
})

test('no word from outside is left, and the shape of a shape is the same', () => {
  const word = fc.stringMatching(/^[b-z]{6,12}$/)
  const value = fc.oneof(word, fc.json(), fc.string({ unit: 'binary' }), fc.constant(EVENT))
  fc.assert(
    fc.property(word, value, (secret, text) => {
      // These a shape keeps, whoever says them.
      fc.pre(shapeOf(secret) === 'a')
      for (const around of [`${text} ${secret} ${text}`, JSON.stringify({ [secret]: text, value: [secret] })]) {
        const shape = shapeOf(around)
        expect(shape.includes(secret) || shape.includes('@')).toBe(false)
        if (around.startsWith('{"')) expect(shapeOf(shape)).toBe(shape)
      }
    }),
    { numRuns: 500 },
  )
})

test('what did not fit is told by its path and what was expected, never by what was there', () => {
  const schema = z.object({ mail: z.object({ tags: z.record(z.string(), z.array(z.string())) }), bounce: z.object({}) })
  const { error } = schema.safeParse({ mail: { tags: { zoltan: 'kowalski' } } })
  expect(misfitOf(error)).toBe('mail.tags.other: is no array; bounce: is no object')
  let broken: unknown
  try {
    JSON.parse('{"to": zoltan@example.com')
  } catch (error) {
    broken = error
  }
  expect(misfitOf(broken)).toBe('it is not JSON')
})
