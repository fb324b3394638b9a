import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readProviders, readRuleFiles } from '../../src/knowledge/rule-files.ts'
import { createClassifier } from '../../src/smtp/classify/classify.ts'
import { RULE_FILES } from '../../src/smtp/classify/ruleset.ts'
import { parseReply } from '../../src/smtp/reply/reply.ts'

const files = readRuleFiles()
const deciding = files.flatMap((file) =>
  file.rules.filter(({ cause }) => cause !== null).map((rule) => ({ file, rule })),
)

test('every file in rules/ is registered, and every registered file is there', () => {
  const there = readdirSync(new URL('../../src/smtp/rules', import.meta.url)).filter((name) => name.endsWith('.yaml'))
  const registered = RULE_FILES.map(({ name }) => name)
  const advice = 'add it to RULE_FILES in src/smtp/classify/ruleset.ts, at its place in the order'
  expect(
    there.filter((name) => !registered.includes(name)),
    advice,
  ).toEqual([])
  expect(
    registered.filter((name) => !there.includes(name)),
    'take it out of RULE_FILES',
  ).toEqual([])
})

test('no two rules of a file have one name', () => {
  for (const { name, rules } of files) {
    const ids = rules.map(({ id, cause }) => `${cause}/${id}`)
    expect(
      ids.filter((id, i) => ids.indexOf(id) !== i),
      name,
    ).toEqual([])
  }
})

test('a provider that a rule speaks of is in providers.yaml', () => {
  const known = readProviders().map(({ id }) => id)
  const spoken = deciding.flatMap(({ rule }) => [rule.provider ?? 'gmail', ...rule.at])
  expect(spoken.filter((id) => !known.includes(id))).toEqual([])
})

describe('every rule has real examples, and each is answered by that rule', () => {
  const classifier = createClassifier({ files })
  test.each(files.filter(({ rules }) => rules.some(({ cause }) => cause !== null)).map(({ name }) => name))(
    '%s',
    (name) => {
      for (const { file, rule } of deciding.filter((each) => each.file.name === name)) {
        const label = `${file.name}: ${rule.cause}/${rule.id}`
        expect(rule.examples.length, `${label} has no example`).toBeGreaterThan(0)
        for (const example of rule.examples)
          expect(classifier.classify(parseReply(example), rule.at[0]).rule, example).toBe(label)
      }
    },
  )
})

test('no rule is dead: without it, its examples are answered otherwise', () => {
  // Taking out every n-th rule at a time asks the same as taking them out one by one, in a fraction of the time.
  const groups = 12
  for (let group = 0; group < groups; group++) {
    const removed = new Set(deciding.filter((_, i) => i % groups === group).map(({ rule }) => rule))
    const classifier = createClassifier({
      files: files.map((file) => ({ ...file, rules: file.rules.filter((rule) => !removed.has(rule)) })),
    })
    for (const { file, rule } of deciding.filter((each) => removed.has(each.rule)))
      for (const example of rule.examples)
        expect(classifier.classify(parseReply(example)).rule, example).not.toBe(
          `${file.name}: ${rule.cause}/${rule.id}`,
        )
  }
})

describe('the labelled replies', () => {
  const rows = readFileSync(new URL('../fixtures/replies.tsv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
  const classifier = createClassifier({ files })
  const score = (set: string) => {
    const chosen = rows.map((row) => row.split('\t')).filter(([which]) => which === set)
    const causes = chosen.map(([, accepted, , , , reply]) => ({
      accepted,
      cause: classifier.classify(parseReply(reply ?? '')).cause,
    }))
    return {
      accepted: causes.filter(({ accepted, cause }) => accepted?.split('|').includes(cause)).length / chosen.length,
      unknown: causes.filter(({ cause }) => cause === 'unknown').length / chosen.length,
    }
  }

  test('97 % of the development set are read as a person reads them', () => {
    expect(score('dev').accepted).toBeGreaterThanOrEqual(0.97)
    expect(score('dev').unknown).toBeLessThanOrEqual(0.01)
  })

  test('and 92 % of those that no rule was written for', () => {
    expect(score('held').accepted).toBeGreaterThanOrEqual(0.92)
    expect(score('held').unknown).toBeLessThanOrEqual(0.03)
  })
})
