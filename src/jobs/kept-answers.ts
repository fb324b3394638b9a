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
  /** Two presses of an impatient person come to the same process. */
  const sharing = new Set<string>()

  const put = (entry: Pick<JournalEntry, 'id' | 'key' | 'card'>) =>
    journal.put({ ...entry, channel: CHANNEL, parent: null, at: clock.now(), updatedAt: clock.now() })

  return {
    async keep(card, question) {
      const id = randomUUID()
      await put({ id, key: question, card })
      return id
    },
    async share(id, who) {
      if (sharing.has(id)) return { sharedBy: who }
      sharing.add(id)
      try {
        const marker = `${id} shared`
        const [kept, shared] = await Promise.all([journal.get(id), journal.get(marker)])
        if (kept?.channel !== CHANNEL) return null
        if (shared) return { sharedBy: shared.key }
        await put({ id: marker, key: who, card: { title: 'Shared', tone: 'muted' } })
        return { card: kept.card, question: kept.key }
      } finally {
        sharing.delete(id)
      }
    },
  }
}
