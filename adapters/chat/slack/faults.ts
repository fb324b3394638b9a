import { webApi } from '@slack/bolt'
import { AuthFailed, type Fault, Gone, isFault, RateLimited, Refused, Unavailable } from '../../../src/ports/errors.ts'

/** In ms, where Slack limits us without saying for how long. */
const DEFAULT_WAIT = 30_000

const TOKEN_REMEDY =
  'Copy the Bot User OAuth Token (xoxb-...) of the app, and the App-Level Token (xapp-...) in socket mode, into the configuration again.'

const AUTH = [
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'not_allowed_token_type',
]
const GONE = ['message_not_found', 'cant_update_message', 'thread_not_found']
const TROUBLE = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org']

const REMEDIES: Record<string, string> = {
  channel_not_found:
    'Check chat.slack.channel: it must be the ID of a channel in this workspace. If it is private, invite the bot: /invite @Bouncebell',
  not_in_channel: 'Invite the bot to the channel: /invite @Bouncebell',
  is_archived: 'The channel is archived: set chat.slack.channel to another one.',
  missing_scope: 'Update the app with adapters/chat/slack/manifest.yaml and install it to the workspace again.',
}

/** What went wrong with a call of the Web API, as one of our own errors: https://docs.slack.dev/apis/web-api/#errors */
export function toFault(error: unknown): Fault {
  if (isFault(error)) return error
  const cause = { cause: error }
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return new RateLimited('Slack asks to slow down', error.retryAfter * 1000, cause)
  }
  if (error instanceof webApi.WebAPIPlatformError) return platformFault(error.data.error, error)
  if (error instanceof webApi.WebAPIHTTPError) {
    return new Unavailable(`Slack answers with HTTP ${error.statusCode}`, undefined, cause)
  }
  if (error instanceof webApi.WebAPIRequestError) {
    return new Unavailable(`Slack cannot be reached: ${error.original.message}`, undefined, cause)
  }
  return new Unavailable(`Slack: ${error instanceof Error ? error.message : String(error)}`, undefined, cause)
}

function platformFault(code: string, error: unknown): Fault {
  const cause = { cause: error }
  const message = `Slack refuses with ${code}`
  if (code === 'ratelimited') return new RateLimited(message, DEFAULT_WAIT, cause)
  if (AUTH.includes(code)) return new AuthFailed(message, TOKEN_REMEDY, cause)
  if (GONE.includes(code)) return new Gone(message, cause)
  if (TROUBLE.includes(code)) return new Unavailable(message, undefined, cause)
  const remedy =
    REMEDIES[code] ??
    `See ${code} in https://docs.slack.dev/reference/methods, and report it if your settings are not the cause.`
  return new Refused(message, remedy, cause)
}
