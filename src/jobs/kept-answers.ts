import { randomUUID } from 'node:crypto'
import type { Card } from '../cards/card.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal, JournalEntry } from '../ports/journal.ts'

/** No page has a channel without a name, so nobody sees what is kept here. It is pruned like all messages. */
const CHANNEL = ''

export interface KeptAnswers {
  /** Keeps an answer that one person saw; returns the ID by which it can be shared. */
  keep(card: Card, question: string): Promise<string>
  /** For `who` to share, once. Null where it is no longer kept. */
  share(id: string, who: string): Promise<{ card: Card; question: string } | { sharedBy: string } | null>
}

/** The answers that were given, so that sharing shows them rather than ask, or do, the same again. */
export function createKeptAnswers(journal: Journal, clock: Clock): KeptAnswers {
  const entryOf = (entry: Pick<JournalEntry, 'id' | 'key' | 'card'>): JournalEntry => {
    const at = clock.now()
    return { ...entry, channel: CHANNEL, parent: null, at, updatedAt: at }
  }

  return {
    async keep(card, question) {
      const id = randomUUID()
      await journal.put(entryOf({ id, key: question, card }))
      return id
    },
    async share(id, who) {
      const kept = await journal.get(id)
      if (kept?.channel !== CHANNEL) return null
      // The database decides who was first: two presses may come to two replicas.
      const marker = entryOf({ id: `${id} shared`, key: who, card: { title: 'Shared', tone: 'muted' } })
      if (await journal.claim(marker)) return { card: kept.card, question: kept.key }
      return { sharedBy: (await journal.get(marker.id))?.key ?? who }
    },
  }
}
