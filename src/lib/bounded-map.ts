/** A map that forgets what was not asked for in a while. */
export interface BoundedMap<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
}

/** Keeps the last `limit` entries that were used, at least, and twice as many at most. */
export function createBoundedMap<Key, Value>(limit: number): BoundedMap<Key, Value> {
  let recent = new Map<Key, Value>()
  let older = new Map<Key, Value>()
  const set = (key: Key, value: Value) => {
    recent.set(key, value)
    if (recent.size < limit) return
    older = recent
    recent = new Map()
  }
  return {
    get: (key) => {
      const found = recent.get(key)
      if (found !== undefined) return found
      const old = older.get(key)
      if (old !== undefined) set(key, old)
      return old
    },
    set,
  }
}
