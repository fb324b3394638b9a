import type { ChatContext, ChatDefinition, ChatPlatform } from '../../../src/ports/chat.ts'
import { config, type SlackConfig } from './config.ts'

export const slack: ChatDefinition<SlackConfig> = { id: 'slack', config, open }

function open(config: SlackConfig, context: ChatContext): ChatPlatform {
  // Bolt takes a third of a second to load: only those who use Slack wait for it.
  let platform: Promise<ChatPlatform> | undefined
  const loaded = () => {
    platform ??= import('./platform.ts').then(({ openSlack }) => openSlack(config, context))
    return platform
  }
  return {
    id: 'slack',
    start: async (inbound) => (await loaded()).start(inbound),
    stop: async () => (await loaded()).stop(),
    ping: async () => (await loaded()).ping(),
    post: async (to, card, key, options) => (await loaded()).post(to, card, key, options),
    update: async (message, card) => (await loaded()).update(message, card),
    reply: async (message, card, key, options) => (await loaded()).reply(message, card, key, options),
  }
}
