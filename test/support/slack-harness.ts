import { expect } from 'vitest'
import { slack } from '../../adapters/chat/slack/index.ts'
import type { ActionId } from '../../src/cards/card.ts'
import type { Inbound, MessageRef } from '../../src/ports/chat.ts'
import type { ChatHarness, Shown } from '../contract/chat-platform.ts'
import { createChatServer } from './chat-server.ts'
import { textsOf } from './slack-blocks.ts'
import { commandPayload, pressPayload, sendSigned } from './slack-request.ts'
import { APP_TOKEN, BOT_TOKEN, CHANNEL, type SlackFault, startSlackServer } from './slack-server.ts'

export const SIGNING_SECRET = 'a signing secret of a test'

type Server = Awaited<ReturnType<typeof startSlackServer>>

export interface SlackHarness extends ChatHarness {
  server: Server
  /** The app's own address. */
  url: string
  /** Every log line so far. */
  logged(): string
}

/** The adapter with the real Bolt, against the strict stand-in; Slack's side is played over HTTP or Socket Mode. */
export async function openSlackHarness(
  mode: 'http' | 'socket',
  inbound: Inbound,
  faults: SlackFault[] = [],
  settings: object = {},
): Promise<SlackHarness> {
  const server = await startSlackServer()
  server.faults.push(...faults)
  const chats = await createChatServer()
  const secrets = mode === 'http' ? { signingSecret: SIGNING_SECRET } : { appToken: APP_TOKEN }
  const config = slack.config.parse({
    mode,
    botToken: BOT_TOKEN,
    channel: CHANNEL,
    apiUrl: server.apiUrl,
    ...secrets,
    ...settings,
  })
  const platform = slack.open(config, chats.context)
  await platform.start(inbound)

  async function send(kind: 'slash_commands' | 'interactive', payload: object) {
    if (mode === 'socket') return server.socketMode.send(kind, payload)
    const fields = kind === 'interactive' ? { payload: JSON.stringify(payload) } : payload
    const body = new URLSearchParams(fields as Record<string, string>).toString()
    const response = await sendSigned(`${chats.url}/slack/events`, body, { secret: SIGNING_SECRET })
    expect(response.status).toBe(200)
  }

  const wordsOf = (blocks: unknown) => textsOf(blocks).join('\n')
  const roots = () => server.messages.filter((m) => !m.thread_ts && !m.deleted)
  const sent = (type: string) => server.responses.filter(({ body }) => body.response_type === type)

  function buttonOf(action: ActionId, blocks: unknown) {
    const buttons = (blocks as { type: string; elements: { action_id: string; value: string }[] }[])
      .filter(({ type }) => type === 'actions')
      .flatMap(({ elements }) => elements)
    const button = buttons.find(({ action_id }) => action_id.startsWith(`${action}/`))
    if (!button) throw new Error(`no button ${action}`)
    return { action_id: button.action_id, value: button.value }
  }

  return {
    server,
    url: chats.url,
    logged: () => chats.logged.join('\n'),
    platform,
    to: { platform: 'slack', channel: CHANNEL },
    shown: async () => [
      ...roots().map(
        (root): Shown => ({
          id: root.ts,
          words: wordsOf(root.blocks),
          thread: server.messages.filter((m) => m.thread_ts === root.ts).map((m) => wordsOf(m.blocks)),
        }),
      ),
      ...server.messages
        .filter((m) => m.thread_ts && m.sent.reply_broadcast === true)
        .map((m) => ({ id: m.ts, words: wordsOf(m.blocks), thread: [] })),
      ...sent('in_channel').map(({ url, body }) => ({ id: url, words: wordsOf(body.blocks), thread: [] })),
    ],
    answers: async () => sent('ephemeral').map(({ body }) => wordsOf(body.blocks)),
    type: (text) => {
      // Slack sends what was typed with these three encoded.
      const encoded = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
      return send('slash_commands', commandPayload(encoded, server.responseUrl()))
    },
    press: async (action, on) => {
      const blocks = on === 'answer' ? sent('ephemeral').at(-1)?.body.blocks : messageOf(server, on)?.blocks
      const ts = on === 'answer' ? undefined : on.id
      await send('interactive', pressPayload(buttonOf(action, blocks), server.responseUrl(), ts))
    },
    deleteMessage: async ({ channel, id }) => {
      server.delete(channel, id)
    },
    expectInert: async () => expectInert(server.messages.at(-1)),
    breakDown: async () => {
      server.revoked.add(BOT_TOKEN)
    },
    close: async () => {
      await platform.stop()
      await chats.close()
      await server.close()
    },
  }
}

function messageOf(server: Server, { channel, id }: MessageRef) {
  return server.messages.find((m) => m.channel === channel && m.ts === id)
}

/** No mrkdwn, no mention, no link to where the hostile words point, and no parsing of the text beside the blocks. */
function expectInert(message: Server['messages'][number] | undefined): void {
  const blocks = JSON.stringify(message?.blocks)
  for (const type of ['mrkdwn', 'user', 'usergroup', 'broadcast', 'channel', 'link', 'emoji', 'date']) {
    expect(blocks).not.toContain(`"type":"${type}"`)
  }
  expect(message?.text).not.toMatch(/[<>]/)
  expect(message?.sent).toMatchObject({ parse: 'none', link_names: false })
}
