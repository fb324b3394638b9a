import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ACTIONS } from '../../../src/cards/card.ts'
import type { Actor, Answer, Inbound } from '../../../src/ports/chat.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import type { Journal } from '../../../src/ports/journal.ts'
import type { Log } from '../../../src/ports/log.ts'
import type { Routes } from '../../../src/ports/routes.ts'
import type { Attempts } from './attempts.ts'
import type { WebConfig } from './config.ts'
import type { Feed } from './feed.ts'
import { createGuard, type Session } from './guard.ts'
import type { Html } from './html.ts'
import type { Messages } from './messages.ts'
import { renderLogin, renderPage } from './page.ts'
import { renderAnswer } from './render.ts'
import { isTls, readForm, refuse, send } from './wire.ts'

export interface WebParts {
  config: WebConfig
  journal: Journal
  clock: Clock
  feed: Feed
  messages: Messages
  attempts: Attempts
  log: Log
  /** Null before the start and after the stop. */
  inbound(): Inbound | null
}

/** How many messages the page shows; older ones stay in the store. */
const SHOWN = 50

const STATIC = [
  ['/style.css', 'text/css'],
  ['/page.js', 'text/javascript'],
] as const

const UNKNOWN_HOST = 'The page does not know this host name. Add it to chat.web.hosts in the configuration.'

export function addRoutes(routes: Routes, parts: WebParts): void {
  const { config, journal, clock, feed, messages } = parts
  const guard = createGuard({ token: config.token, hosts: config.hosts })
  const actorOf = (form: URLSearchParams): Actor => {
    // Nothing that a database or a log line stumbles over.
    const given = form
      .get('name')
      ?.toWellFormed()
      .replace(/\p{Cc}+/gu, ' ')
    const name = given?.trim().slice(0, 80).toWellFormed() || config.user
    return { platform: 'web', id: name, name }
  }

  async function sendPage(response: ServerResponse, session: Session, answer: Html | null) {
    const { revision, entries } = await journal.latest(config.channel, SHOWN)
    const { channel, banner } = config
    const page = renderPage({ channel, banner, form: session.form, now: clock.now(), revision, entries, answer })
    send(response, 200, 'text/html', page.markup)
  }

  /** Shows an answer: to everybody as a message, or to the person who asked only. */
  async function show(request: IncomingMessage, response: ServerResponse, session: Session, answer: Answer | null) {
    if (answer?.show === 'channel') await messages.post(config.channel, randomUUID(), answer.card)
    const card = answer?.show === 'actor' ? answer.card : answer?.own
    const own = card ? renderAnswer(card, clock.now(), randomUUID(), session.form) : null
    if (request.headers.accept === 'application/json') {
      send(response, 200, 'application/json', JSON.stringify({ html: own?.markup ?? null }))
    } else if (own) await sendPage(response, session, own)
    else response.writeHead(303, { location: '/' }).end()
  }

  /** A POST of one of our own forms; everything else is refused. */
  function addForm(
    path: string,
    ask: (form: URLSearchParams, inbound: Inbound) => Promise<Answer | null> | 'unknown button',
  ) {
    routes.add('POST', path, async (request, response) => {
      const session = guard.session(request)
      if (!guard.knowsHost(request)) return refuse(response, 421, UNKNOWN_HOST)
      if (!session) return refuse(response, 403, 'Your session has ended. Open the page again.')
      if (!guard.sameOrigin(request)) return refuse(response, 403, 'This request comes from another site.')
      const form = await readForm(request)
      if (typeof form === 'number') return refuse(response, form, 'This form is not from the page, or it is too large.')
      if (!guard.ownForm(session, form.get('form') ?? '')) {
        return refuse(response, 403, 'This form is out of date. Reload the page.')
      }
      const inbound = parts.inbound()
      if (!inbound) return refuse(response, 503, 'Bouncebell is starting or stopping. Try again in a moment.')
      const answer = ask(form, inbound)
      if (answer === 'unknown button') return refuse(response, 400, 'This button no longer exists. Reload the page.')
      await show(request, response, session, await answer)
    })
  }

  routes.add('GET', '/', async (request, response) => {
    if (!guard.knowsHost(request)) return refuse(response, 421, UNKNOWN_HOST)
    const known = guard.session(request)
    const session = known ?? (guard.needsToken ? null : guard.open(''))
    if (!session) return send(response, 401, 'text/html', renderLogin(null).markup)
    if (!known) response.setHeader('set-cookie', guard.setCookie(session, isTls(request)))
    await sendPage(response, session, null)
  })

  routes.add('POST', '/login', async (request, response) => {
    if (!guard.sameOrigin(request)) return refuse(response, 403, 'This request comes from another site.')
    const form = await readForm(request)
    const address = request.socket.remoteAddress ?? ''
    const wait = parts.attempts.waitFor(address)
    if (wait > 0) {
      response.setHeader('retry-after', String(wait))
      const problem = `Too many wrong tokens. Try again in ${wait} s.`
      return send(response, 429, 'text/html', renderLogin(problem).markup)
    }
    const session = typeof form === 'number' ? null : guard.open(form.get('token') ?? '')
    if (!session) {
      const isLast = parts.attempts.wrong(address)
      parts.log.warn({ address }, `wrong token for the page${isLast ? '; no more are checked for a minute' : ''}`)
      return send(response, 401, 'text/html', renderLogin('Wrong token.').markup)
    }
    response.setHeader('set-cookie', guard.setCookie(session, isTls(request)))
    response.writeHead(303, { location: '/' }).end()
  })

  routes.add('GET', '/events', async (request, response) => {
    if (!guard.knowsHost(request)) return refuse(response, 421, UNKNOWN_HOST)
    const session = guard.session(request)
    if (!session) return refuse(response, 403, 'Your session has ended. Open the page again.')
    const asked = new URL(request.url ?? '/', 'http://page').searchParams.get('since')
    const from = String(request.headers['last-event-id'] ?? asked ?? '')
    await feed.join(response, session, /^\d{1,19}$/.test(from) ? BigInt(from) : 0n)
  })

  addForm('/command', (form, inbound) => {
    const text = form.get('example') ?? form.get('text') ?? ''
    return inbound.command(text.trim().replace(/^\/smtp\b\s*/, ''), actorOf(form))
  })

  addForm('/action', (form, inbound) => {
    const [, name, value = ''] = /^([^:]+):(.*)$/s.exec(form.get('press') ?? '') ?? []
    const action = ACTIONS.find((id) => id === name)
    if (!action) return 'unknown button'
    const id = form.get('message')
    return inbound.action(action, value, id ? { platform: 'web', channel: config.channel, id } : null, actorOf(form))
  })

  for (const [path, type] of STATIC) {
    const text = readFileSync(new URL(`.${path}`, import.meta.url), 'utf8')
    routes.add('GET', path, (_, response) => send(response, 200, type, text))
  }
}
