import type { RuleReview } from '../smtp/classify/user-rules.ts'

/** What became of the user's reply rules, as lines for a terminal; `known` replies were tried. */
export function rulesReport(reviews: readonly RuleReview[], known: number): string[] {
  if (reviews.length === 0) return ['There are no rules under replies.rules.']
  return reviews.flatMap(({ index, rule, matches, overrides, shadowedBy }) => [
    `replies.rules[${index}]: ${JSON.stringify(rule.match)} is ${rule.cause}`,
    ...(matches === 0 ? [`  unused: it matches none of the ${known} known replies`] : []),
    ...(shadowedBy.length > 0 ? [`  shadowed by ${shadowedBy.map(nameOf).join(', ')}: move it up or remove it`] : []),
    ...overrides.map((one) => `  overrides ${one.rule} for ${one.replies} of them`),
  ])
}

/** Whether every rule does something. */
export const areAllUsed = (reviews: readonly RuleReview[]): boolean =>
  reviews.every(({ matches, shadowedBy }) => matches > 0 && shadowedBy.length === 0)

const nameOf = (index: number) => `replies.rules[${index}]`
