import { createHmac } from 'node:crypto'

export interface Signing {
  secret: string
  /** Seconds since 1970; Slack's are now. */
  at?: number
  signature?: string
}

/** Sends what Slack would send to the app, signed: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function sendSigned(
  url: string,
  body: string,
  { secret, at = Math.floor(Date.now() / 1000), signature }: Signing,
) {
  const signed = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`
  return fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': signature ?? signed,
    },
  })
}

/** The workspace that the bot token of the stand-in belongs to. */
export const TEAM = 'T0STANDIN'

/** The payload of a slash command. */
export function commandPayload(text: string, responseUrl: string, team = TEAM) {
  return {
    command: '/smtp',
    text,
    response_url: responseUrl,
    trigger_id: '1.2.3',
    user_id: 'U0JO',
    user_name: 'jo',
    team_id: team,
    channel_id: 'C0ALERTS01',
    api_app_id: 'A0BELL',
  }
}

/** The payload of a press; without `ts` on a message that only the presser sees. */
export function pressPayload(
  button: { action_id: string; value: string },
  responseUrl: string,
  ts?: string,
  teams = { team: TEAM, user: TEAM },
) {
  const ephemeral = ts === undefined
  return {
    type: 'block_actions',
    user: { id: 'U0JO', username: 'jo', team_id: teams.user },
    team: { id: teams.team },
    api_app_id: 'A0BELL',
    container: { type: 'message', message_ts: ts ?? '1.000001', channel_id: 'C0ALERTS01', is_ephemeral: ephemeral },
    channel: { id: 'C0ALERTS01', name: 'alerts' },
    response_url: responseUrl,
    trigger_id: '1.2.3',
    actions: [{ type: 'button', block_id: 'b', action_ts: '1.2', text: { type: 'plain_text', text: 'x' }, ...button }],
  }
}
