import { z } from 'zod'
import { type JsonSchema, type Problem, pathText, problemsOf, wording } from '../lib/schema-problems.ts'
import { type Path, readYaml } from '../lib/yaml-text.ts'
import { ConfigError } from '../ports/errors.ts'
import { type KnownNames, unknownNames } from '../smtp/known-names.ts'
import { alertRulesSchema } from './rule-schema.ts'
import type { AlertRule } from './rules.ts'

/** Where the rules may stand: by themselves, under `rules`, or where they stand in bouncebell.yaml. */
const PLACES: Path[] = [[], ['rules'], ['alerts', 'rules']]

/** Reads the alert rules that `replay --rule` is to try. Throws a ConfigError. */
export function readRuleFile(text: string, name: string, known: KnownNames): AlertRule[] {
  const yaml = readYaml(text, name)
  const place = PLACES.find((path) => Array.isArray(at(yaml.value, path)))
  if (!place) {
    const remedy = 'Write a list of rules, as under `alerts.rules` in bouncebell.example.yaml.'
    throw new ConfigError([{ path: 'the file', wrong: 'contains no alert rules', remedy }], name)
  }
  const value = at(yaml.value, place)
  const parsed = alertRulesSchema.safeParse(value, { error: wording })
  const problems = parsed.success
    ? parsed.data.flatMap(({ when }, index) =>
        unknownNames(when, known).map(
          ({ dimension, name, wrong, remedy }): Problem => ({
            path: [index, 'when', dimension],
            wrong: `${wrong} ("${name}")`,
            remedy,
          }),
        ),
      )
    : problemsOf(
        parsed.error.issues,
        z.toJSONSchema(alertRulesSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema,
        value,
      )
  if (parsed.success && problems.length === 0) return parsed.data
  throw new ConfigError(
    problems.map(({ path, ...rest }) => {
      const full = [...place, ...path]
      return { path: `${pathText(full)} (line ${yaml.lineOf(full) ?? 1})`, ...rest }
    }),
    name,
  )
}

const at = (value: unknown, path: Path) =>
  path.reduce<unknown>((node, key) => (node as Record<string, unknown> | null | undefined)?.[key], value)
