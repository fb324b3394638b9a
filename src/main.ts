#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHATS } from '../adapters/chat/index.ts'
import { espDefinitions } from '../adapters/esp/index.ts'
import { readRuleFile } from './alert-rules/rule-file.ts'
import type { OpenSource } from './app.ts'
import { lookupCard } from './cards/lookup.ts'
import { toText } from './cards/text.ts'
import { type Command, readCommand, UsageError } from './cli/arguments.ts'
import { type Check, chatCheck, examine, portCheck, sourceCheck } from './cli/doctor.ts'
import { explainStream, explainText } from './cli/explain.ts'
import { askHealth } from './cli/health.ts'
import { noJournal } from './cli/no-journal.ts'
import { CONFIG_FILE, isThere, loadConfig as readFromDisk, readText } from './cli/read-config.ts'
import { areAllUsed, rulesReport } from './cli/rules-report.ts'
import { exitAtLatest, stopSignal } from './cli/stop-signal.ts'
import { HELP, helpFor } from './cli/table.ts'
import { EXIT, tell } from './cli/tell.ts'
import { createTestAlertKey, requestTestAlert } from './cli/test-alert-request.ts'
import { readConfig } from './config/read.ts'
import { type Config, jsonSchema, type Kinds } from './config/schema.ts'
import { startDemo } from './demo/demo.ts'
import { type Budget, DEFAULT_BUDGET, parseBudget } from './detect/budget.ts'
import { describeSettled } from './detect/settled.ts'
import { loadSettled } from './jobs/settled.ts'
import { sendTestAlert } from './jobs/test-alert.ts'
import { loadKnowledge } from './knowledge/knowledge.ts'
import { readProviders, readRuleFiles } from './knowledge/rule-files.ts'
import { createHttpClient, inBackground } from './lib/http-client.ts'
import { createLog, wantsColor } from './lib/log.ts'
import { reportOf } from './lib/message.ts'
import { urlOf } from './lib/port.ts'
import { speedsOf } from './lib/regex-speed.ts'
import { systemClock } from './lib/system-clock.ts'
import { startWatchdog } from './lib/watchdog.ts'
import type { ChatContext, ChatDefinition } from './ports/chat.ts'
import type { Clock } from './ports/clock.ts'
import { ConfigError, isFault } from './ports/errors.ts'
import type { EspContext, EspDefinition, WindowSource } from './ports/esp.ts'
import type { Log } from './ports/log.ts'
import { countsOf, endOfHistory, printReplay, storedCounts } from './replay/replay.ts'
import { serve } from './serve.ts'
import { planLookup } from './smtp/lookup.ts'
import { parseReply } from './smtp/reply.ts'
import { examplesOf, reviewUserRules } from './smtp/user-rules.ts'
import type { DatabaseOptions } from './store/db.ts'
import { type OpenedStore, openStore } from './store/index.ts'

const kinds: Kinds = {
  esps: espDefinitions,
  chats: CHATS as readonly ChatDefinition<unknown>[],
  providers: readProviders,
  speedsOf,
}

async function main(argv: string[]): Promise<number> {
  const command = readCommand(argv, process.env)
  switch (command.name) {
    case 'help':
      process.stdout.write(command.of ? helpFor(command.of) : HELP)
      return EXIT.done
    case 'version':
      process.stdout.write(`${version()}\n`)
      return EXIT.done
    case 'check-config':
      loadConfig(command.config)
      process.stdout.write(`${command.config ?? CONFIG_FILE} is fine.\n`)
      return EXIT.done
    case 'rules':
      return rules(loadConfig(command.config))
    case 'start':
      if (command.config || isThere(CONFIG_FILE)) return serveUntilStopped(loadConfig(command.config), systemClock)
      process.stdout.write(
        `There is no ${CONFIG_FILE}, so this is the demo. The README says how to run it on your own mail.\n`,
      )
      return demo({ port: 3000, directory: './data', seed: 1 })
    case 'serve':
      return serveUntilStopped(loadConfig(command.config), systemClock)
    case 'demo':
      return demo(command)
    case 'migrate':
      await (
        await openStore(databaseOf(loadConfig(command.config)), (line) => process.stdout.write(`${line}\n`))
      ).store.close()
      process.stdout.write('The schema of the database is up to date.\n')
      return EXIT.done
    case 'health':
      // Once a minute: what was proved at the start is not proved again.
      await askHealth(readFromDisk(command.config, { ...kinds, speedsOf: (each) => each.map(() => 'safe') }).server)
      return EXIT.done
    case 'doctor':
      return doctor(loadConfig(command.config), command.testAlert)
    case 'explain':
      return explain(command)
    case 'replay':
      return replay(command)
    case 'schema':
      process.stdout.write(`${JSON.stringify(jsonSchema(kinds), null, 2)}\n`)
      return EXIT.done
  }
}

