import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { alertRuleSchema } from '../detect/rule-schema.ts'
import type { AlertRule } from '../detect/rules.ts'
import { ConfigError } from '../ports/errors.ts'

const rules = z.array(alertRuleSchema)
/** The rules by themselves, or where they stand in bouncebell.yaml. */
const fileSchema = z.union([
  rules,
  z.looseObject({ rules }).transform((file) => file.rules),
  z.looseObject({ alerts: z.looseObject({ rules }) }).transform((file) => file.alerts.rules),
])

/** Reads the alert rules that `replay --rule` is to try. Throws a ConfigError. */
export function readRuleFile(text: string, name: string): AlertRule[] {
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    const line = `line ${error.linePos?.[0].line ?? 1}`
    throw new ConfigError([{ path: line, wrong: 'is not YAML', remedy: 'Check the indentation and quotes.' }], name)
  }
  const list = Array.isArray(value) ? value : undefined
  const parsed = list ? rules.safeParse(list) : fileSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => ({
    path: path.join('.') || 'the file',
    wrong: list ? message : 'holds no alert rules',
    remedy: 'Write a list of rules as under `alerts.rules` in bouncebell.example.yaml.',
  }))
  throw new ConfigError(problems, name)
}
