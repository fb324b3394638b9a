import { expect } from 'vitest'
import { web } from '../../adapters/chat/web/index.ts'
import type { Inbound } from '../../src/ports/chat.ts'
import { Unavailable } from '../../src/ports/errors.ts'
import type { ChatHarness, Shown } from '../contract/chat-platform.ts'
import { createChatServer } from './chat-server.ts'
import { createMemoryJournal } from './web-journal.ts'
import { openWebSession } from './web-session.ts'

/** The page's adapter on the app's own server, and a browser without JavaScript: forms and HTML only. */
export async function openWebHarness(inbound: Inbound): Promise<ChatHarness> {
  const chats = await createChatServer()
  const journal = createMemoryJournal()
  const deleted = new Set<string>()
  let broken = false
  const guarded = {
    ...journal,
    get: async (id: string) => (deleted.has(id) ? null : journal.get(id)),
    latest: async (channel: string, limit: number) => {
      if (broken) throw new Unavailable('the database is away')
      return journal.latest(channel, limit)
    },
  }
  const platform = web.open(web.config.parse({}), { ...chats.context, journal: guarded })
  await platform.start(inbound)
  const session = await openWebSession(chats.url)
  const answers: string[] = []

  async function submit(path: string, fields: Record<string, string>) {
    const response = await session.submit(path, fields)
    const { html } = (await response.json()) as { html: string | null }
    if (html) answers.push(html)
  }

  return {
    platform,
    to: { platform: 'web', channel: 'alerts' },
    shown: async () => messagesOf(await session.page()),
    answers: async () => answers.map(wordsOf),
    type: (text) => submit('/command', { text }),
    press: async (action, on) => {
      const html = on === 'answer' ? (answers.at(-1) ?? '') : await session.page()
      const press = [...html.matchAll(/name="press" value="([^"]*)"/g)].map(([, value]) => value ?? '')
      const value = press.find((candidate) => candidate.startsWith(`${action}:`))
      if (value === undefined) throw new Error(`no button ${action}`)
      await submit('/action', { press: value, message: on === 'answer' ? '' : on.id })
    },
    deleteMessage: async ({ id }) => {
      deleted.add(id)
    },
    expectInert: async () => {
      const html = await session.page()
      expect(html).not.toContain('<b>x</b>')
      expect(html).not.toContain('href="https://evil.example')
      expect(html).not.toMatch(/href="javascript:/i)
      expect(html).toContain('&lt;!channel&gt;')
    },
    breakDown: async () => {
      broken = true
    },
    close: async () => {
      await platform.stop()
      await chats.close()
    },
  }
}

function messagesOf(page: string): Shown[] {
  return page
    .split('<article class="message" id="m-')
    .slice(1)
    .map((html) => {
      const [card = '', thread = ''] = html.split('<ol class="thread"')
      return {
        id: html.slice(0, html.indexOf('"')),
        words: wordsOf(card),
        thread: thread.split('<li class="note"').slice(1).map(wordsOf),
      }
    })
    .toReversed()
}

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' }

function wordsOf(html: string): string {
  return html.replace(/<[^>]*>/g, '\n').replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity)
}
