import { closestMatch } from 'leven'
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { type Config, configSchema, isLoopback, jsonSchema, type Kinds } from './config.ts'
import { fillIn } from './lib/environment.ts'
import { ConfigError } from './ports/errors.ts'

type Path = (string | number)[]
type Problem = ConfigError['problems'][number]
interface JsonSchema {
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  const?: unknown
  description?: string
}

/** The text of bouncebell.yaml -> a frozen Config. Throws ConfigError with every problem found, each with its path and line. */
export function readConfig(text: string, file: string, kinds: Kinds, env: Record<string, string | undefined>): Config {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const syntax = document.errors.map(({ message, pos }) => ({
    path: `line ${lines.linePos(pos[0]).line}`,
    wrong: message.split('\n', 1)[0]?.replace(/\.$/, '') ?? 'is not YAML',
    remedy: 'Check the indentation and the quotes around it.',
  }))
  if (syntax.length) throw new ConfigError(syntax, file)

  const schema = configSchema(kinds)
  const { value, missing } = fillIn(document.toJS() ?? {}, env)
  const problems: Problem[] = missing.map(({ path, name }) => ({
    path: named(path),
    wrong: `the environment variable ${name} is not set`,
    remedy: `Set ${name}, or write it into .env beside the file.`,
  }))
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    const shape = jsonSchema(kinds) as JsonSchema
    const known = new Set(problems.map(({ path }) => path))
    const found = parsed.error.issues.flatMap((issue) => problemsOf(issue, shape, value))
    problems.push(...found.filter(({ path }) => !known.has(path)))
  } else if (
    !isLoopback(parsed.data.server.host) &&
    parsed.data.chat.web &&
    !('token' in (parsed.data.chat.web as object))
  ) {
    problems.push({
      path: 'server.host',
      wrong: `is ${parsed.data.server.host}, which others can reach, and the web page asks for no token`,
      remedy: 'Set chat.web.token, remove chat.web, or listen on 127.0.0.1.',
    })
  }
  if (!parsed.success || problems.length) {
    const lineOf = (path: string) => {
      const at = positionOf(document, path)
      return at === null ? path : `${path} (line ${lines.linePos(at).line})`
    }
    throw new ConfigError(
      problems.map((problem) => ({ ...problem, path: lineOf(problem.path) })),
      file,
    )
  }
  return freeze(parsed.data)
}

function problemsOf(issue: z.core.$ZodIssue, shape: JsonSchema, value: unknown): Problem[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))
  const at = schemaAt(shape, path, value)
  const remedy = at?.description ? `It is ${at.description}.` : 'See bouncebell.example.yaml.'
  if (issue.code === 'unrecognized_keys') {
    const possible = Object.keys(at?.properties ?? {})
    return issue.keys.map((key) => {
      const nearest = closestMatch(key, possible, { maxDistance: 3 })
      return {
        path: named([...path, key]),
        wrong: 'is not a key that is known here',
        remedy: nearest ? `Did you mean ${nearest}?` : `Remove it; known are ${possible.join(', ')}.`,
      }
    })
  }
  if (issue.code === 'invalid_union' && 'note' in issue) {
    const types = (schemaAt(shape, path.slice(0, -1), undefined)?.oneOf ?? []).map(
      (kind) => kind.properties?.type?.const,
    )
    return [
      { path: named(path), wrong: 'is missing or not a kind that is known', remedy: `Known are ${types.join(', ')}.` },
    ]
  }
  if (issue.code === 'invalid_type' && valueAt(value, path) === undefined)
    return [{ path: named(path), wrong: 'is missing', remedy: `Add it. ${remedy}` }]
  return [{ path: named(path), wrong: issue.message.charAt(0).toLowerCase() + issue.message.slice(1), remedy }]
}

/** The part of the JSON Schema that describes a path; in a list of alternatives the one whose `type` fits the value. */
function schemaAt(shape: JsonSchema | undefined, path: Path, value: unknown): JsonSchema | undefined {
  const options = shape?.oneOf ?? shape?.anyOf
  const type = (value as { type?: unknown } | null | undefined)?.type
  const here =
    options && type !== undefined ? (options.find((option) => option.properties?.type?.const === type) ?? shape) : shape
  const [key, ...rest] = path
  if (key === undefined || here === undefined) return here
  const next = typeof key === 'number' ? here.items : (here.properties?.[key] ?? options?.[0]?.properties?.[key])
  return schemaAt(next, rest, valueAt(value, [key]))
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (node, key) => (node as Record<string | number, unknown> | null | undefined)?.[key],
    value,
  )
}

function named(path: Path): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
  return text.replace(/^\./, '') || 'the file'
}

/** The offset in the text of what the path names, or of the innermost part of it that is there. */
function positionOf(document: Document.Parsed, path: string): number | null {
  let node: unknown = document.contents
  let at: number | null = null
  for (const [step] of path.matchAll(/[^.[\]]+/g)) {
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === step) : undefined
    const next: unknown = isSeq(node) ? node.items[Number(step)] : pair?.value
    const place = pair?.key ?? next
    if (!isNode(place) || !place.range) break
    at = place.range[0]
    node = next
  }
  return at
}

function freeze<T>(value: T): T {
  if (value && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(freeze)
  }
  return value
}