/** Everything is as in any installation but the clock, and the ESP that is a stand-in on loopback. */
async function demo({ port, directory, seed }: { port: number; directory: string; seed: number }): Promise<number> {
  const log = createLog({
    level: 'info',
    format: 'lines',
    color: wantsColor(process.env, process.stdout.isTTY === true),
  })
  const played = await startDemo({ seed, log, start: new Date() })
  try {
    const text = JSON.stringify({ ...played.config, server: { port } })
    const config = readConfig(text, 'the demo', kinds, {})
    // What an earlier demo left is of another course of events.
    return await serveUntilStopped(config, played.clock, log, { dataDir: join(directory, 'demo'), isFresh: true })
  } finally {
    await played.stop()
  }
}

async function doctor(config: Config, testAlert: boolean): Promise<number> {
  const log = createLog({ level: 'silent', format: 'json', color: false })
  const opened = openStore(databaseOf(config))
  const sources = openSources(config, { clock: systemClock, log })
  const context = { routes: { add: () => {} }, journal: noJournal, clock: systemClock, log }
  const checks: Check[] = [
    {
      name: 'database',
      notes: [],
      // The embedded one is made first where there is none.
      patienceMs: 120_000,
      run: async (signal) => (await opened.catch((error) => inUse(error, config, signal)))?.store.ping(),
    },
    portCheck(config.server),
    ...sources.map(({ id, facts, source }) => sourceCheck(id, facts, source)),
    ...openChats(config, context).map(({ platform }) => chatCheck(platform)),
  ]
  let isWell = true
  for await (const { name, ok, lines } of examine(checks)) {
    isWell &&= ok
    process.stdout.write(`${ok ? 'ok  ' : 'FAIL'}  ${name}\n${lines.map((line) => `      ${line}\n`).join('')}`)
  }
  const store = await opened.then(({ store }) => store).catch(() => null)
  const settled = store && (await loadSettled(store))
  for (const { label, value } of settled ? describeSettled(budgetOf(config.alerts.falseAlarms), settled) : [])
    process.stdout.write(`      ${label}: ${value}\n`)
  if (testAlert) isWell = (await tellTestAlert(config, opened, context)) && isWell
  await store?.close()
  return isWell ? EXIT.done : EXIT.failed
}

/** By ourselves where the database lets us in; else by the Bouncebell that has it. False where one did not arrive. */
async function tellTestAlert(config: Config, opened: Promise<OpenedStore>, context: ChatContext): Promise<boolean> {
  const journal = await opened.then(({ journal }) => journal).catch(() => null)
  const database = databaseOf(config)
  const send = async () =>
    journal || !('dataDir' in database)
      ? sendTestAlert(openChats(config, { ...context, journal: journal ?? noJournal }), context)
      : requestTestAlert(config.server, database.dataDir)
  const results = await send().catch((error: unknown) => {
    if (!isFault(error)) throw error
    return [{ place: 'to every chat', problem: error.message, remedy: error.remedy }]
  })
  for (const { place, problem, remedy } of results) {
    process.stdout.write(`${problem === null ? 'ok  ' : 'FAIL'}  test alert ${place}\n`)
    for (const line of [problem, remedy]) if (line) process.stdout.write(`      ${line}\n`)
  }
  return results.every(({ problem }) => problem === null)
}

/** The user's own rules count where a configuration is given. */
async function explain({ reply, json, config }: Extract<Command, { name: 'explain' }>): Promise<number> {
  const knowledge = loadKnowledge(config ? loadConfig(config).replies.rules : [])
  if (reply === null) {
    if (process.stdin.isTTY) throw new UsageError('Give a reply, or pipe one per line to stdin.', 'explain')
    const progress = process.stderr.isTTY ? process.stderr : null
    await explainStream(process.stdin, process.stdout, { ...knowledge, json, progress })
  } else if (json) {
    process.stdout.write(`${JSON.stringify(await explainText(reply, knowledge))}\n`)
  } else {
    const context = { now: systemClock.now(), nameOf: knowledge.mailboxes.nameOf }
    process.stdout.write(
      `${toText(lookupCard(planLookup((await reportOf(reply)) ?? reply, knowledge), null, context))}\n`,
    )
  }
  return EXIT.done
}

/** Tries the user's reply rules on the replies that are known: the examples of the built-in rules, and what was stored. */
async function rules(config: Config): Promise<number> {
  const files = readRuleFiles()
  // The embedded database lets one process in: while Bouncebell runs, the examples have to do.
  const opened = await openStore(databaseOf(config)).catch(() => null)
  const stored = (await opened?.store.replies.all()) ?? []
  await opened?.store.close()
  const known = [
    ...examplesOf(files).map(parseReply),
    ...stored.map(({ code, enhanced, template: text, provider }) => ({ code, enhanced, text, provider })),
  ]
  const reviews = reviewUserRules(config.replies.rules, files, known)
  process.stdout.write(`${rulesReport(reviews, known.length).join('\n')}\n`)
  return areAllUsed(reviews) ? EXIT.done : EXIT.failed
}

