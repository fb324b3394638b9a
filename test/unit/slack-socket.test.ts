import { afterEach, describe, expect, it } from 'vitest'
import { Recorder } from '../contract/chat-platform.ts'
import { openSlackHarness } from '../support/slack-harness.ts'
import { APP_TOKEN, type SlackFault } from '../support/slack-server.ts'

describe('a Socket Mode connection', () => {
  let slack: Awaited<ReturnType<typeof openSlackHarness>>
  let inbound: Recorder

  async function open(faults: SlackFault[] = []) {
    inbound = new Recorder()
    slack = await openSlackHarness('socket', inbound, faults)
  }
  afterEach(() => slack.close())

  it('is opened anew when Slack renews it', async () => {
    await open()
    slack.server.socketMode.renew()
    await slack.server.socketMode.connected()
    await slack.type('550')
    await expect.poll(() => inbound.commands).toMatchObject([{ text: '550' }])
  })

  it('is opened anew when it is cut', async () => {
    await open()
    slack.server.socketMode.cut()
    await slack.server.socketMode.connected()
    await slack.type('551')
    await expect.poll(() => inbound.commands).toMatchObject([{ text: '551' }])
  })

  it('does not keep Bouncebell from starting while Slack is away, and follows', async () => {
    await open([{ method: 'apps.connections.open', kind: 'outage' }])
    expect(slack.logged()).toContain('no connection to Slack')
    await slack.server.socketMode.connected()
    await slack.type('552')
    await expect.poll(() => inbound.commands).toMatchObject([{ text: '552' }])
    expect(slack.logged()).toContain('Slack is connected again')
  })

  it('is not opened again after the stop', async () => {
    await open()
    await slack.platform.stop()
    const before = slack.server.calls.length
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(slack.server.calls).toHaveLength(before)
  })

  it('is checked by a ping with the app-level token', async () => {
    await open()
    slack.server.revoked.add(APP_TOKEN)
    await expect(slack.platform.ping()).rejects.toMatchObject({ remedy: expect.stringContaining('xapp-') })
  })
})
