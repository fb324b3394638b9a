import type { ChatContext, ChatDefinition, ChatPlatform, Inbound } from '../../../src/ports/chat.ts'
import { createAttempts } from './attempts.ts'
import { config, type WebConfig } from './config.ts'
import { createFeed } from './feed.ts'
import { createMessages } from './messages.ts'
import { addRoutes } from './routes.ts'

export const web: ChatDefinition<WebConfig> = { id: 'web', config, open }

function open(config: WebConfig, { routes, journal, clock, log }: ChatContext): ChatPlatform {
  const feed = createFeed(config.channel, journal, clock, log)
  const messages = createMessages(journal, clock, feed.wake)
  let inbound: Inbound | null = null
  // By the machine's own clock: a demo's runs faster.
  const attempts = createAttempts(() => performance.now())
  addRoutes(routes, { config, journal, clock, feed, messages, attempts, log, inbound: () => inbound })

  return {
    id: 'web',
    async start(handlers) {
      inbound = handlers
    },
    async stop() {
      inbound = null
      feed.close()
    },
    async ping() {
      await journal.latest(config.channel, 1)
    },
    async post(to, card, key) {
      return { ...to, id: await messages.post(to.channel, key, card) }
    },
    update: (message, card) => messages.update(message.id, card),
    reply: (message, card, key, { heard }) => messages.reply(message.id, key, card, heard),
  }
}
