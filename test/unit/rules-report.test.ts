import { expect, test } from 'vitest'
import { areAllUsed, rulesReport } from '../../src/cli/rules-report.ts'
import type { RuleReview } from '../../src/smtp/classify/user-rules.ts'

const review = (change: Partial<RuleReview>): RuleReview => ({
  index: 0,
  rule: { match: 'go away', cause: 'policy' },
  overrides: [],
  matches: 3,
  shadowedBy: [],
  ...change,
})

test('a rule is told with the built-in rules that it goes before', () => {
  const reviews = [review({ overrides: [{ rule: 'gmail.yaml: policy/x', replies: 3 }] })]
  expect(rulesReport(reviews, 500)).toEqual([
    'replies.rules[0]: "go away" is policy',
    '  overrides gmail.yaml: policy/x for 3 of them',
  ])
  expect(areAllUsed(reviews)).toBe(true)
})

test('unused and shadowed rules are named', () => {
  expect(rulesReport([review({ matches: 0 })], 500)[1]).toBe('  unused: it matches none of the 500 known replies')
  expect(rulesReport([review({ index: 1, shadowedBy: [0] })], 500)[1]).toBe(
    '  shadowed by replies.rules[0]: move it up or remove it',
  )
  expect(areAllUsed([review({ matches: 0 })]) || areAllUsed([review({ shadowedBy: [0] })])).toBe(false)
})
