import { createHash } from 'node:crypto'
import type { Card } from '../../../src/cards/card.ts'
import type { ReplyOptions } from '../../../src/ports/chat.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import { Gone } from '../../../src/ports/errors.ts'
import type { Journal, JournalEntry } from '../../../src/ports/journal.ts'

export type Messages = ReturnType<typeof createMessages>

/** The key of a message that says what happened to another one, and which one that is. */
const noticeKey = (about: string, key: string) => `notice ${about} ${key}`
export const aboutOf = (key: string): string | null => /^notice ([\w-]+) /.exec(key)?.[1] ?? null

/** The page's messages. Their ids follow from channel, thread and key, so that a second try hits the same message. */
export function createMessages(journal: Journal, clock: Clock, written: () => void) {
  async function put(place: Pick<JournalEntry, 'channel' | 'parent' | 'key'>, card: Card): Promise<string> {
    const id = createHash('sha256')
      .update(JSON.stringify([place.channel, place.parent, place.key]))
      .digest('base64url')
      .slice(0, 22)
    const now = clock.now()
    const before = await journal.get(id)
    await journal.put({ ...place, id, card, at: before?.at ?? now, updatedAt: now })
    written()
    return id
  }

  async function existing(id: string): Promise<JournalEntry> {
    const entry = await journal.get(id)
    if (!entry) throw new Gone(`the web page has no message ${id}`)
    return entry
  }

  return {
    post: (channel: string, key: string, card: Card) => put({ channel, parent: null, key }, card),
    /** What must be heard is a message too: a line in the thread of an old one is noticed by nobody. */
    async reply(id: string, key: string, card: Card, heard?: ReplyOptions['heard']) {
      const { channel } = await existing(id)
      await put({ channel, parent: id, key }, card)
      if (!heard) return
      const owner = heard.owner ? [`${heard.owner.name} acknowledged this.`] : []
      await put({ channel, parent: null, key: noticeKey(id, key) }, { ...card, text: [...owner, ...(card.text ?? [])] })
    },
    async update(id: string, card: Card) {
      const entry = await existing(id)
      await journal.put({ ...entry, card, updatedAt: clock.now() })
      written()
    },
  }
}
