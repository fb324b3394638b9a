import type { RuleFile } from '../../src/smtp/classify/rule.ts'
import { ranked, wordsOf } from '../../src/smtp/classify/ruleset.ts'
import { type Phrase, readForbidden, readPatterns } from '../../src/smtp/matcher/phrase.ts'
import { misspellings } from '../../src/smtp/matcher/spelling.ts'
import type { Reply } from '../../src/smtp/reply/reply.ts'
import { mask } from '../../src/smtp/template/template.ts'

/** The usual way: every phrase of every rule as a regular expression, tried one after the other until one matches. */
export function createRegexScan(files: readonly RuleFile[]): (reply: Reply) => string | null {
  const classes = wordsOf(files)
  const spelling: string[] = []
  const number = (word: string) => spelling.push(word) - 1
  const wrong = misspellings(classes)
  const spellings = (word: string) => [word, ...(wrong.get(word) ?? [])].map(number)
  const regex = (phrase: Phrase) =>
    new RegExp(
      phrase
        .map(({ ways, gap }, i) => {
          const between =
            i === 0
              ? '(?<![\\w\\u0080-\\uffff])'
              : gap > 0
                ? `[^\\w\\u0080-\\uffff]+(?:[\\w\\u0080-\\uffff]+[^\\w\\u0080-\\uffff]+){0,${gap}}`
                : '[^\\w\\u0080-\\uffff]+'
          const either = ways
            .map((way) => way.map((word) => escaped(spelling[word]!)).join('[^\\w\\u0080-\\uffff]+'))
            .join('|')
          return `${between}(?:${either})`
        })
        .join(''),
      'i',
    )
  const rules = ranked(files, []).map((rule) => ({
    label: rule.label,
    patterns: rule.text
      .flatMap((line) => readPatterns(line, classes, spellings))
      .map(({ all, none }) => ({ all: all.map(regex), none: none.map(regex) })),
    never: rule.not.flatMap((line) => readForbidden(line, classes, spellings)).map(regex),
  }))
  return (reply) => {
    const text = mask(reply.text)
    for (const { label, patterns, never } of rules)
      for (const { all, none } of patterns)
        if (all.every((one) => one.test(text)) && ![...none, ...never].some((one) => one.test(text))) return label
    return null
  }
}

const escaped = (word: string) => word.replace(/[{}]/g, '\\$&').replace(/\*$/, '[\\w\\u0080-\\uffff]*')
