import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Recorder } from '../contract/chat-platform.ts'
import { hostileCard, lookupCard } from '../support/sample-cards.ts'
import { openSlackHarness, SIGNING_SECRET } from '../support/slack-harness.ts'
import { commandPayload, pressPayload, sendSigned, TEAM } from '../support/slack-request.ts'

type Harness = Awaited<ReturnType<typeof openSlackHarness>>

const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

describe('requests from Slack', () => {
  let slack: Harness
  let inbound: Recorder
  let url: string

  beforeEach(async () => {
    inbound = new Recorder()
    slack = await openSlackHarness('http', inbound)
    url = `${slack.url}/slack/events`
  })
  afterEach(() => slack.close())

  const command = () => form(commandPayload('550', slack.server.responseUrl()))

  it('are taken when Slack signed them', async () => {
    expect((await sendSigned(url, command(), { secret: SIGNING_SECRET })).status).toBe(200)
    await expect.poll(() => inbound.commands).toHaveLength(1)
  })

  it('are refused with a signature that is not of the secret', async () => {
    expect((await sendSigned(url, command(), { secret: 'the secret of somebody else' })).status).toBe(401)
    const malformed = { secret: SIGNING_SECRET, signature: 'v0=00' }
    expect((await sendSigned(url, command(), malformed)).status).toBe(401)
    expect(inbound.commands).toEqual([])
  })

  it('are refused when they are older than five minutes, since anybody may have recorded them', async () => {
    const at = Math.floor(Date.now() / 1000) - 301
    expect((await sendSigned(url, command(), { secret: SIGNING_SECRET, at })).status).toBe(401)
    expect(inbound.commands).toEqual([])
  })

  it('are refused without a signature', async () => {
    expect((await fetch(url, { method: 'POST', body: command() })).status).toBe(401)
    expect(inbound.commands).toEqual([])
  })

  it('are acknowledged before the answer is there', async () => {
    const answer = Promise.withResolvers<void>()
    inbound.command = async () => {
      await answer.promise
      return { card: lookupCard, show: 'actor' }
    }
    expect((await sendSigned(url, command(), { secret: SIGNING_SECRET })).status).toBe(200)
    expect(slack.server.responses).toEqual([])
    answer.resolve()
    await expect.poll(() => slack.server.responses).toHaveLength(1)
    expect(slack.server.responses[0]?.body).toMatchObject({ response_type: 'ephemeral', replace_original: false })
  })

  it('answer for all where the answer is for all', async () => {
    inbound.answer = { card: lookupCard, show: 'channel' }
    await sendSigned(url, command(), { secret: SIGNING_SECRET })
    await expect.poll(() => slack.server.responses).toMatchObject([{ body: { response_type: 'in_channel' } }])
  })

  it('answer hostile words as they are, for all to see', async () => {
    inbound.answer = { card: hostileCard, show: 'channel' }
    await sendSigned(url, command(), { secret: SIGNING_SECRET })
    await expect.poll(() => slack.server.responses).toHaveLength(1)
    const { body } = slack.server.responses[0] ?? {}
    expect(body).toMatchObject({ parse: 'none', link_names: false, unfurl_links: false })
    expect(body?.text).toContain('&lt;!channel&gt;')
    expect(JSON.stringify(body?.blocks)).not.toMatch(/"type":"(?:mrkdwn|link|user|broadcast)"/)
  })

  it('do nothing for a button that is not ours', async () => {
    const payload = pressPayload({ action_id: 'format-disk/0', value: 'x' }, slack.server.responseUrl(), '1.1')
    const body = form({ payload: JSON.stringify(payload) })
    expect((await sendSigned(url, body, { secret: SIGNING_SECRET })).status).toBe(200)
    expect(inbound.actions).toEqual([])
  })

  it('share an answer with all, and put another in its place for the one who had it', async () => {
    inbound.answer = { card: lookupCard, show: 'channel', own: { ...lookupCard, actions: [] } }
    const payload = pressPayload({ action_id: 'share/0', value: 'x' }, slack.server.responseUrl())
    await sendSigned(url, form({ payload: JSON.stringify(payload) }), { secret: SIGNING_SECRET })
    await expect
      .poll(() => slack.server.responses)
      .toMatchObject([
        { body: { response_type: 'in_channel', replace_original: false } },
        { body: { response_type: 'ephemeral', replace_original: true } },
      ])
    const [shared, own] = slack.server.responses.map(({ body }) => JSON.stringify(body.blocks))
    expect(shared).toContain('Share to channel')
    expect(own).not.toContain('Share to channel')
  })

  it('are refused from another workspace, with a word to who asked', async () => {
    const elsewhere = form(commandPayload('550', slack.server.responseUrl(), 'T0ELSEWHERE'))
    await sendSigned(url, elsewhere, { secret: SIGNING_SECRET })
    const isRefused = { body: { response_type: 'ephemeral', text: expect.stringContaining('chat.slack.workspaces') } }
    await expect.poll(() => slack.server.responses).toMatchObject([isRefused])
    expect(slack.logged()).toContain('T0ELSEWHERE')
    const button = { action_id: 'acknowledge/0', value: 'x' }
    for (const teams of [
      { team: 'T0ELSEWHERE', user: 'T0ELSEWHERE' },
      // A guest from elsewhere in a channel that is shared.
      { team: TEAM, user: 'T0ELSEWHERE' },
    ]) {
      slack.server.responses.length = 0
      const payload = pressPayload(button, slack.server.responseUrl(), '1.1', teams)
      await sendSigned(url, form({ payload: JSON.stringify(payload) }), { secret: SIGNING_SECRET })
      await expect.poll(() => slack.server.responses).toMatchObject([isRefused])
    }
    expect([inbound.commands, inbound.actions]).toEqual([[], []])
  })

  it('are taken from a workspace that the configuration names', async () => {
    const other = await openSlackHarness('http', inbound, [], { workspaces: ['T0FRIENDS1'] })
    const body = form(commandPayload('550', other.server.responseUrl(), 'T0FRIENDS1'))
    await sendSigned(`${other.url}/slack/events`, body, { secret: SIGNING_SECRET })
    await expect.poll(() => inbound.commands).toHaveLength(1)
    await other.close()
  })

  describe('of an Enterprise Grid organization', () => {
    const ORG = 'E0BIGCORP'
    const button = { action_id: 'acknowledge/0', value: 'x' }
    const signed = (to: Harness, body: string) => sendSigned(`${to.url}/slack/events`, body, { secret: SIGNING_SECRET })
    const commandOf = (to: Harness, ids: Record<string, string>) =>
      form({ ...commandPayload('550', to.server.responseUrl(), 'T0BRANCH01'), ...ids })
    const pressOf = (to: Harness, change: object) => {
      const payload = pressPayload(button, to.server.responseUrl(), '1.1', { team: 'T0BRANCH01', user: 'T0BRANCH01' })
      return form({ payload: JSON.stringify({ ...payload, ...change }) })
    }

    it('are taken from all its workspaces where the configuration names it', async () => {
      const org = await openSlackHarness('http', inbound, [], { workspaces: [ORG] })
      await signed(org, commandOf(org, { enterprise_id: ORG }))
      await expect.poll(() => inbound.commands).toHaveLength(1)
      await signed(org, pressOf(org, { team: { id: 'T0BRANCH01', enterprise_id: ORG } }))
      await expect.poll(() => inbound.actions).toHaveLength(1)
      // Installed for the whole organization, Slack names no team.
      const user = { id: 'U0JO', username: 'jo', team_id: ORG }
      await signed(org, pressOf(org, { team: null, enterprise: { id: ORG }, is_enterprise_install: true, user }))
      await expect.poll(() => inbound.actions).toHaveLength(2)
      await org.close()
    })

    it('are refused where it does not, and from strangers in its shared channels', async () => {
      await signed(slack, commandOf(slack, { enterprise_id: ORG }))
      await expect.poll(() => slack.server.responses).toHaveLength(1)
      const org = await openSlackHarness('http', inbound, [], { workspaces: [ORG] })
      const team = { id: 'T0BRANCH01', enterprise_id: ORG }
      const stranger = { id: 'U0MAL', username: 'mal', team_id: 'T0ELSEWHERE' }
      await signed(org, pressOf(org, { team, user: stranger }))
      await expect.poll(() => org.server.responses).toHaveLength(1)
      await signed(org, pressOf(org, { team: null, enterprise: { id: ORG }, user: stranger }))
      await expect.poll(() => org.server.responses).toHaveLength(2)
      await org.close()
      expect([inbound.commands, inbound.actions]).toEqual([[], []])
    })

    it('are taken with a token of the organization, for which Slack names no workspace', async () => {
      const org = await openSlackHarness('http', inbound, [], { workspaces: [ORG] })
      org.server.identity = { enterprise_id: ORG, is_enterprise_install: true }
      await signed(org, commandOf(org, { enterprise_id: ORG }))
      await expect.poll(() => inbound.commands).toHaveLength(1)
      await org.close()
    })
  })

  it('survive a response address that has expired', async () => {
    const body = form(commandPayload('550', `${slack.server.url}/expired`))
    expect((await sendSigned(url, body, { secret: SIGNING_SECRET })).status).toBe(200)
    await expect.poll(() => slack.logged()).toContain('an answer did not reach Slack')
  })
})
