import { type JsonSchema, type Problem, pathText, problemsOf, wording } from '../lib/schema-problems.ts'
import { readYaml } from '../lib/yaml-text.ts'
import { ConfigError } from '../ports/errors.ts'
import { contradictions } from './contradictions.ts'
import { fillIn } from './environment.ts'
import { type Config, configSchema, jsonSchema, type Kinds } from './schema.ts'

/** The text of bouncebell.yaml -> a frozen Config. Throws ConfigError with every problem found, each with its path and line. */
export function readConfig(text: string, file: string, kinds: Kinds, env: Record<string, string | undefined>): Config {
  const yaml = readYaml(text, file)
  const { value, missing } = fillIn(yaml.value ?? {}, env)
  const problems: Problem[] = missing.map(({ path, name }) => ({
    path,
    wrong: `the environment variable ${name} is not set`,
    remedy: `Set ${name}, or add it to .env next to this file.`,
  }))
  const parsed = configSchema(kinds).safeParse(value, { error: wording })
  if (parsed.success) {
    problems.push(...contradictions(parsed.data, kinds))
  } else {
    const known = new Set(problems.map(({ path }) => pathText(path)))
    const found = problemsOf(parsed.error.issues, jsonSchema(kinds) as JsonSchema, value)
    problems.push(...found.filter(({ path }) => !known.has(pathText(path))))
  }
  if (!parsed.success || problems.length) {
    const told = problems.map(({ path, wrong, remedy }) => {
      const line = yaml.lineOf(path)
      return { path: line === null ? pathText(path) : `${pathText(path)} (line ${line})`, wrong, remedy }
    })
    throw new ConfigError(told, file)
  }
  return freeze(parsed.data)
}

function freeze<T>(value: T): T {
  if (value && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(freeze)
  }
  return value
}
