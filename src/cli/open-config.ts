import type { OpenSource } from '../app.ts'
import type { Config, Kinds } from '../config/schema.ts'
import { createHttpClient, inBackground } from '../lib/http-client.ts'
import { createLog, wantsColor } from '../lib/log.ts'
import type { ChatContext } from '../ports/chat.ts'
import type { EspContext, EspDefinition, WindowSource } from '../ports/esp.ts'
import type { Log } from '../ports/log.ts'
import type { DatabasePlace } from '../ports/store/opened.ts'

/** The sources that a configuration names, each with what it needs. */
export function openSources(config: Config, { esps }: Kinds, context: Omit<EspContext, 'http'>): OpenSource[] {
  return config.sources.map(({ id, type, ...settings }) => {
    const definition = esps.find((esp) => esp.id === type) as EspDefinition<unknown>
    const log = context.log.child({ source: id })
    const http = createHttpClient(paceOf(definition))
    const source = definition.open(settings, { ...context, http, log })
    const history = () => definition.open(settings, { ...context, http: inBackground(http), log }) as WindowSource
    return { id, type, facts: definition.facts, source, ...(source.kind === 'window' ? { history: history() } : {}) }
  })
}

const paceOf = ({ limits }: EspDefinition<unknown>) =>
  limits ? { paceElsewhere: { concurrency: limits.concurrency, minIntervalMs: 1000 / limits.perSecond } } : {}

/** The chats that it names, each with the channel that alerts go to. */
export function openChats(config: Config, { chats }: Kinds, context: ChatContext) {
  return chats.flatMap((definition) => {
    const settings = config.chat[definition.id] as { channel: string } | undefined
    return settings ? [{ platform: definition.open(settings, context), channel: settings.channel }] : []
  })
}

/** Whether a source reports deliveries too; one that is no longer configured is taken to. */
export function deliveriesOf({ sources }: Config, { esps }: Kinds): (source: string) => boolean {
  const types = new Map(sources.map(({ id, type }) => [id, type]))
  return (source) => esps.find(({ id }) => id === types.get(source))?.facts.deliveries ?? true
}

export const databaseOf = ({ database }: Config): DatabasePlace => {
  const databaseUrl = database.url ?? process.env.DATABASE_URL
  return databaseUrl ? { databaseUrl } : { dataDir: database.directory }
}

export function logOf(config: Config): Log {
  const isTerminal = process.stdout.isTTY === true
  const { level, format = isTerminal ? 'lines' : 'json' } = config.log
  return createLog({ level, format, color: wantsColor(process.env, isTerminal) })
}
