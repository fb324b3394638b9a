import type { Card } from '../cards/card.ts'
import type { ChatPlatform, MessageRef } from '../ports/chat.ts'
import type { Log } from '../ports/log.ts'

/** No chat takes longer to answer. */
const PATIENCE_MS = 20_000

/** Alerts that go to the chats without the store, because it cannot take them. They are in no list, and nobody can acknowledge them. */
export interface DirectAlerts {
  /** Posts it in every place where nothing of this key stands yet. A place that fails is tried again at the next call. */
  tell(key: string, card: Card): Promise<void>
  /** Adds to the threads of what was posted that it is over; the key may be told anew. */
  over(key: string, card: Card | null): Promise<void>
}

interface Place {
  platform: ChatPlatform
  channel: string
}

export function createDirectAlerts(places: readonly Place[], log: Log): DirectAlerts {
  /** By key and place: the message; null where it could not be posted so far, which the log says once. */
  const posted = new Map<string, Map<Place, MessageRef | null>>()

  async function post(key: string, card: Card, place: Place, messages: Map<Place, MessageRef | null>): Promise<void> {
    const { platform, channel } = place
    if (messages.get(place)) return
    // Another replica may have told it, or this one before it was started again.
    const posting = { mayExist: true, signal: AbortSignal.timeout(PATIENCE_MS) }
    try {
      messages.set(place, await platform.post({ platform: platform.id, channel }, card, key, posting))
    } catch (error) {
      if (!messages.has(place))
        log.error(
          { err: error, alert: card.title },
          `${platform.id} ${channel} did not take an alert: ${messageOf(error)}`,
        )
      messages.set(place, null)
    }
  }

  return {
    async tell(key, card) {
      const messages = posted.get(key) ?? new Map<Place, MessageRef | null>()
      posted.set(key, messages)
      await Promise.all(places.map((place) => post(key, card, place, messages)))
    },
    async over(key, card) {
      const messages = [...(posted.get(key) ?? [])]
      posted.delete(key)
      if (!card) return
      for (const [{ platform }, message] of messages) {
        if (!message) continue
        await platform
          .reply(message, card, `${key} over`, { mayExist: true, signal: AbortSignal.timeout(PATIENCE_MS) })
          .catch((error: unknown) => log.warn({ err: error }, `${platform.id}: ${messageOf(error)}`))
      }
    },
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
