import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { CAUSE_NAMES, type Cause } from '../smtp/causes.ts'
import { BARE_RULE, type Rule, type RuleFile } from '../smtp/classify/rule.ts'
import { RULE_FILES } from '../smtp/classify/ruleset.ts'
import type { ProviderFacts } from '../smtp/mailbox.ts'

/** A list, or one value per line of a block of text. */
const list = z
  .union([z.array(z.coerce.string()), z.coerce.string().transform((text) => text.split('\n'))])
  .transform((values) => values.map((value) => value.trim()).filter((value) => value !== ''))
  .default([])
/** What stands between commas. */
const commas = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((value) => value.trim())
      .filter((value) => value !== ''),
  )
const cause = z.enum(CAUSE_NAMES as [Cause, ...Cause[]])

const RuleText = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  cause: cause.nullable().optional(),
  text: list,
  not: list,
  code: list,
  enhanced: list,
  at: list,
  provider: z.string().nullable().optional(),
  names: list,
  link: z.url().nullable().default(null),
  named: z.boolean().default(false),
  retry: z.enum(['later', 'slower', 'after-fix', 'never']).nullable().default(null),
  move: z.string().nullable().default(null),
  examples: list,
})

const FileText = z.strictObject({
  cause: cause.optional(),
  provider: z.string().optional(),
  link: z.url().optional(),
  words: z.record(z.string().regex(/^[A-Z_]+$/), commas).default({}),
  rules: z.array(RuleText).default([]),
})

const Provider = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string(),
  domains: commas,
  mx: commas,
  names: commas,
  text: commas,
  link: z.string().default(''),
})

const at = (path: string) => new URL(`../smtp/${path}`, import.meta.url)

/** The table of mailbox providers. Reads from disk: call it once. */
export function readProviders(): ProviderFacts[] {
  return read('providers.yaml', z.array(Provider))
}

/** All built-in rules, in the order in which they are asked. Reads from disk: call it once. */
export function readRuleFiles(): RuleFile[] {
  return [...RULE_FILES.map(({ name, layer }) => ruleFile(name, layer)), marks(readProviders())]
}

function ruleFile(name: string, layer: RuleFile['layer']): RuleFile {
  const file = read(`rules/${name}`, FileText)
  const rules = file.rules.map(
    (rule): Rule => ({
      ...rule,
      cause: rule.cause === undefined ? (file.cause ?? null) : rule.cause,
      provider: rule.provider === undefined ? (file.provider ?? null) : rule.provider,
      link: rule.link ?? file.link ?? null,
    }),
  )
  for (const rule of rules) {
    const wrong = flaw(rule)
    if (wrong) throw new Error(`src/smtp/rules/${name}: rule ${rule.id} ${wrong}`)
  }
  return { name, layer, words: file.words, rules }
}

/** What is wrong with a rule by itself, or null. */
function flaw({ cause, provider, names, at }: Rule): string | null {
  if (cause === null && provider === null && names.length === 0)
    return 'says nothing: give it a cause, a provider or names'
  if (names.length > 0 && at.length > 0)
    return 'has names and `at`: what is named is told before it is known who speaks; leave one of them out'
  return null
}

/** What gives a provider away, as rules that name no cause. */
function marks(providers: ProviderFacts[]): RuleFile {
  const rules = providers.flatMap(({ id, text }): Rule[] =>
    text.length === 0 ? [] : [{ ...BARE_RULE, id, text, provider: id }],
  )
  return { name: 'providers.yaml', layer: 'code', words: {}, rules }
}

function read<T>(path: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parse(readFileSync(at(path), 'utf8')))
  if (parsed.success) return parsed.data
  throw new Error(`src/smtp/${path} is not as it should be:\n${z.prettifyError(parsed.error)}`)
}
