import { App, HTTPReceiver, type RespondFn, SocketModeReceiver, type webApi } from '@slack/bolt'
import { z } from 'zod'
import { ACTIONS } from '../../../src/cards/card.ts'
import type { Answer, ChatContext, Inbound } from '../../../src/ports/chat.ts'
import { decodeEntities } from './clip.ts'
import type { SlackConfig } from './config.ts'
import { toBoltLogger } from './logger.ts'
import { INERT, renderMessage } from './render.ts'
import { stayConnected } from './socket.ts'

const Command = z.object({
  text: z.string().default(''),
  user_id: z.string(),
  user_name: z.string().optional(),
  team_id: z.string().nullish(),
  enterprise_id: z.string().nullish(),
})

const Press = z.object({
  /** In a channel that is shared with other workspaces, the user's may be another one than the team. */
  user: z.object({
    id: z.string(),
    name: z.string().optional(),
    username: z.string().optional(),
    team_id: z.string().nullish(),
  }),
  /** Null where the app is installed for a whole organization. */
  team: z.object({ id: z.string(), enterprise_id: z.string().nullish() }).nullish(),
  enterprise: z.object({ id: z.string() }).nullish(),
  channel: z.object({ id: z.string() }).optional(),
  /** A message that only one person sees has no place in the channel, so nothing can be done to it later. */
  container: z.object({ message_ts: z.string().optional(), is_ephemeral: z.boolean().optional() }).optional(),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().default('') })).min(1),
})

/** A workspace by its own ID and that of its organization, as far as Slack names them. */
export type Workspace = readonly (string | null | undefined)[]
/** Whether it is installed in all these workspaces. */
type IsInstalled = (workspaces: readonly Workspace[]) => Promise<boolean>

/** Takes commands and presses from Slack until the returned function is called. */
export async function listen(
  config: SlackConfig,
  context: ChatContext,
  clientOptions: webApi.WebClientOptions,
  inbound: Inbound,
  isInstalled: IsInstalled,
): Promise<() => Promise<void>> {
  const logger = toBoltLogger(context.log)
  const receiver =
    config.mode === 'http'
      ? new HTTPReceiver({ signingSecret: config.signingSecret, logger })
      : // Reconnecting is ours: the library's own stops for good when Slack cannot be reached.
        new SocketModeReceiver({
          appToken: config.appToken,
          logger,
          autoReconnectEnabled: false,
          installerOptions: { clientOptions },
        })
  // With `authorize`, Bolt does not ask Slack who we are before it takes anything: it can start while Slack is down.
  const authorize = async () => ({ botToken: config.botToken })
  const app = new App({ receiver, logger, clientOptions, authorize, ignoreSelf: false })
  addHandlers(app, config.command, inbound, async (workspaces) => {
    const isOurs = await isInstalled(workspaces)
    if (!isOurs)
      context.log.warn({ workspaces }, 'refused somebody of a Slack workspace that Bouncebell is not installed in')
    return isOurs
  })
  app.error(async (error) => context.log.error({ err: error }, 'an answer did not reach Slack'))

  if (receiver instanceof HTTPReceiver) {
    context.routes.add('POST', '/slack/events', (request, response) => receiver.requestListener(request, response))
    return async () => {}
  }
  return stayConnected(receiver.client, context.log)
}

function addHandlers(app: App, command: string, inbound: Inbound, isInstalled: IsInstalled): void {
  app.command(command, async ({ body, ack, respond }) => {
    // Slack wants to hear within three seconds that it was heard; the answer follows when it is there.
    await ack()
    const { text, user_id, user_name, team_id, enterprise_id } = Command.parse(body)
    if (!(await isInstalled([[team_id, enterprise_id]]))) return answer(respond, NOT_INSTALLED)
    const actor = { platform: 'slack', id: user_id, name: user_name ?? user_id }
    await answer(respond, await inbound.command(decodeEntities(text).trim(), actor))
  })

  app.action({ type: 'block_actions' }, async ({ body, ack, respond }) => {
    await ack()
    const press = Press.parse(body)
    const { user, channel, container, actions } = press
    if (!(await isInstalled(workspacesOf(press)))) return answer(respond, NOT_INSTALLED)
    const [name = '', value = ''] = [actions[0]?.action_id.split('/')[0], actions[0]?.value]
    const action = ACTIONS.find((id) => id === name)
    if (!action) return
    const ts = container?.is_ephemeral ? undefined : container?.message_ts
    const message = ts && channel ? { platform: 'slack', channel: channel.id, id: ts } : null
    const actor = { platform: 'slack', id: user.id, name: user.username ?? user.name ?? user.id }
    const result = await inbound.action(action, value, message, actor)
    if (result) await answer(respond, result)
  })
}

/** Where it was pressed, and where who pressed comes from. Only of the first the organization is known. */
function workspacesOf({ user, team, enterprise }: z.infer<typeof Press>): Workspace[] {
  const place = [team?.id, team?.enterprise_id ?? enterprise?.id]
  return !user.team_id || user.team_id === team?.id ? [place] : [place, [user.team_id]]
}

const NOT_INSTALLED: Answer = {
  show: 'actor',
  card: {
    title: 'This Bouncebell belongs to another workspace',
    tone: 'warning',
    text: ['Whoever runs it can add the ID of your workspace, or of its organization, to chat.slack.workspaces.'],
  },
}

async function answer(respond: RespondFn, { card, show, own }: Answer): Promise<void> {
  const response_type = show === 'channel' ? 'in_channel' : 'ephemeral'
  await respond({ response_type, replace_original: false, ...renderMessage(card), ...INERT })
  if (own) await respond({ response_type: 'ephemeral', replace_original: true, ...renderMessage(own), ...INERT })
}
