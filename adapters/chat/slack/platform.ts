import { webApi } from '@slack/bolt'
import { z } from 'zod'
import type { Card } from '../../../src/cards/card.ts'
import type { ChatContext, ChatPlatform, PostOptions, ReplyOptions } from '../../../src/ports/chat.ts'
import type { SlackConfig } from './config.ts'
import { toFault } from './faults.ts'
import { findByKey, metadataOf } from './find.ts'
import { listen, type Workspace } from './listen.ts'
import { toBoltLogger } from './logger.ts'
import { INERT, renderMessage } from './render.ts'

/** A token of a whole Enterprise Grid organization belongs to no workspace. */
const Identity = z.object({ team_id: z.string().nullish() })
const Posted = z.object({ ts: z.string() })

/** Slack answers within a second or two; after this, in ms, it is not going to. */
const TIMEOUT = 10_000

export function openSlack(config: SlackConfig, context: ChatContext): ChatPlatform {
  const clientOptions: webApi.WebClientOptions = {
    slackApiUrl: config.apiUrl.replace(/\/?$/, '/'),
    logger: toBoltLogger(context.log),
    timeout: TIMEOUT,
    // The deliver job decides when to try again; it alone knows whether the message is still wanted.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
  }
  const client = new webApi.WebClient(config.botToken, clientOptions)
  let stopListening = async () => {}
  let home: string | null | undefined

  /** The bot token's own workspace, and those and the organizations that the configuration names. */
  async function isInstalled(workspaces: readonly Workspace[]): Promise<boolean> {
    if (home === undefined) home = Identity.parse(await client.auth.test()).team_id ?? null
    const known = [...config.workspaces, ...(home === null ? [] : [home])]
    return workspaces.every((ids) => ids.some((id) => id && known.includes(id)))
  }

  /** Posts once: after a doubtful try, looks whether it is there. */
  async function send(
    channel: string,
    card: Card,
    key: string,
    options: PostOptions,
    reply?: { thread: string; heard: ReplyOptions['heard'] },
  ): Promise<string> {
    const thread = reply?.thread
    try {
      if (options.mayExist) {
        const there = await findByKey(client, channel, key, thread)
        if (there) return there
      }
      options.signal?.throwIfAborted()
      const owner = config.mentionOwner ? (reply?.heard?.owner ?? null) : null
      const message = { channel, ...renderMessage(card, owner), metadata: metadataOf(key), ...INERT }
      if (!thread) return Posted.parse(await client.chat.postMessage(message)).ts
      const reply_broadcast = reply.heard !== undefined && config.worsening === 'broadcast'
      return Posted.parse(await client.chat.postMessage({ ...message, thread_ts: thread, reply_broadcast })).ts
    } catch (error) {
      throw toFault(error)
    }
  }

  return {
    id: 'slack',
    async start(inbound) {
      stopListening = await listen(config, context, clientOptions, inbound, isInstalled)
    },
    stop: () => stopListening(),
    async ping() {
      try {
        await client.auth.test()
        // Says whether the bot is in the channel, and may look for its own messages there.
        await client.conversations.history({ channel: config.channel, limit: 1 })
        if (config.mode === 'socket')
          await new webApi.WebClient(config.appToken, clientOptions).apps.connections.open({})
      } catch (error) {
        throw toFault(error)
      }
    },
    async post(to, card, key, options) {
      return { ...to, id: await send(to.channel, card, key, options) }
    },
    async update(message, card) {
      try {
        await client.chat.update({
          channel: message.channel,
          ts: message.id,
          ...renderMessage(card),
          link_names: false,
          parse: 'none',
        })
      } catch (error) {
        throw toFault(error)
      }
    },
    async reply(message, card, key, options) {
      await send(message.channel, card, key, options, { thread: message.id, heard: options.heard })
    },
  }
}
