import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { web } from '../../adapters/chat/web/index.ts'
import { Recorder } from '../contract/chat-platform.ts'
import { createChatServer } from '../support/chat-server.ts'
import { lookupCard } from '../support/sample-cards.ts'
import { openWebSession } from '../support/web-session.ts'

const TOKEN = 'a token of sixteen or more'

describe('the page', () => {
  const opened: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of opened.splice(0)) await close()
  })

  async function open(options: object = {}) {
    const chats = await createChatServer()
    const platform = web.open(web.config.parse(options), chats.context)
    const inbound = new Recorder()
    await platform.start(inbound)
    opened.push(async () => {
      await platform.stop()
      await chats.close()
    })
    return { url: chats.url, logged: chats.logged, inbound, platform, port: Number(new URL(chats.url).port) }
  }

  /** As a browser that was led astray would: under a name of the attacker's choice. */
  async function askAs(port: number, host: string, path = '/', headers: Record<string, string> = {}) {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
    const req = request({ port, host: '127.0.0.1', path, headers: { ...headers, host } }, async (res) =>
      resolve({ status: res.statusCode ?? 0, body: await text(res) }),
    )
    req.on('error', reject).end()
    return promise
  }

  it('is served under the names of this machine and those that are configured, else not', async () => {
    const { port } = await open({ hosts: ['Bell.example.com'] })
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'bell.example.com']) {
      expect((await askAs(port, host)).status).toBe(200)
    }
    const refused = await askAs(port, 'rebound.attacker.example')
    expect(refused).toMatchObject({ status: 421, body: expect.stringContaining('chat.web.hosts') })
    expect((await askAs(port, 'rebound.attacker.example', '/events')).status).toBe(421)
  })

  it('lets no script run but its own file', async () => {
    const { url } = await open()
    const response = await fetch(url)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(await response.text()).not.toMatch(/<script(?![^>]*src=)|\son\w+="|\sstyle="/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('serves its two files', async () => {
    const { url } = await open()
    expect((await fetch(`${url}/style.css`)).headers.get('content-type')).toContain('text/css')
    expect((await fetch(`${url}/page.js`)).headers.get('content-type')).toContain('text/javascript')
  })

  it('takes a form of its own', async () => {
    const { url, inbound } = await open()
    const session = await openWebSession(url)
    const response = await session.submit('/command', { text: '/smtp 550', name: ' Jo ' })
    expect(response.status).toBe(200)
    expect(inbound.commands).toEqual([{ text: '550', actor: { platform: 'web', id: 'Jo', name: 'Jo' } }])
  })

  it('takes a name without what a database refuses', async () => {
    const { url, inbound } = await open()
    const session = await openWebSession(url)
    await session.submit('/command', { text: '550', name: 'J\0o\n Doe' })
    expect(inbound.commands[0]?.actor.name).toBe('J o  Doe')
  })

  it('works without JavaScript: the answer is on the next page, a press leads back', async () => {
    const { url, inbound } = await open()
    const session = await openWebSession(url)
    const page = await (await session.submit('/command', { example: '421 gmail' }, { accept: 'text/html' })).text()
    expect(page).toContain('<!doctype html>')
    expect(page).toContain(lookupCard.title)
    expect(inbound.commands[0]?.text).toBe('421 gmail')
    inbound.answer = null
    const press = await session.submit('/action', { press: 'acknowledge:i:1', message: '' }, { accept: 'text/html' })
    expect([press.status, press.headers.get('location')]).toEqual([303, '/'])
    expect(inbound.actions).toMatchObject([{ id: 'acknowledge', value: 'i:1', message: null }])
  })

  it('shares an answer with all, and shows its reader another in its place', async () => {
    const { url, inbound } = await open()
    const session = await openWebSession(url)
    inbound.answer = { card: { title: 'For all', tone: 'info' }, show: 'channel', own: { title: 'Mine', tone: 'info' } }
    const answer = await session.submit('/action', { press: 'share:x', message: '' })
    expect(((await answer.json()) as { html: string }).html).toContain('Mine')
    const page = await (await session.submit('/action', { press: 'share:x' }, { accept: 'text/html' })).text()
    expect(page).toContain('Mine')
    expect(page).toContain('For all')
    expect(page).toContain('Only you see this')
  })

  it('refuses what another site sends, whatever it carries', async () => {
    const { url, inbound } = await open()
    const session = await openWebSession(url)
    const foreign = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]
    for (const headers of foreign) {
      expect((await session.submit('/action', { press: 'acknowledge:x' }, headers)).status).toBe(403)
    }
    expect((await session.submit('/command', { form: 'guessed', text: 'x' })).status).toBe(403)
    expect((await session.submit('/command', { text: 'x' }, { cookie: '' })).status).toBe(403)
    expect((await session.submit('/command', { text: 'x' }, { cookie: 'bouncebell=forged.forged' })).status).toBe(403)
    expect(inbound.actions.length + inbound.commands.length).toBe(0)
    expect((await session.submit('/command', { text: 'x' }, { origin: url })).status).toBe(200)
  })

  it('refuses a body that is too large, or no form', async () => {
    const { url, inbound } = await open()
    const session = await openWebSession(url)
    expect((await session.submit('/command', { text: 'x'.repeat(300_000) })).status).toBe(413)
    const json = await session.submit('/command', {}, { 'content-type': 'application/json' })
    expect(json.status).toBe(415)
    expect(inbound.commands).toEqual([])
  })

  it('refuses a button that it does not know', async () => {
    const { url, inbound } = await open()
    const session = await openWebSession(url)
    expect((await session.submit('/action', { press: 'format-disk:1' })).status).toBe(400)
    expect((await session.submit('/action', {})).status).toBe(400)
    expect(inbound.actions).toEqual([])
  })

  it('says so while Bouncebell stops', async () => {
    const { url, platform } = await open()
    const session = await openWebSession(url)
    await platform.stop()
    expect((await session.submit('/command', { text: 'x' })).status).toBe(503)
  })

  describe('with a token', () => {
    it('shows nothing to those who do not know it', async () => {
      const { url, platform } = await open({ token: TOKEN })
      await platform.post({ platform: 'web', channel: 'alerts' }, lookupCard, 'k', { mayExist: false })
      const response = await fetch(url)
      expect(response.status).toBe(401)
      expect(response.headers.get('set-cookie')).toBeNull()
      expect(await response.text()).not.toContain(lookupCard.title)
      expect((await fetch(`${url}/events`)).status).toBe(403)
    })

    it('opens for those who do, under whatever name', async () => {
      const { url, port, platform } = await open({ token: TOKEN })
      await platform.post({ platform: 'web', channel: 'alerts' }, lookupCard, 'k', { mayExist: false })
      const session = await openWebSession(url, TOKEN)
      expect(await session.page()).toContain(lookupCard.title)
      const page = await askAs(port, 'bell.example.com', '/', { cookie: session.cookie })
      expect(page.status).toBe(200)
      expect(page.body).not.toContain(TOKEN)
    })

    it('stays closed for a wrong one, and for a session of another token', async () => {
      const { url } = await open({ token: TOKEN })
      const wrong = new URLSearchParams({ token: 'a token of nobody at all' })
      expect((await fetch(`${url}/login`, { method: 'POST', body: wrong })).status).toBe(401)
      const elsewhere = await open({ token: 'another token altogether' })
      const { cookie } = await openWebSession(elsewhere.url, 'another token altogether')
      expect((await fetch(url, { headers: { cookie } })).status).toBe(401)
    })

    it('looks at no more tokens for a minute after five wrong ones, and logs them without what was tried', async () => {
      const { url, logged } = await open({ token: TOKEN })
      const login = (token: string) =>
        fetch(`${url}/login`, { method: 'POST', body: new URLSearchParams({ token }), redirect: 'manual' })
      for (let tries = 1; tries <= 5; tries++) expect((await login(`guess number ${tries} of many`)).status).toBe(401)
      const refused = await login(TOKEN)
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(refused.headers.get('set-cookie')).toBeNull()
      expect(logged.filter((line) => line.startsWith('wrong token for the page'))).toHaveLength(5)
      expect(logged.join()).toContain('127.0.0.1')
      expect(logged.join()).not.toContain('guess')
    })

    it('lets in who knows the token after a wrong one or two', async () => {
      const { url } = await open({ token: TOKEN })
      await fetch(`${url}/login`, { method: 'POST', body: new URLSearchParams({ token: 'mistyped' }) })
      expect((await openWebSession(url, TOKEN)).cookie).not.toBe('')
    })

    it('is not to be had with a token of blanks', () => {
      expect(web.config.safeParse({ token: ' '.repeat(20) }).success).toBe(false)
      expect(web.config.safeParse({ token: TOKEN }).success).toBe(true)
    })

    it('keeps the session out of reach of scripts and other sites', async () => {
      const { url } = await open({ token: TOKEN })
      const body = new URLSearchParams({ token: TOKEN })
      const response = await fetch(`${url}/login`, { method: 'POST', body, redirect: 'manual' })
      expect(response.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/)
      expect(response.headers.get('set-cookie')).not.toContain(TOKEN)
    })
  })
})
