import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { createMatcher } from '../../src/smtp/matcher/matcher.ts'

/** Which of the lines are in a text, each as a rule of its own. */
function matching(lines: readonly string[], classes: Record<string, string[]> = {}) {
  const matcher = createMatcher(
    lines.map((line) => ({ early: true, text: [line], not: [] })),
    classes,
    [],
    () => true,
  )
  return (text: string) => {
    const found = new Set<number>()
    matcher.read(text)
    matcher.each((rule) => found.add(rule))
    return lines.filter((_, rule) => found.has(rule))
  }
}

const classes = { BOX: ['box', 'mail box', 'mail'], NOT: ['not', 'could not', 'no long* than'] }

describe('a class with phrases in it', () => {
  const at = matching(['BOX full', 'BOX .. full', 'NOT found', 'my BOX BOX'], classes)

  it.each([
    ['mail box full', ['BOX full', 'BOX .. full']],
    ['mail full', ['BOX full', 'BOX .. full']],
    ['mail was full', ['BOX .. full']],
    ['mail box is quite full', ['BOX .. full']],
    ['box mail', []],
    ['it could not found', ['NOT found']],
    ['no longer than found', ['NOT found']],
    ['no than found', []],
    ['my mail box mail', ['my BOX BOX']],
    ['my mail box', ['my BOX BOX']],
    ['my box', []],
  ])('%s', (text, expected) => {
    expect(at(text)).toEqual(expected)
  })
})

test('where in the text something stands, and how long the text is, changes nothing', () => {
  const lines = ['BOX full', 'BOX .. full', 'NOT found', 'NOT .. BOX', 'full ... BOX', 'BOX & !full']
  const at = matching(lines, classes)
  const words = fc.array(fc.constantFrom('mail', 'box', 'full', 'not', 'could', 'found', 'no', 'longer', 'than', 'x'), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(words, fc.nat(90), fc.nat(90), (said, before, after) => {
      const around = (count: number) => ' y'.repeat(count)
      expect(at(`${around(before)} ${said.join(' ')}${around(after)}`)).toEqual(at(said.join(' ')))
    }),
  )
})

test('what was read before changes nothing', () => {
  const lines = ['BOX full', 'NOT found', 'BOX & !NOT']
  const used = matching(lines, classes)
  const texts = fc.array(fc.constantFrom('mail box full', 'could not found', 'mail', 'box', 'full', ' y'.repeat(40)), {
    maxLength: 6,
  })
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      used(one.join(' '))
      expect(used(other.join(' '))).toEqual(matching(lines, classes)(other.join(' ')))
    }),
  )
})

test('a text ends where it ends, though the one before went on', () => {
  const lines = ['NOT', 'BOX full', 'it NOT .. found']
  const used = matching(lines, classes)
  for (const [longer, text] of [
    ['no longer than', 'no longer'],
    ['it no longer than it was found', 'it no longer'],
    ['mail box full', 'mail box'],
    [`${'y '.repeat(40)} no longer than`, `${'y '.repeat(40)} no longer`],
  ] as const) {
    expect(used(longer), longer).not.toEqual([])
    expect(used(text), text).toEqual([])
  }
})

describe('the first rule whose phrases are there', () => {
  const words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
  /** Every two words in a row, each pair a rule, so that very many look likely in a text that has them all. */
  const rules = words.flatMap((first) => words.map((second) => `${first} ${second}`))
  const first = (text: string, asked = (_rule: number) => true, before = rules.length) => {
    const matcher = createMatcher(
      rules.map((line) => ({ early: false, text: [line], not: [] })),
      {},
      [],
      asked,
    )
    matcher.read(text)
    return matcher.first(before)
  }
  const holding = (text: readonly string[]) =>
    rules.map((rule, number) => (` ${text.join(' ')} `.includes(` ${rule} `) ? number : -1)).filter((one) => one >= 0)

  it('is the lowest of those that hold and are asked, or the number before which it was sought', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...words), { maxLength: 20 }),
        fc.nat(64),
        fc.nat(7),
        (text, before, not) => {
          const asked = (rule: number) => rule % 8 !== not
          const expected = holding(text).find((rule) => rule < before && asked(rule)) ?? before
          expect(first(text.join(' '), asked, before)).toBe(expected)
        },
      ),
      { numRuns: 200 },
    )
  })
})