async function replay(command: Extract<Command, { name: 'replay' }>): Promise<number> {
  const { days, counts, summary } = command
  const loaded = command.config || counts === null ? loadConfig(command.config) : null
  const known = { sources: loaded?.sources.map(({ id }) => id) ?? null, providers: readProviders() }
  const trying = {
    falseAlarms: budgetOf(command.falseAlarms ?? loaded?.alerts.falseAlarms ?? null),
    rules:
      command.rule === null
        ? (loaded?.alerts.rules ?? [])
        : readRuleFile(readText(command.rule, 'Name another file with --rule.'), command.rule, known),
  }
  const printing = { summary, output: process.stdout, progress: process.stderr.isTTY ? process.stderr : null }
  if (counts !== null || loaded === null) {
    const { classifier } = loadKnowledge(loaded?.replies.rules ?? [])
    const minutes = countsOf(counts ?? '-', process.stdin, classifier, trying.rules.length > 0)
    await printReplay({ minutes, ...trying }, printing)
    return EXIT.done
  }
  const { store } = await openStore(databaseOf(loaded))
  try {
    const to = await endOfHistory(store, systemClock.now())
    const period = { from: new Date(to.getTime() - days * 86_400_000), to }
    await printReplay({ minutes: storedCounts(store, period, deliveriesOf(loaded)), ...trying }, printing)
  } finally {
    await store.close()
  }
  return EXIT.done
}

function budgetOf(text: string | null): Budget {
  if (text === null) return DEFAULT_BUDGET
  const budget = parseBudget(text)
  if (!budget)
    throw new UsageError(`--false-alarms is "2 per month" or "1 per 1000 slice-days", not "${text}"`, 'replay')
  return budget
}

/** The embedded database lets one process in. When that is a Bouncebell that is well, so is the database. */
async function inUse(error: unknown, { server, chat }: Config, signal: AbortSignal): Promise<null> {
  if (!(error instanceof ConfigError)) throw error
  const token = server.token ?? (chat.web as { token?: string } | undefined)?.token
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  const ready = await fetch(`${urlOf(server.host, server.port)}/readyz`, { signal, headers }).catch(() => null)
  if (!ready?.ok) throw error
  return null
}

const loadConfig = (path: string | null): Config => readFromDisk(path, kinds)

async function serveUntilStopped(
  config: Config,
  clock: Clock,
  log = logOf(config),
  database: DatabaseOptions = databaseOf(config),
): Promise<number> {
  const { store, journal, queue } = await openStore(database, (progress) => log.info({}, progress))
  const watchdog = startWatchdog()
  try {
    const serving = await serve({
      config,
      knowledge: loadKnowledge(config.replies.rules),
      store,
      journal,
      queue,
      clock,
      log,
      sources: openSources(config, { clock, log }),
      openChats: (context) => openChats(config, context),
      testAlertKey: 'dataDir' in database ? createTestAlertKey(database.dataDir) : null,
    })
    log.info({}, `Bouncebell is at ${serving.url}`)
    const signal = await stopSignal()
    log.info({}, `${signal}: stopping`)
    exitAtLatest(log)
    await serving.stop()
  } finally {
    await store.close()
    await watchdog.stop()
  }
  return EXIT.done
}

function openSources(config: Config, context: Omit<EspContext, 'http'>): OpenSource[] {
  return config.sources.map(({ id, type, ...settings }) => {
    const definition = espDefinitions.find((esp) => esp.id === type) as EspDefinition<unknown>
    const log = context.log.child({ source: id })
    const http = createHttpClient(paceOf(definition))
    const source = definition.open(settings, { ...context, http, log })
    const history = () => definition.open(settings, { ...context, http: inBackground(http), log }) as WindowSource
    return { id, type, facts: definition.facts, source, ...(source.kind === 'window' ? { history: history() } : {}) }
  })
}

const paceOf = ({ limits }: EspDefinition<unknown>) =>
  limits ? { paceElsewhere: { concurrency: limits.concurrency, minIntervalMs: 1000 / limits.perSecond } } : {}

function openChats(config: Config, context: ChatContext) {
  return kinds.chats.flatMap((definition) => {
    const settings = config.chat[definition.id] as { channel: string } | undefined
    return settings ? [{ platform: definition.open(settings, context), channel: settings.channel }] : []
  })
}

/** Whether a source reports deliveries too; one that is no longer configured is taken to. */
function deliveriesOf({ sources }: Config): (source: string) => boolean {
  const types = new Map(sources.map(({ id, type }) => [id, type]))
  return (source) => espDefinitions.find(({ id }) => id === types.get(source))?.facts.deliveries ?? true
}

const databaseOf = ({ database }: Config): DatabaseOptions => {
  const databaseUrl = database.url ?? process.env.DATABASE_URL
  return databaseUrl ? { databaseUrl } : { dataDir: database.directory }
}

function logOf(config: Config): Log {
  const isTerminal = process.stdout.isTTY === true
  const { level, format = isTerminal ? 'lines' : 'json' } = config.log
  return createLog({ level, format, color: wantsColor(process.env, isTerminal) })
}

const version = () =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  const { text, exit } = tell(error)
  process.stderr.write(text)
  return exit
})
