import type { ChatPlatform, Inbound } from '../../src/ports/chat.ts'

/** A chat that keeps what it is asked to show, in order. */
export function createRecordingChat(id = 'recorded') {
  const said: string[] = []
  let inbound: Inbound | null = null
  const platform: ChatPlatform = {
    id,
    start: async (given) => {
      inbound = given
      said.push('start')
    },
    stop: async () => {
      said.push('stop')
    },
    ping: async () => {},
    post: async (to, card, key) => {
      said.push(`post ${to.channel} ${card.title}`)
      return { ...to, id: key }
    },
    update: async ({ id }, card) => {
      said.push(`update ${id} ${card.title}`)
    },
    reply: async ({ id }, card) => {
      said.push(`reply ${id} ${card.title}`)
    },
  }
  return { platform, said, inbound: () => inbound }
}
