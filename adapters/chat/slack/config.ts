import { z } from 'zod'

const common = {
  botToken: z
    .string()
    .regex(/^xoxb-/, 'must be a bot token, which begins with xoxb-')
    .describe('the Bot User OAuth Token of the app'),
  channel: z
    .string()
    .regex(
      /^[CG][A-Z0-9]{6,}$/,
      'must be a channel ID such as C0123ABCD; Slack shows it at the end of the channel’s details',
    )
    .describe('the ID of the channel that alerts go to'),
  command: z
    .string()
    .regex(/^\/\S+$/, 'must begin with /')
    .default('/smtp')
    .describe('the slash command'),
  workspaces: z
    .array(
      z
        .string()
        .regex(
          /^[TE][A-Z0-9]{6,}$/,
          'must be a workspace ID such as T0123ABCD, or an organization ID such as E0123ABCD',
        ),
    )
    .default([])
    .describe(
      'IDs of other workspaces whose people may use it, such as those in a shared channel, or of a whole Enterprise Grid organization; everybody else is refused',
    ),
  worsening: z
    .enum(['broadcast', 'thread'])
    .default('broadcast')
    .describe(
      'where to say that an incident got worse or came back: in the channel too (broadcast), or only in its thread',
    ),
  mentionOwner: z
    .boolean()
    .default(true)
    .describe('whether to mention the person who acknowledged an incident when it gets worse or comes back'),
  apiUrl: z.url().default('https://slack.com/api/').describe('the Web API; only tests use another one than Slack’s'),
}

export const config = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('socket').describe('Bouncebell calls Slack: no public address is needed'),
    appToken: z
      .string()
      .regex(/^xapp-/, 'must be an app-level token, which begins with xapp-')
      .describe('an App-Level Token with the scope connections:write'),
    ...common,
  }),
  z.strictObject({
    mode: z.literal('http').describe('Slack calls Bouncebell at https://<your address>/slack/events'),
    signingSecret: z
      .string()
      .min(16, 'must be the Signing Secret of the app')
      .describe('the Signing Secret of the app'),
    ...common,
  }),
])

export type SlackConfig = z.output<typeof config>
