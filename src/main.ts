#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { CHATS } from '../adapters/chat/index.ts'
import { espDefinitions } from '../adapters/esp/index.ts'
import type { OpenSource } from './app.ts'
import { HELP, readCommand, UsageError } from './cli.ts'
import type { Config, Kinds } from './config.ts'
import { readConfig } from './config-file.ts'
import { loadKnowledge } from './knowledge.ts'
import { createHttpClient } from './lib/http-client.ts'
import { createLog, wantsColor } from './lib/log.ts'
import { systemClock } from './lib/system-clock.ts'
import type { ChatContext, ChatDefinition } from './ports/chat.ts'
import type { Clock } from './ports/clock.ts'
import { ConfigError, isFault } from './ports/errors.ts'
import type { EspContext, EspDefinition } from './ports/esp.ts'
import type { Log } from './ports/log.ts'
import { serve } from './serve.ts'
import { openStore } from './store/index.ts'

const EXIT = { done: 0, failed: 1, misused: 2 } as const
const CONFIG_FILE = 'bouncebell.yaml'
const kinds: Kinds = { esps: espDefinitions, chats: CHATS as readonly ChatDefinition<unknown>[] }

async function main(argv: string[]): Promise<number> {
  const command = readCommand(argv, process.env)
  switch (command.name) {
    case 'help':
      process.stdout.write(HELP)
      return EXIT.done
    case 'version':
      process.stdout.write(`${version()}\n`)
      return EXIT.done
    case 'check-config':
      loadConfig(command.config)
      process.stdout.write(`${command.config ?? CONFIG_FILE} is fine.\n`)
      return EXIT.done
    case 'serve':
      return serveUntilStopped(loadConfig(command.config), systemClock)
    default:
      throw new UsageError(`not yet: ${command.name}`)
  }
}

function loadConfig(path: string | null): Config {
  const file = path ?? CONFIG_FILE
  if (!existsSync(file))
    throw new ConfigError([
      {
        path: file,
        wrong: 'is not there',
        remedy: 'Copy bouncebell.example.yaml, or name another file with --config.',
      },
    ])
  return readConfig(readFileSync(file, 'utf8'), file, kinds, process.env)
}

async function serveUntilStopped(config: Config, clock: Clock): Promise<number> {
  const log = logOf(config)
  const { store, journal, boss } = await openStore(databaseOf(config))
  try {
    const serving = await serve({
      config,
      knowledge: loadKnowledge(config.replies.rules),
      store,
      journal,
      boss,
      clock,
      log,
      sources: openSources(config, { http: createHttpClient(), clock, log }),
      openChats: (context) => openChats(config, context),
    })
    log.info({}, `Bouncebell is at ${serving.url}`)
    const signal = await stopSignal()
    log.info({}, `${signal}: stopping`)
    await serving.stop()
  } finally {
    await store.close()
  }
  return EXIT.done
}

function openSources(config: Config, context: EspContext): OpenSource[] {
  return config.sources.map(({ id, type, ...settings }) => {
    const definition = espDefinitions.find((esp) => esp.id === type) as EspDefinition<unknown>
    const log = context.log.child({ source: id })
    return { id, type, facts: definition.facts, source: definition.open(settings, { ...context, log }) }
  })
}

function openChats(config: Config, context: ChatContext) {
  return kinds.chats.flatMap((definition) => {
    const settings = config.chat[definition.id] as { channel: string } | undefined
    return settings ? [{ platform: definition.open(settings, context), channel: settings.channel }] : []
  })
}

const databaseOf = ({ database }: Config) => {
  const databaseUrl = database.url ?? process.env.DATABASE_URL
  return databaseUrl ? { databaseUrl } : { dataDir: database.directory }
}

function logOf(config: Config): Log {
  const isTerminal = process.stdout.isTTY === true
  const { level, format = isTerminal ? 'lines' : 'json' } = config.log
  return createLog({ level, format, color: wantsColor(process.env, isTerminal) })
}

/** The first request to stop is heard; a second one ends the process as it is. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.once(name, () => {
        process.once(name, () => process.exit(EXIT.failed))
        resolve(name)
      })
    }
  })
}

const version = () =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

/** What went wrong, for a person: no stack for what they can mend themselves. */
function tell(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${HELP}`)
    return EXIT.misused
  }
  if (isFault(error)) {
    process.stderr.write(`${error.message}\n${error instanceof ConfigError ? '' : `${error.remedy}\n`}`)
    return error instanceof ConfigError ? EXIT.misused : EXIT.failed
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  return EXIT.failed
}

process.exitCode = await main(process.argv.slice(2)).catch(tell)
