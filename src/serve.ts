import { createApp, type OpenSource } from './app.ts'
import { incidentCard } from './cards/alert.ts'
import { detectionStatus, NO_DETECTION } from './cards/detection.ts'
import { summaryCard, threadCard } from './cards/thread.ts'
import { wrongCard } from './cards/wrong.ts'
import { createCommands } from './commands/commands.ts'
import { answerLookup } from './commands/lookup-answer.ts'
import { type Config, isLoopback } from './config/schema.ts'
import { DEFAULT_BUDGET, parseBudget } from './detect/alarm/budget.ts'
import { createWatch } from './detect/detector.ts'
import { REACH } from './detect/state/checkpoints.ts'
import { type Access, createHttp, type HttpServer } from './http.ts'
import { extentOf } from './incident/scope-text.ts'
import { describeBuilding } from './jobs/building.ts'
import { createDirectAlerts } from './jobs/direct.ts'
import { createKeptAnswers } from './jobs/kept-answers.ts'
import { unreachable } from './jobs/reach.ts'
import { RETENTION } from './jobs/retain.ts'
import { watchForRoom } from './jobs/room.ts'
import { loadSettled } from './jobs/settled.ts'
import { createSilences } from './jobs/silences.ts'
import { limitsOf } from './jobs/source-limits.ts'
import { sendTestAlert } from './jobs/test-alert.ts'
import { readVitals, type Vitals } from './jobs/vitals.ts'
import { createWatchJob } from './jobs/watch.ts'
import type { Knowledge } from './knowledge/knowledge.ts'
import { detectorHash } from './lib/detector-code.ts'
import { createMetrics } from './lib/metrics.ts'
import { listenFault } from './lib/port.ts'
import { settlesWithin } from './lib/settles-within.ts'
import { TEST_ALERT_PATH, testAlertHandler } from './lib/test-alert-handler.ts'
import type { ChannelRef, ChatContext, ChatPlatform } from './ports/chat.ts'
import type { Clock } from './ports/clock.ts'
import { isFault } from './ports/errors.ts'
import type { EspFacts } from './ports/esp.ts'
import type { Journal } from './ports/journal.ts'
import type { Log } from './ports/log.ts'
import type { JobQueue } from './ports/queue.ts'
import type { Store, StoredReply } from './ports/store/index.ts'
import { boundReplays } from './replay/bounded.ts'
import { replayCard } from './replay/card.ts'
import { runReplay, storedCounts } from './replay/replay.ts'

export interface ServeOptions {
  config: Config
  knowledge: Knowledge
  store: Store
  journal: Journal
  queue: JobQueue
  clock: Clock
  log: Log
  sources: readonly OpenSource[]
  /** The chats of the configuration, each with the channel that alerts go to. */
  openChats(context: ChatContext): { platform: ChatPlatform; channel: string }[]
  /** Who has it may ask for a test alert over HTTP; null: nobody may. */
  testAlertKey?: string | null
}

/** How long what is under way may take to end. Closing the store takes a few seconds more; a SIGTERM has ten. */
const STOP_MS = 4000
/** A state that is stored is loaded within this time, as a rule; a history takes longer, and the user's rules are watched meanwhile. */
const WATCH_PATIENCE_MS = 5000
/** Whoever asks whether Bouncebell is ready does not wait for long. */
const READY_MS = 4000

/** At the start nobody waits for the chats to answer. */
const START_PATIENCE_MS = 30_000

export interface Serving {
  url: string
  stop(): Promise<void>
}

