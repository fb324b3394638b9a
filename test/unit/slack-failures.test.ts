import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthFailed, Gone, RateLimited, Refused, Unavailable } from '../../src/ports/errors.ts'
import { Recorder } from '../contract/chat-platform.ts'
import { alertCard } from '../support/sample-cards.ts'
import { openSlackHarness, SIGNING_SECRET } from '../support/slack-harness.ts'
import { APP_TOKEN, BOT_TOKEN } from '../support/slack-server.ts'

const NEW = { mayExist: false }
const card = alertCard(new Date('2026-03-03T14:25:00Z'))

describe('Slack failing', () => {
  let slack: Awaited<ReturnType<typeof openSlackHarness>>

  beforeEach(async () => {
    slack = await openSlackHarness('http', new Recorder())
  })
  afterEach(() => slack.close())

  const post = (channel = slack.to.channel) => slack.platform.post({ ...slack.to, channel }, card, 'k1', NEW)

  it('says how long to wait when it limits us, and is asked only once', async () => {
    slack.server.faults.push({ kind: 'ratelimit', retryAfter: 7 })
    await expect(post()).rejects.toThrow(RateLimited)
    expect(slack.server.calls.map(({ method }) => method)).toEqual(['chat.postMessage'])
    slack.server.faults.push({ kind: 'ratelimit', retryAfter: 7 })
    await expect(post()).rejects.toMatchObject({ retryAfterMs: 7000, retry: 'later' })
  })

  it('is unavailable on an outage and on a connection that is cut', async () => {
    slack.server.faults.push({ kind: 'outage' }, { kind: 'lose-request' }, { kind: 'error', error: 'internal_error' })
    await expect(post()).rejects.toThrow(Unavailable)
    await expect(post()).rejects.toThrow(Unavailable)
    await expect(post()).rejects.toThrow(Unavailable)
    expect(slack.server.messages).toEqual([])
  })

  it('has one message when the answer to a post was lost and the post is tried again', async () => {
    slack.server.faults.push({ kind: 'lose-answer' })
    await expect(post()).rejects.toThrow(Unavailable)
    const message = await slack.platform.post(slack.to, card, 'k1', { mayExist: true })
    expect(slack.server.messages.map(({ ts }) => ts)).toEqual([message.id])
  })

  it('has one reply when the answer to it was lost and it is tried again', async () => {
    const message = await post()
    slack.server.faults.push({ kind: 'lose-answer' })
    await expect(slack.platform.reply(message, card, 'r1', NEW)).rejects.toThrow(Unavailable)
    await slack.platform.reply(message, card, 'r1', { mayExist: true })
    expect(slack.server.messages.filter(({ thread_ts }) => thread_ts)).toHaveLength(1)
  })

  it('is looked through page by page for an earlier try', async () => {
    const message = await post()
    for (let i = 0; i < 450; i += 1) await slack.platform.post(slack.to, { title: 't', tone: 'info' }, `o${i}`, NEW)
    expect(await slack.platform.post(slack.to, card, 'k1', { mayExist: true })).toEqual(message)
    expect(slack.server.calls.filter(({ method }) => method === 'conversations.history')).toHaveLength(3)
  })

  it('asks for a new token when the token is refused', async () => {
    slack.server.revoked.add(BOT_TOKEN)
    await expect(post()).rejects.toThrow(AuthFailed)
    await expect(post()).rejects.toMatchObject({ retry: 'after-fix', remedy: expect.stringContaining('xoxb-') })
  })

  it('tells to invite the bot where it is not in the channel', async () => {
    await expect(post('C0OTHER001')).rejects.toThrow(Refused)
    await expect(post('C0OTHER001')).rejects.toMatchObject({ remedy: expect.stringContaining('/invite @Bouncebell') })
    await expect(post('C0NOWHERE1')).rejects.toMatchObject({ remedy: expect.stringContaining('/invite @Bouncebell') })
    await expect(post('C0ARCHIVE1')).rejects.toMatchObject({ remedy: expect.stringContaining('archived') })
  })

  it('says that a message may not be changed any more as if it were gone', async () => {
    const message = await post()
    slack.server.faults.push({ kind: 'error', error: 'cant_update_message' })
    await expect(slack.platform.update(message, card)).rejects.toThrow(Gone)
  })

  it('does not post after it was told to stop', async () => {
    const signal = AbortSignal.abort()
    await expect(slack.platform.post(slack.to, card, 'k1', { mayExist: false, signal })).rejects.toThrow()
    expect(slack.server.messages).toEqual([])
  })

  it('puts no token and no secret into a log line or an error', async () => {
    slack.server.faults.push({ kind: 'outage' }, { kind: 'lose-request' }, { kind: 'ratelimit' }, { kind: 'error' })
    const errors = await Promise.all([1, 2, 3, 4].map(() => post().catch((error: unknown) => error)))
    const said = JSON.stringify([
      slack.logged(),
      errors.map((e) => [String(e), e, (e as Error).cause, (e as Error).stack]),
    ])
    for (const secret of [BOT_TOKEN, APP_TOKEN, SIGNING_SECRET]) expect(said).not.toContain(secret)
    expect(said).toContain('503')
  })
})
