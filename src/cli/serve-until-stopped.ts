import type { Config } from '../config/schema.ts'
import { loadKnowledge } from '../knowledge/knowledge.ts'
import { startWatchdog } from '../lib/watchdog.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { DatabasePlace } from '../ports/store/opened.ts'
import { serve } from '../serve.ts'
import { EXIT } from './exit.ts'
import { databaseOf, logOf, openChats, openSources } from './open-config.ts'
import { exitAtLatest, stopSignal } from './stop-signal.ts'
import type { Tools } from './subcommand.ts'
import { createTestAlertKey } from './test-alert-request.ts'

export interface ServedOptions {
  config: Config
  clock: Clock
  /** By default as the configuration says. */
  log?: Log
  database?: DatabasePlace
}

/** The whole of Bouncebell, until somebody asks for its end. */
export async function serveUntilStopped(options: ServedOptions, { kinds, openDatabase }: Tools): Promise<number> {
  const { config, clock, log = logOf(config), database = databaseOf(config) } = options
  const { store, journal, queue } = await openDatabase(database, (progress) => log.info({}, progress))
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
      sources: openSources(config, kinds, { clock, log }),
      openChats: (context) => openChats(config, kinds, context),
      testAlertKey: 'dataDir' in database ? createTestAlertKey(database.dataDir) : null,
    })
    log.info({}, `Bouncebell is at ${serving.url}`)
    const signal = await stopSignal()
    log.info({}, `${signal}: stopping`)
    exitAtLatest(log, watchdog)
    await serving.stop()
  } finally {
    await store.close()
    await watchdog.stop()
  }
  return EXIT.done
}
