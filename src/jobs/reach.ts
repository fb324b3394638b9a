import { settlesWithin } from '../lib/settles-within.ts'
import type { ChatPlatform } from '../ports/chat.ts'
import { isFault } from '../ports/errors.ts'

/** A person who asks for the status does not wait longer than this for a chat. */
const PATIENCE_MS = 3000

/** Sentences about the chats that alerts would not reach now: the first alert is too late to find out. */
export async function unreachable(
  places: readonly { platform: ChatPlatform; channel: string }[],
  patienceMs = PATIENCE_MS,
): Promise<string[]> {
  const reasons = await Promise.all(
    places.map(async ({ platform, channel }) => {
      const asked = platform.ping()
      if (!(await settlesWithin(patienceMs, asked)))
        return `Alerts may not reach ${platform.id} ${channel}: it does not answer within ${patienceMs / 1000} s.`
      return asked.then(
        () => null,
        (error: unknown) => {
          const problem = error instanceof Error ? error.message : String(error)
          return `Alerts will NOT reach ${platform.id} ${channel}: ${problem}.${isFault(error) ? ` ${error.remedy}` : ''}`
        },
      )
    }),
  )
  return reasons.filter((reason) => reason !== null)
}
