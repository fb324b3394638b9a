import type { webApi } from '@slack/bolt'
import { z } from 'zod'

/** What we look for in a message; everything else in it is left alone. */
const Page = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        metadata: z
          .object({ event_type: z.string(), event_payload: z.object({ key: z.string() }) })
          .optional()
          .catch(undefined),
      }),
    )
    .default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
})

/** The newest 1,000 messages: an earlier try is hardly further away. Slack advises at most 200 a page. */
const PAGE = 200
const PAGES = 5

const EVENT_TYPE = 'bouncebell'

/** A message's metadata, by which it is found again: https://docs.slack.dev/messaging/message-metadata */
export function metadataOf(key: string) {
  return { event_type: EVENT_TYPE, event_payload: { key } }
}

/** The timestamp of the message with that key: in the channel, or in the thread of `thread`. */
export async function findByKey(
  client: webApi.WebClient,
  channel: string,
  key: string,
  thread?: string,
): Promise<string | null> {
  let cursor: string | undefined
  for (let page = 0; page < PAGES; page += 1) {
    const query = { channel, limit: PAGE, include_all_metadata: true, ...(cursor && { cursor }) }
    const answer = Page.parse(
      thread ? await client.conversations.replies({ ...query, ts: thread }) : await client.conversations.history(query),
    )
    const found = answer.messages.find(
      ({ metadata }) => metadata?.event_type === EVENT_TYPE && metadata.event_payload.key === key,
    )
    if (found) return found.ts
    cursor = answer.response_metadata?.next_cursor
    if (!cursor) return null
  }
  return null
}
