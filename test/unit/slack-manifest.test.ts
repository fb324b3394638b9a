import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

// The limits of https://docs.slack.dev/reference/app-manifest
const Manifest = z.strictObject({
  _metadata: z.strictObject({ major_version: z.int(), minor_version: z.int() }),
  display_information: z.strictObject({
    name: z.string().max(35),
    description: z.string().max(140),
    background_color: z.string().regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i),
  }),
  features: z.strictObject({
    bot_user: z.strictObject({ display_name: z.string().max(80), always_online: z.boolean() }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().startsWith('/').max(32),
          description: z.string().max(2000),
          usage_hint: z.string().max(1000),
          should_escape: z.boolean(),
        }),
      )
      .min(1),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()).max(255) }) }),
  settings: z.strictObject({
    interactivity: z.strictObject({ is_enabled: z.literal(true) }),
    socket_mode_enabled: z.literal(true),
    org_deploy_enabled: z.boolean(),
    token_rotation_enabled: z.literal(false),
  }),
})

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const manifest = Manifest.parse(parse(read('adapters/chat/slack/manifest.yaml')))

/** Scopes by method, of https://docs.slack.dev/reference/methods: any one of a method's kinds of channel needs its own. */
const NEEDS: Record<string, string[]> = {
  'auth.test': [],
  'apps.connections.open': [], // an app-level token's own scope, connections:write
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
}

describe('adapters/chat/slack/manifest.yaml', () => {
  const source = ['platform.ts', 'find.ts', 'listen.ts', 'socket.ts']
    .map((f) => read(`adapters/chat/slack/${f}`))
    .join('\n')
  const called = [...source.matchAll(/\.(auth|chat|conversations|apps\.connections)\.(\w+)\(/g)].map(
    ([, group, name]) => `${group}.${name}`,
  )

  it('asks for the scopes of every method that is called, and for no other', () => {
    const needed = new Set(called.flatMap((method) => NEEDS[method] ?? [`unknown method ${method}`]))
    expect(called.length).toBeGreaterThan(4)
    expect(new Set(manifest.oauth_config.scopes.bot)).toEqual(needed.add('commands'))
  })

  it('has the slash command that the adapter listens to by default', () => {
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(['/smtp'])
    expect(manifest.features.slash_commands[0]?.should_escape).toBe(false)
  })
})