/** The whole loop, running: HTTP, chats, jobs. What is concrete comes in through the options. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { config, knowledge, store, journal, clock, log } = options
  const metrics = createMetrics(store)
  let isStarted = false
  const http = createHttp({
    log,
    metrics: metrics.scrape,
    access: accessOf(config),
    notReady: () => (isStarted ? missing(store, vitals) : Promise.resolve('starting')),
  })
  const chats = options.openChats({ routes: http.routes, journal, clock, log })
  const vitals = () =>
    readVitals({
      store,
      clock,
      sources: options.sources.map(({ id }) => id),
      platforms: chats.map(({ platform }) => platform.id),
      tickSeconds: config.timing.tickSeconds,
    })
  if (options.testAlertKey) {
    http.routes.add(
      'POST',
      TEST_ALERT_PATH,
      testAlertHandler(options.testAlertKey, () => sendTestAlert(chats, { clock, log })),
    )
  }
  const channels = chats.map(({ platform, channel }): ChannelRef => ({ platform: platform.id, channel }))
  const route = () => channels
  const facts = new Map(options.sources.map(({ id, facts }) => [id, facts]))
  const budget = parseBudget(config.alerts.falseAlarms) ?? DEFAULT_BUDGET

  const { changed, skipped } = await relabel(store, knowledge)
  if (!skipped) log.info({ changed }, 'the reply rules changed; stored replies were classified again')

  const silences = createSilences(store, config.silences)
  const alerts = createDirectAlerts(chats, log)
  const watch = createWatchJob({
    alerts,
    store,
    clock,
    log,
    facts,
    rules: config.alerts.rules,
    createWatch: (saved) => createWatch({ ...REACH, falseAlarms: budget, wordScope: extentOf }, saved),
    made: madeOf({ detector: detectorHash(), budget, ...REACH }, facts),
    patienceMs: WATCH_PATIENCE_MS,
    silences,
    newReplies: config.alerts.newReplies,
    route,
    nameOf: knowledge.mailboxes.nameOf,
    linksOf: (reply) => linksOf(reply, knowledge),
    limitsOf: (source) => limitsOf(facts.get(source)!),
  })
  const app = createApp({
    sources: options.sources.map((source) => ({ ...source, source: metrics.watched(source.source, source.id) })),
    chats: chats.map(({ platform }) => platform),
    inbound: createCommands({
      store,
      clock,
      log,
      silences,
      answers: createKeptAnswers(journal, clock),
      route,
      lookup: (query) => answerLookup(query, { store, clock, knowledge }),
      wrong: (reply) => wrongCard(reply, knowledge.classifier),
      replay: boundReplays({
        keptDays: RETENTION.minuteDays,
        play: async (period) => {
          const minutes = storedCounts(store, period, (source) => facts.get(source)?.deliveries ?? true)
          const replayed = await runReplay({ minutes, falseAlarms: budget, rules: config.alerts.rules })
          return replayCard(replayed.incidents, replayed.from, replayed.days)
        },
      }),
      sources: options.sources.map(({ id, facts: { name } }) => ({ id, name })),
      providers: knowledge.providers,
      nameOf: knowledge.mailboxes.nameOf,
      detection: async () => {
        const settled = await loadSettled(store)
        const building = await describeBuilding(store.state, clock)
        const { summary, detail } = settled ? detectionStatus(budget, settled) : NO_DETECTION
        return { summary: [...(building ? [building] : []), ...summary], detail }
      },
      vitals,
      unreachable: () => unreachable(chats),
    }),
    store,
    queue: options.queue,
    clock,
    log,
    tally: knowledge,
    cards: { cardOf: incidentCard, entryCard: threadCard, summaryCard },
    watchForRoom: (signal) => watchForRoom({ store, clock, log, alerts }, signal),
    watch: watch.run,
    stopWatching: watch.stop,
    timed: metrics.timed,
    tickSeconds: config.timing.tickSeconds,
    backfillDays: config.timing.backfillDays,
  })

  const { host, port } = config.server
  const url = await http.listen(host, port).catch((error: unknown) => {
    throw listenFault(error, host, port)
  })
  try {
    await app.start()
  } catch (error) {
    await http.close()
    throw error
  }
  isStarted = true
  // Loudly and at once, but nobody has to wait for it.
  void unreachable(chats, START_PATIENCE_MS).then((reasons) => {
    for (const reason of reasons) log.error({}, reason)
  })
  return { url, stop: () => stop(app.stop, http, log) }
}

async function stop(stopApp: () => Promise<void>, http: HttpServer, log: Log): Promise<void> {
  // The page first, so that nobody presses a button that nobody hears.
  await http.close()
  const stopped = stopApp().catch((error: unknown) => log.warn({ err: error }, 'stopping failed'))
  if (!(await settlesWithin(STOP_MS, stopped)))
    log.warn({}, `some work did not finish within ${STOP_MS / 1000} s; the next start does it again`)
}

/** The page's token and names are good for the rest, too; a setup without the page has a token of its own. */
function accessOf({ server, chat }: Config): Access {
  const page = (chat.web ?? {}) as { token?: string; hosts?: string[] }
  return { token: server.token ?? page.token, isLoopback: isLoopback(server.host), hosts: page.hosts ?? [] }
}

/** In one line what keeps Bouncebell from its work, or null. */
async function missing(store: Store, vitals: () => Promise<Vitals>): Promise<string | null> {
  const asked = store.ping().then(vitals)
  if (!(await settlesWithin(READY_MS, asked))) return 'the database does not answer'
  return asked.then(
    ({ missing }) => missing.join('; ') || null,
    (error: unknown) => (isFault(error) ? error.message : 'the database does not answer as it should'),
  )
}

/** What a stored state of the detector depends on besides the counters and what the replies mean. */
const madeOf = (parts: object, facts: ReadonlyMap<string, EspFacts>): string =>
  JSON.stringify({ ...parts, deliveries: [...facts].map(([source, { deliveries }]) => [source, deliveries]).sort() })

function relabel(store: Store, { classifier }: Knowledge) {
  return store.replies.reclassify(classifier.hash, (reply) => {
    const { cause, signal, retry, rule, named } = classifier.classify(
      { ...reply, text: reply.template },
      reply.provider,
    )
    return { ...reply, cause, signal, retry, rule, named }
  })
}

/** The page that belongs to a reply: the list's or mechanism's that it names, else the provider's postmaster page. */
function linksOf(reply: StoredReply, { classifier, mailboxes }: Knowledge): { label: string; url: string }[] {
  const { link, names } = classifier.classify({ ...reply, text: reply.template }, reply.provider)
  const postmaster = mailboxes.linkOf(reply.provider)
  return [
    ...(link ? [{ label: names[0] ?? `About this reply`, url: link }] : []),
    ...(postmaster && postmaster !== link
      ? [{ label: `${mailboxes.nameOf(reply.provider)} for senders`, url: postmaster }]
      : []),
  ]
}
