import { z } from 'zod'
import type { ChatContext, ChatDefinition, ChatPlatform, Inbound } from '../../../src/ports/chat.ts'
import { createAttempts } from './attempts.ts'
import { createFeed } from './feed.ts'
import { createMessages } from './messages.ts'
import { addRoutes } from './routes.ts'

const config = z.strictObject({
  channel: z.string().min(1).max(80).default('alerts').describe('the name of the channel that the page shows'),
  user: z
    .string()
    .min(1)
    .max(80)
    .default('Somebody')
    .describe('the name recorded for people who gave none on the page'),
  token: z
    .string()
    .refine((token) => token.replace(/\s/g, '').length >= 16, 'must have at least 16 characters, blanks not counted')
    .optional()
    .describe('the token that the page asks for; required if other machines can reach the page'),
  hosts: z
    .array(z.string().toLowerCase())
    .default([])
    .describe('host names, without port, that people open the page by, such as bouncebell.example.com'),
  banner: z.string().optional().describe('a line of text above the messages'),
})

export type WebConfig = z.output<typeof config>

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
