import type { Reply } from '../reply/reply.ts'
import { createClassifier } from './classify.ts'
import type { RuleFile, UserRule } from './rule.ts'

/** What became of one of the user's own rules. */
export interface RuleReview {
  /** Its place in `replies.rules`, from 0. */
  index: number
  rule: UserRule
  /** The built-in rules that would answer in its place, each with how many of the replies it would take. */
  overrides: { rule: string; replies: number }[]
  /** Replies that it matches. */
  matches: number
  /** Places of earlier rules that answer everything it matches; empty where it answers something itself. */
  shadowedBy: number[]
}

/**
 * Holds the user's rules against replies: stored templates, or the examples of the built-in rules. A rule without matches
 * is unused; one that matches but never answers is shadowed.
 */
export function reviewUserRules(
  user: readonly UserRule[],
  files: readonly RuleFile[],
  replies: readonly (Reply & { provider?: string })[],
): RuleReview[] {
  const builtIn = createClassifier({ files })
  const together = createClassifier({ files: [], user })
  return user.map((rule, index) => {
    const alone = createClassifier({ files: [], user: [rule] })
    const matched = replies.filter((reply) => alone.classify(reply, reply.provider).rule !== 'none')
    const answering = matched.map((reply) => placeOf(together.classify(reply, reply.provider).rule))
    const overrides = new Map<string, number>()
    for (const reply of matched) {
      const answer = builtIn.classify(reply, reply.provider)
      overrides.set(answer.rule, (overrides.get(answer.rule) ?? 0) + 1)
    }
    return {
      index,
      rule,
      overrides: [...overrides].map(([name, n]) => ({ rule: name, replies: n })).sort((a, b) => b.replies - a.replies),
      matches: matched.length,
      shadowedBy: answering.includes(index) ? [] : [...new Set(answering)],
    }
  })
}

/** The examples of all built-in rules: what there is to try rules on before anything is stored. */
export const examplesOf = (files: readonly RuleFile[]): string[] =>
  files.flatMap((file) => file.rules.flatMap((rule) => rule.examples))

const placeOf = (label: string) => Number(/^replies\.rules\[(\d+)\]/.exec(label)?.[1])
