export interface Missing {
  path: (string | number)[]
  name: string
}

// ${NAME} or ${NAME:-used when NAME is not set}
const PLACE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

/** Fills `${NAME}` in every string of a tree, and tells which names have no value. The tree itself is left alone. */
export function fillIn(tree: unknown, env: Record<string, string | undefined>): { value: unknown; missing: Missing[] } {
  const missing: Missing[] = []
  const fill = (node: unknown, path: (string | number)[]): unknown => {
    if (typeof node === 'string') {
      return node.replace(PLACE, (_, name: string, fallback?: string) => {
        const value = env[name] || fallback
        if (value === undefined) missing.push({ path, name })
        return value ?? ''
      })
    }
    if (Array.isArray(node)) return node.map((item, index) => fill(item, [...path, index]))
    if (node && typeof node === 'object')
      return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, fill(item, [...path, key])]))
    return node
  }
  return { value: fill(tree, []), missing }
}
