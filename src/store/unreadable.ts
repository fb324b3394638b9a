import type { Unreadable, UnreadableItem } from '../ports/store/index.ts'

export function createUnreadable(): Unreadable {
  const byKind = new Map<string, readonly UnreadableItem[]>()
  return {
    found: (kind, items) => void byKind.set(kind, items),
    list: () => [...byKind.values()].flat(),
  }
}
