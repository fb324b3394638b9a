import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { web } from '../../adapters/chat/web/index.ts'
import type { ChatPlatform, MessageRef } from '../../src/ports/chat.ts'
import { Recorder } from '../contract/chat-platform.ts'
import { createChatServer } from '../support/chat-server.ts'
import { openWebSession } from '../support/web-session.ts'

const to = { platform: 'web', channel: 'alerts' }
const NEW = { mayExist: false }

interface Change {
  id: string
  parent: string | null
  title: string
  html: string
}

describe('news of the page', () => {
  let chats: Awaited<ReturnType<typeof createChatServer>>
  let platform: ChatPlatform
  let cookie: string
  const streams: AbortController[] = []

  beforeEach(async () => {
    chats = await createChatServer()
    platform = web.open(web.config.parse({}), chats.context)
    await platform.start(new Recorder())
    cookie = (await openWebSession(chats.url)).cookie
  })
  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.abort()
    await platform.stop()
    await chats.close()
  })

  /** Follows the events; `changes` grows as they come. */
  async function follow(query = '', headers: Record<string, string> = {}) {
    const controller = new AbortController()
    streams.push(controller)
    const response = await fetch(`${chats.url}/events${query}`, {
      headers: { cookie, ...headers },
      signal: controller.signal,
    })
    const seen = {
      status: response.status,
      isOver: false,
      events: [] as string[],
      changes: [] as Change[],
      lastId: '',
    }
    const reading = async () => {
      let rest = ''
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + chunk).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) {
          const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? ''
          seen.events.push(field('event'))
          if (field('id')) seen.lastId = field('id')
          if (field('event') === 'entries') seen.changes.push(...(JSON.parse(field('data')) as Change[]))
        }
      }
    }
    reading()
      .catch(() => {})
      .finally(() => {
        seen.isOver = true
      })
    return seen
  }

  const post = (key: string) => platform.post(to, { title: `message ${key}`, tone: 'info' }, key, NEW)
  const reply = (message: MessageRef, key: string) => platform.reply(message, { title: key, tone: 'good' }, key, NEW)

  it('arrives in order, each change once', async () => {
    const seen = await follow()
    const one = await post('1')
    await reply(one, 'note')
    await platform.update(one, { title: 'message 1 changed', tone: 'good' })
    await expect.poll(() => seen.changes.at(-1)?.title).toBe('message 1 changed')
    expect(seen.changes.filter(({ title }) => title === 'note')).toMatchObject([{ parent: one.id }])
  })

  it('goes on after what the browser had, when the connection was lost', async () => {
    const first = await follow()
    await post('1')
    await expect.poll(() => first.changes).toHaveLength(1)
    streams[0]?.abort()
    await post('2')
    await post('3')
    const second = await follow('?since=0', { 'last-event-id': first.lastId })
    await expect.poll(() => second.changes.map(({ title }) => title)).toEqual(['message 2', 'message 3'])
  })

  it('has a message before its thread, though it was edited later', async () => {
    const one = await post('1')
    await reply(one, 'note')
    await platform.update(one, { title: 'message 1 changed', tone: 'good' })
    const seen = await follow()
    await expect.poll(() => seen.changes.map(({ title }) => title)).toEqual(['message 1 changed', 'note'])
  })

  it('arrives when another replica wrote it', async () => {
    const seen = await follow()
    await expect.poll(() => seen.events).toContain('time')
    const at = new Date()
    const card = { title: 'from elsewhere', tone: 'info' as const }
    await chats.journal.put({ id: 'x', channel: 'alerts', key: 'x', parent: null, card, at, updatedAt: at })
    await expect.poll(() => seen.changes).toMatchObject([{ title: 'from elsewhere' }])
  })

  it('makes the page load again when the messages are of another database than before', async () => {
    const seen = await follow('?since=99999')
    await expect.poll(() => seen.events).toContain('reload')
    await post('1')
    await expect.poll(() => seen.changes).toHaveLength(1)
  })

  it('goes on for the other pages when one is closed', async () => {
    const first = await follow()
    const second = await follow()
    await expect.poll(() => [first.events.length, second.events.length]).toEqual([1, 1])
    streams[0]?.abort()
    // Written by another replica: only the timer of the feed can find it.
    await expect.poll(() => first.isOver).toBe(true)
    const at = new Date()
    const card = { title: 'from elsewhere', tone: 'info' as const }
    await chats.journal.put({ id: 'x', channel: 'alerts', key: 'x', parent: null, card, at, updatedAt: at })
    await expect.poll(() => second.changes).toMatchObject([{ title: 'from elsewhere' }])
  })

  it('keeps no place for browsers that reset the connection while they are let in', async () => {
    const { latest } = chats.journal
    const isOpen = Promise.withResolvers<void>()
    let asked = 0
    chats.journal.latest = async (...of) => {
      asked += 1
      await isOpen.promise
      return latest(...of)
    }
    const port = Number(new URL(chats.url).port)
    const sockets = Array.from({ length: 250 }, () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(`GET /events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncookie: ${cookie}\r\n\r\n`)
      return socket
    })
    // The last ones may be turned away without being let in at all.
    await expect.poll(() => asked).toBeGreaterThanOrEqual(200)
    const closed = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
    // A request of its own goes behind the resets: by its answer the server has heard of them.
    await fetch(`${chats.url}/healthz`)
    isOpen.resolve()
    chats.journal.latest = latest
    await expect.poll(async () => (await follow()).status, { message: 'there is room for a browser' }).toBe(200)
  })
})
