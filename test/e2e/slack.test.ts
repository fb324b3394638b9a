import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { createEmulator, type Emulator } from 'emulate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { slack } from '../../adapters/chat/slack/index.ts'
import type { ChannelRef, ChatPlatform } from '../../src/ports/chat.ts'
import { Gone, Refused } from '../../src/ports/errors.ts'
import { createChatServer } from '../support/chat-server.ts'
import { alertCard, HOSTILE, hostileCard, hugeCard } from '../support/sample-cards.ts'
import { textsOf } from '../support/slack-blocks.ts'

const TOKEN = 'xoxb-emulated'
const manifest = parse(readFileSync(new URL('../../adapters/chat/slack/manifest.yaml', import.meta.url), 'utf8')) as {
  oauth_config: { scopes: { bot: string[] } }
}
const card = alertCard(new Date('2026-03-03T14:25:00Z'))
const NEW = { mayExist: false }

/** A Web API that nobody here wrote, with exactly the scopes of our manifest. */
describe('Slack, emulated by somebody else', () => {
  let emulator: Emulator
  let chats: Awaited<ReturnType<typeof createChatServer>>
  let platform: ChatPlatform
  let to: ChannelRef

  beforeAll(async () => {
    const scopes = manifest.oauth_config.scopes.bot
    const tokens = [
      { token: TOKEN, user: 'bell', scopes },
      { token: 'xoxb-list', user: 'bell', scopes: ['channels:read'] },
    ]
    const seed = { slack: { strict_scopes: true, users: [{ name: 'bell' }], channels: [{ name: 'alerts' }], tokens } }
    const port = await freePort()
    emulator = await createEmulator({ service: 'slack', port, baseUrl: `http://127.0.0.1:${port}`, seed })
    const { channels } = await call<{ channels: { id: string; name: string }[] }>('conversations.list', {}, 'xoxb-list')
    to = { platform: 'slack', channel: channels.find(({ name }) => name === 'alerts')?.id ?? '' }
    chats = await createChatServer()
    const apiUrl = `${emulator.url}/api`
    const config = { mode: 'http', botToken: TOKEN, signingSecret: 'x'.repeat(32), channel: to.channel, apiUrl }
    platform = slack.open(slack.config.parse(config), chats.context)
  })
  afterAll(async () => {
    await chats?.close()
    await emulator?.close()
  })

  async function call<T>(method: string, args: object, token = TOKEN): Promise<T> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(`${emulator.url}/api/${method}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(args),
    })
    return (await response.json()) as T
  }

  interface Message {
    ts: string
    text: string
    blocks: unknown[]
  }
  const history = async () =>
    (await call<{ messages: Message[] }>('conversations.history', { channel: to.channel })).messages
  const thread = async (ts: string) =>
    (await call<{ messages: Message[] }>('conversations.replies', { channel: to.channel, ts })).messages.slice(1)

  it('takes a ping, a post, an edit and replies with the scopes of the manifest', async () => {
    await platform.ping()
    const message = await platform.post(to, card, 'k1', NEW)
    await platform.update(message, { ...card, title: 'Resolved: Yahoo takes your mail again', tone: 'good' })
    await platform.reply(message, { title: 'Opened', tone: 'critical' }, 'r1', NEW)
    await platform.reply(message, { title: 'Opened', tone: 'critical' }, 'r1', { mayExist: true })
    const [shown] = await history()
    expect(textsOf(shown?.blocks)[0]).toBe('🟢 Resolved: Yahoo takes your mail again')
    expect(await thread(message.id)).toHaveLength(1)
  })

  it('has one message after a doubtful try', async () => {
    const before = (await history()).length
    const message = await platform.post(to, card, 'k2', { mayExist: true })
    expect(await platform.post(to, card, 'k2', { mayExist: true })).toEqual(message)
    expect(await history()).toHaveLength(before + 1)
  })

  it('keeps hostile words as they are', async () => {
    await platform.post(to, hostileCard, 'k3', NEW)
    const [shown] = await history()
    expect(textsOf(shown?.blocks)).toContain(`🟠 ${HOSTILE}`)
    expect(shown?.text).toContain('&lt;!channel&gt; &lt;@U1&gt;')
    expect(JSON.stringify(shown?.blocks)).not.toContain('mrkdwn')
  })

  it('takes a card beyond every limit', async () => {
    await platform.post(to, hugeCard, 'k4', NEW)
    expect(textsOf((await history())[0]?.blocks)[0]).toContain('xxxx')
  })

  it('says that a deleted message is gone, and that a channel is not there', async () => {
    const message = await platform.post(to, card, 'k5', NEW)
    await call('chat.delete', { channel: to.channel, ts: message.id })
    await expect(platform.update(message, card)).rejects.toThrow(Gone)
    await expect(platform.post({ ...to, channel: 'C0NOWHERE1' }, card, 'k6', NEW)).rejects.toThrow(Refused)
  })
})

/** The emulator wants to be told its port. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
