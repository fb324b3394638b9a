import type { z } from 'zod'
import { closest } from '../smtp/known-names.ts'
import type { Path } from './yaml-text.ts'

export interface Problem {
  path: Path
  wrong: string
  remedy: string
}

/** What we read of a JSON Schema. */
export interface JsonSchema {
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  const?: unknown
  description?: string
}

const EXAMPLE = 'See bouncebell.example.yaml.'

/** What a schema found wrong, for people: the schema's own message if it has one, never the library's. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], shape: JsonSchema, value: unknown): Problem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, shape, value))
}

function problemsOfIssue(issue: z.core.$ZodIssue, shape: JsonSchema, value: unknown): Problem[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))
  const at = schemaAt(shape, path, value)
  const given = valueAt(value, path)
  const remedy = at?.description ? `It is ${at.description}.` : EXAMPLE
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], at))
  if (issue.code === 'invalid_union') {
    if ('options' in issue && issue.options) return [unknownKind(path, given, issue.options.map(String))]
    const nested = likelyBranch(issue.errors, given).map((inner) => ({
      ...inner,
      path: [...issue.path, ...inner.path],
    }))
    return problemsOf(nested as z.core.$ZodIssue[], shape, value)
  }
  if (issue.code === 'invalid_type' && given === undefined)
    return [{ path, wrong: 'is missing', remedy: `Add it. ${remedy}` }]
  if (issue.code === 'invalid_value') {
    const meant = typeof given === 'string' ? closest(given, issue.values.map(String)) : undefined
    if (meant) return [{ path, wrong: issue.message, remedy: `Did you mean ${meant}?` }]
  }
  const own = issue.code === 'custom' ? (issue.params?.remedy as string | undefined) : undefined
  return [{ path, wrong: issue.message, remedy: own ?? remedy }]
}

function unknownKey(path: Path, parent: JsonSchema | undefined): Problem {
  const possible = Object.keys(parent?.properties ?? {})
  const meant = closest(String(path.at(-1)), possible)
  const others = possible.length ? `Remove it. Known keys: ${possible.join(', ')}.` : 'Remove it.'
  return { path, wrong: 'is not a known key', remedy: meant ? `Did you mean ${meant}?` : others }
}

function unknownKind(path: Path, given: unknown, kinds: string[]): Problem {
  const known = `Known types: ${kinds.join(', ')}.`
  if (given === undefined) return { path, wrong: 'is missing', remedy: `Add it. ${known}` }
  const meant = typeof given === 'string' ? closest(given, kinds) : undefined
  return { path, wrong: 'is not a known type', remedy: meant ? `Did you mean ${meant}?` : known }
}

/** Of the alternatives for a value (one thing, or a list of them), the one that was probably meant. */
function likelyBranch(branches: readonly z.core.$ZodIssue[][], given: unknown): z.core.$ZodIssue[] {
  const isOtherKind = (issues: z.core.$ZodIssue[]) =>
    issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0)
  const isList = (issues: z.core.$ZodIssue[]) =>
    issues.some(
      (issue) => typeof issue.path[0] === 'number' || (issue.code === 'too_small' && issue.origin === 'array'),
    )
  return (
    (Array.isArray(given) && branches.find(isList)) || branches.find((each) => !isOtherKind(each)) || branches[0] || []
  )
}

const KINDS: Record<string, string> = {
  array: 'a list',
  object: 'a group of keys, one per line',
  record: 'a group of keys, one per line',
  string: 'text (in quotes if it looks like a number)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

/** An error map for zod: the end of a sentence that begins with the name of the key. */
export function wording(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === null ? 'is empty' : `must be ${KINDS[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
    case 'too_small':
      return bound(issue.origin, Number(issue.minimum), 'at least')
    case 'too_big':
      return bound(issue.origin, Number(issue.maximum), 'at most')
    case 'invalid_format':
      return issue.format === 'url' ? 'must be a URL' : 'has the wrong format'
    default:
      return 'is not valid here'
  }
}

function bound(origin: string, limit: number, word: 'at least' | 'at most'): string {
  if (word === 'at least' && limit === 1 && origin === 'string') return 'must not be empty'
  if (origin === 'string') return `must have ${word} ${limit} characters`
  if (origin === 'array') return `must have ${word} ${limit === 1 ? 'one entry' : `${limit} entries`}`
  return `must be ${word} ${limit}`
}

/** The part of the JSON Schema that describes a path; of alternatives the one whose fixed values fit. */
function schemaAt(shape: JsonSchema | undefined, path: Path, value: unknown): JsonSchema | undefined {
  const options = shape?.oneOf ?? shape?.anyOf
  const here = options ? (options.find((option) => fits(option, value)) ?? merged(options)) : shape
  const [key, ...rest] = path
  if (key === undefined || here === undefined)
    return shape?.description ? { ...here, description: shape.description } : here
  const named =
    here.properties?.[key] ?? (typeof here.additionalProperties === 'object' ? here.additionalProperties : {})
  return schemaAt(typeof key === 'number' ? here.items : named, rest, valueAt(value, [key]))
}

const fits = ({ properties = {} }: JsonSchema, value: unknown) =>
  Object.entries(properties).some(([, { const: fixed }]) => fixed !== undefined) &&
  Object.entries(properties).every(([key, { const: fixed }]) => fixed === undefined || fixed === valueAt(value, [key]))

/** Everything that any of the alternatives has. */
const merged = (options: JsonSchema[]): JsonSchema => ({
  ...options.find(({ items }) => items),
  properties: Object.assign({}, ...options.map(({ properties }) => properties)),
})

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((node, key) => {
    const parent = node as Record<string | number, unknown> | null | undefined
    return parent !== null && typeof parent === 'object' && Object.hasOwn(parent, key) ? parent[key] : undefined
  }, value)
}

/** `sources[0].id`; "the file" for all of it. */
export function pathText(path: Path): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
  return text.replace(/^\./, '') || 'the file'
}
