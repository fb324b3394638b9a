import { type Node, type Program, parseSync, visitorKeys } from 'oxc-parser'

export type { Node, Program }

/** A node on the way to the one that is looked at, the nearest last. */
export type Path = readonly Node[]

export function parse(file: string, text: string): Program {
  return parseSync(file, text, { preserveParens: false }).program
}

/** Calls `visit` for every node that is run: types are left out. */
export function walk(node: Node, visit: (node: Node, path: Path) => void, path: Path = []): void {
  if (node.type.startsWith('TS') && !RUN_ALL_THE_SAME.has(node.type)) return
  visit(node, path)
  const below = [...path, node]
  for (const key of visitorKeys[node.type] ?? []) {
    const child = (node as unknown as Record<string, unknown>)[key]
    for (const each of Array.isArray(child) ? child : [child]) {
      if (each && typeof each === 'object') walk(each as Node, visit, below)
    }
  }
}

/** `x as T`, `x!` and `x satisfies T` hold an expression. */
const RUN_ALL_THE_SAME = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression'])
