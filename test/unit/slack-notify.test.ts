import { afterEach, describe, expect, it } from 'vitest'
import type { ReplyOptions } from '../../src/ports/chat.ts'
import { Recorder } from '../contract/chat-platform.ts'
import { alertCard } from '../support/sample-cards.ts'
import { openSlackHarness } from '../support/slack-harness.ts'

const NEW = { mayExist: false }
const worse = { title: 'Worse: Yahoo refuses your mail', tone: 'critical' as const, text: ['It has become blocking.'] }

describe('what must be heard in Slack', () => {
  const opened: Awaited<ReturnType<typeof openSlackHarness>>[] = []
  afterEach(async () => {
    for (const slack of opened.splice(0)) await slack.close()
  })

  async function reply(heard: ReplyOptions['heard'], settings: object = {}) {
    const slack = await openSlackHarness('http', new Recorder(), [], settings)
    opened.push(slack)
    const message = await slack.platform.post(slack.to, alertCard(new Date()), 'k', NEW)
    await slack.platform.reply(message, worse, 'r', { ...NEW, ...(heard && { heard }) })
    const sent = slack.server.messages.at(-1)
    expect(sent?.thread_ts).toBe(message.id)
    return { broadcast: sent?.sent.reply_broadcast, blocks: JSON.stringify(sent?.blocks) }
  }

  it('is shown in the channel too, and mentions who acknowledged it', async () => {
    const { broadcast, blocks } = await reply({ owner: { id: 'U0ANN', name: 'Ann' } })
    expect(broadcast).toBe(true)
    expect(blocks).toContain('{"type":"user","user_id":"U0ANN"},{"type":"text","text":" acknowledged this."}')
  })

  it('names who is not of this Slack, as plain text', async () => {
    const { blocks } = await reply({ owner: { id: null, name: '<!channel>' } })
    expect(blocks).toContain('{"type":"text","text":"<!channel>"}')
    expect(blocks).not.toContain('"type":"user"')
  })

  it('mentions nobody where nobody acknowledged it', async () => {
    const { broadcast, blocks } = await reply({ owner: null })
    expect(broadcast).toBe(true)
    expect(blocks).not.toContain('acknowledged')
  })

  it('stays in the thread, and mentions nobody, by setting', async () => {
    const heard = { owner: { id: 'U0ANN', name: 'Ann' } }
    const { broadcast, blocks } = await reply(heard, { worsening: 'thread', mentionOwner: false })
    expect(broadcast).toBe(false)
    expect(blocks).not.toContain('U0ANN')
  })

  it('is nothing else than a line of the thread for everything else', async () => {
    expect((await reply(undefined)).broadcast).toBe(false)
  })
})
