import type { Journal, JournalEntry } from '../../src/ports/journal.ts'

/** A journal in memory, for tests of the page that need no database. */
export function createMemoryJournal(): Journal {
  const rows = new Map<string, { entry: JournalEntry; revision: bigint }>()
  let head = 0n

  const of = (channel: string) =>
    [...rows.values()]
      .filter(({ entry }) => entry.channel === channel)
      .toSorted((a, b) => Number(a.revision - b.revision))

  return {
    async put(entry) {
      head += 1n
      rows.set(entry.id, { entry: structuredClone(entry), revision: head })
    },
    async claim(entry) {
      if (rows.has(entry.id)) return false
      await this.put(entry)
      return true
    },
    async get(id) {
      return rows.get(id)?.entry ?? null
    },
    async latest(channel, limit) {
      const all = of(channel).map(({ entry }) => entry)
      const byAge = all.toSorted((a, b) => a.at.getTime() - b.at.getTime())
      const roots = new Set(
        byAge
          .filter((entry) => entry.parent === null)
          .slice(-limit)
          .map((entry) => entry.id),
      )
      return { revision: head, entries: byAge.filter((entry) => roots.has(entry.parent ?? entry.id)) }
    },
    async since(channel, revision) {
      const entries = of(channel)
        .filter((row) => row.revision > revision)
        .map(({ entry }) => entry)
      return { revision: head, entries }
    },
  }
}
