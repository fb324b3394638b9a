import { detectionStatus, NO_DETECTION } from '../cards/detection.ts'
import type { Config } from '../config/schema.ts'
import { loadSettled } from '../jobs/settled.ts'
import { sendTestAlert } from '../jobs/test-alert.ts'
import { createLog } from '../lib/log.ts'
import { urlOf } from '../lib/port.ts'
import { systemClock } from '../lib/system-clock.ts'
import type { ChatContext } from '../ports/chat.ts'
import { ConfigError, isFault } from '../ports/errors.ts'
import type { OpenedDatabase } from '../ports/store/opened.ts'
import { budgetOf } from './budget.ts'
import { type Check, chatCheck, examine, portCheck, sourceCheck } from './checks.ts'
import { EXIT } from './exit.ts'
import { noJournal } from './no-journal.ts'
import { databaseOf, openChats, openSources } from './open-config.ts'
import { loadConfig } from './read-config.ts'
import type { Subcommand, Tools } from './subcommand.ts'
import { requestTestAlert } from './test-alert-request.ts'

/** The embedded database is made first where there is none. */
const DATABASE_PATIENCE_MS = 120_000

interface DoctorAsked {
  config: string | null
  testAlert: boolean
}

export const doctor: Subcommand<DoctorAsked> = {
  says: 'check every source, every chat and the database',
  options: ['config', 'test-alert'],
  read: ({ values, config }) => ({ config, testAlert: values['test-alert'] ?? false }),
  run,
}

async function run({ config: path, testAlert }: DoctorAsked, { kinds, openDatabase }: Tools): Promise<number> {
  const config = loadConfig(path, kinds)
  const log = createLog({ level: 'silent', format: 'json', color: false })
  const opened = openDatabase(databaseOf(config))
  const sources = openSources(config, kinds, { clock: systemClock, log })
  const context = { routes: { add: () => {} }, journal: noJournal, clock: systemClock, log }
  const checks: Check[] = [
    {
      name: 'database',
      notes: [],
      patienceMs: DATABASE_PATIENCE_MS,
      run: async (signal) => (await opened.catch((error) => inUse(error, config, signal)))?.store.ping(),
    },
    portCheck(config.server),
    ...sources.map(({ id, facts, source }) => sourceCheck(id, facts, source)),
    ...openChats(config, kinds, context).map(({ platform }) => chatCheck(platform)),
  ]
  let isWell = true
  for await (const { name, ok, lines } of examine(checks)) {
    isWell &&= ok
    process.stdout.write(`${ok ? 'ok  ' : 'FAIL'}  ${name}\n${lines.map((line) => `      ${line}\n`).join('')}`)
  }
  const store = await opened.then(({ store }) => store).catch(() => null)
  const settled = store && (await loadSettled(store))
  const { summary, detail } = settled ? detectionStatus(budgetOf(config.alerts.falseAlarms), settled) : NO_DETECTION
  for (const { label, value } of [...summary, ...detail]) process.stdout.write(`      ${label}: ${value}\n`)
  if (testAlert) isWell = (await tellTestAlert(config, kinds, { opened, context })) && isWell
  await store?.close()
  return isWell ? EXIT.done : EXIT.failed
}

/** By ourselves where the database lets us in; else by the Bouncebell that has it. False where one did not arrive. */
async function tellTestAlert(
  config: Config,
  kinds: Tools['kinds'],
  { opened, context }: { opened: Promise<OpenedDatabase>; context: ChatContext },
): Promise<boolean> {
  const journal = await opened.then(({ journal }) => journal).catch(() => null)
  const database = databaseOf(config)
  const send = async () =>
    journal || !('dataDir' in database)
      ? sendTestAlert(openChats(config, kinds, { ...context, journal: journal ?? noJournal }), context)
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

/** The embedded database lets one process in. When that is a Bouncebell that is well, so is the database. */
async function inUse(error: unknown, { server, chat }: Config, signal: AbortSignal): Promise<null> {
  if (!(error instanceof ConfigError)) throw error
  const token = server.token ?? (chat.web as { token?: string } | undefined)?.token
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  const ready = await fetch(`${urlOf(server.host, server.port)}/readyz`, { signal, headers }).catch(() => null)
  if (!ready?.ok) throw error
  return null
}
