import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { ConfigError } from '../ports/errors.ts'

export type Path = readonly (string | number)[]

export interface YamlText {
  /** What the text says, as plain values. */
  value: unknown
  /** The line of what a path names, or of the innermost part of it that is there. Null for the file as a whole. */
  lineOf(path: Path): number | null
}

/** Reads YAML that a person wrote. Throws a ConfigError that names the line. */
export function readYaml(text: string, file: string): YamlText {
  const lines = new LineCounter()
  const refuse = (path: string, wrong: string, remedy: string) => new ConfigError([{ path, wrong, remedy }], file)
  let document: Document.Parsed
  let value: unknown
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
    const flaws = [...document.errors, ...document.warnings]
    if (flaws.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) throw new RangeError()
    if (flaws.length) {
      const problems = flaws.map(({ message, pos }) => ({
        path: `line ${lines.linePos(pos[0]).line}`,
        wrong: message.split('\n', 1)[0]?.replace(/\.$/, '') ?? 'is not YAML',
        remedy: 'Check the indentation and the quotes.',
      }))
      // One slip of the pen has consequences further down; the first of a line is what to look at.
      throw new ConfigError(
        [...new Map(problems.toReversed().map((one) => [one.path, one])).values()].toReversed(),
        file,
      )
    }
    value = document.toJS()
  } catch (error) {
    if (error instanceof RangeError) throw refuse('the file', 'is nested too deeply', 'Write it flatter.')
    // What the library throws for anchors that multiply, and for names that no anchor has.
    if (error instanceof ReferenceError) {
      const remedy = 'Write out what the aliases (*name) stand for.'
      throw refuse('the file', 'uses YAML aliases in a way that cannot be resolved', remedy)
    }
    throw error
  }
  if (isCyclic(value, new Set())) {
    const remedy = 'Write out what the alias (*name) stands for.'
    throw refuse('the file', 'has a YAML alias inside the value that it stands for', remedy)
  }
  return {
    value,
    lineOf(path) {
      const offset = offsetOf(document, path)
      return offset === null ? null : lines.linePos(offset).line
    },
  }
}

function isCyclic(node: unknown, around: Set<unknown>): boolean {
  if (node === null || typeof node !== 'object') return false
  if (around.has(node)) return true
  around.add(node)
  const found = Object.values(node).some((item) => isCyclic(item, around))
  around.delete(node)
  return found
}

function offsetOf(document: Document.Parsed, path: Path): number | null {
  let node: unknown = document.contents
  let offset: number | null = null
  for (const step of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step) : undefined
    const next: unknown = isSeq(node) ? node.items[Number(step)] : pair?.value
    const place = pair?.key ?? next
    if (!isNode(place) || !place.range) break
    offset = place.range[0]
    node = next
  }
  return offset
}
