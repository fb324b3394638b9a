import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CHATS } from '../../adapters/chat/index.ts'
import { slack } from '../../adapters/chat/slack/index.ts'
import { web } from '../../adapters/chat/web/index.ts'

describe('the registry of chats', () => {
  it('names every folder under adapters/chat, by its name', () => {
    const folders = readdirSync(new URL('../../adapters/chat', import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
    expect(CHATS.map(({ id }) => id).toSorted()).toEqual(folders.toSorted())
  })
})

describe('the settings of Slack', () => {
  const socket = { mode: 'socket', botToken: 'xoxb-1', appToken: 'xapp-1', channel: 'C0123ABCD' }
  const http = { mode: 'http', botToken: 'xoxb-1', signingSecret: 's'.repeat(32), channel: 'C0123ABCD' }
  const problemOf = (settings: object) => slack.config.safeParse(settings).error?.issues[0]?.message

  it('are one of two modes, each with its own secret', () => {
    expect(problemOf(socket)).toBeUndefined()
    expect(problemOf(http)).toBeUndefined()
    expect(problemOf({ ...socket, mode: 'http' })).toBeDefined()
    expect(problemOf({ ...http, mode: 'socket' })).toBeDefined()
  })

  it('say which token is which when they are mixed up', () => {
    expect(problemOf({ ...socket, botToken: 'xapp-1' })).toBe('must be a bot token, which begins with xoxb-')
    expect(problemOf({ ...socket, appToken: 'xoxb-1' })).toBe('must be an app-level token, which begins with xapp-')
    expect(problemOf({ ...socket, channel: '#alerts' })).toContain('must be a channel ID')
  })
})

describe('the settings of the web page', () => {
  it('may all be left out, and want a token that cannot be guessed', () => {
    expect(web.config.parse({})).toMatchObject({ channel: 'alerts', hosts: [] })
    expect(web.config.safeParse({ token: 'short' }).error?.issues[0]?.message).toContain('at least 16')
  })
})
