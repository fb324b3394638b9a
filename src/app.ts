import { type DeliverOptions, deliver } from './jobs/deliver.ts'
import type { TallyOptions } from './jobs/ingest.ts'
import { poll } from './jobs/poll.ts'
import type { PollOptions } from './jobs/read-window.ts'
import { retain, rollUp } from './jobs/retain.ts'
import { createRoom, type Room } from './jobs/room.ts'
import { every, type Schedule, startSchedule, type Task } from './jobs/schedule.ts'
import { follow } from './jobs/stream.ts'
import { createWindowSizes } from './jobs/window-sizes.ts'
import type { ChatPlatform, Inbound } from './ports/chat.ts'
import type { Clock } from './ports/clock.ts'
import type { EspFacts, EspSource, StreamSource, WindowSource } from './ports/esp.ts'
import type { Log } from './ports/log.ts'
import type { JobQueue } from './ports/queue.ts'
import type { Store } from './ports/store/index.ts'

export interface OpenSource {
  id: string
  type: string
  facts: EspFacts
  source: EspSource
  /** The same for what may wait, where it is asked about periods. */
  history?: WindowSource
}

export interface AppOptions {
  sources: readonly OpenSource[]
  chats: readonly ChatPlatform[]
  inbound: Inbound
  store: Store
  queue: JobQueue
  clock: Clock
  log: Log
  tally: TallyOptions
  cards: Pick<DeliverOptions, 'cardOf' | 'entryCard' | 'summaryCard'>
  /** Tells, without the store, when there is no room for it. */
  watchForRoom(signal: AbortSignal): Promise<void>
  /** Reads the counters that changed, and moves the incidents on. */
  watch(signal: AbortSignal): Promise<void>
  /** Called when no watch is under way, and none comes after it. */
  stopWatching(): Promise<void>
  timed<T>(work: string, run: () => Promise<T>): Promise<T>
  tickSeconds: number
  backfillDays: number
}

export interface App {
  start(): Promise<void>
  /** Ends what is under way, or leaves it to the next start; nothing is counted or posted twice for it. */
  stop(): Promise<void>
}

/** The whole of Bouncebell, once everything concrete is chosen. It knows ports, never what is behind them. */
export function createApp(options: AppOptions): App {
  const { chats, clock, log, store, tally } = options
  const room = createRoom(options)
  const stopping = new AbortController()
  const byId = new Map(chats.map((chat) => [chat.id, chat]))
  let schedule: Schedule | null = null
  let streams: Promise<void>[] = []

  return {
    async start() {
      for (const chat of chats) await chat.start(options.inbound)
      schedule = await startSchedule({
        queue: options.queue,
        store,
        clock,
        log,
        tasks: tasksOf(options, room),
        deliver: (delivery, signal) =>
          options.timed('deliver', () =>
            deliver(delivery, { store, chats: byId, clock, log, ...options.cards }, signal),
          ),
      })
      streams = options.sources
        .filter(isStream)
        .map(({ id, type, source }) =>
          follow({ name: id, type, source: room.inFront(source) }, { store, clock, log, tally }, stopping.signal),
        )
      // Nobody waits for its end: it leaves nothing half done.
      void options.watchForRoom(stopping.signal)
      // The first look is not worth waiting a tick for.
      await schedule.runNow('poll')
      await schedule.runNow('history')
      await schedule.runNow('watch')
    },
    async stop() {
      stopping.abort(new Error('shutting down'))
      await Promise.all([...streams, schedule?.stop()])
      await options.stopWatching()
      for (const chat of chats) await chat.stop()
    },
  }
}

function tasksOf(options: AppOptions, room: Room): Task[] {
  const { store, clock, log, tally, backfillDays, timed } = options
  const polled = options.sources.filter(isPolled)
  const tick = every(options.tickSeconds)
  const sizes = createWindowSizes()
  const read = async (part: PollOptions['part'], id: string, signal: AbortSignal) => {
    const found = polled.find((source) => source.id === id)
    if (!found || room.isShort()) return false
    const { type, facts, source, history = source } = found
    const polling = { store, clock, log, tally, backfillDays, part, sizes }
    const result = await poll({ name: id, type, facts, source: part === 'news' ? source : history }, polling, signal)
    return result.read > 0 && result.left > 0
  }
  const keys = polled.map(({ id }) => id)
  const readers: Task[] = [
    {
      name: 'poll',
      cron: tick,
      keys,
      next: 'watch',
      run: (id, signal) => timed('poll', () => read('news', id, signal)),
    },
    {
      name: 'history',
      cron: tick,
      keys,
      next: 'watch',
      run: (id, signal) => timed('history', () => read('history', id, signal)),
    },
  ]
  return [
    ...(polled.length ? readers : []),
    { name: 'watch', cron: tick, run: (_, signal) => timed('watch', () => options.watch(signal)) },
    { name: 'roll-up', cron: tick, run: (_, signal) => timed('roll-up', () => rollUp(store, clock, signal)) },
    { name: 'retain', cron: '0 17 * * * *', run: () => timed('retain', () => retain(store, clock)) },
  ]
}

const isPolled = (source: OpenSource): source is OpenSource & { source: WindowSource } =>
  source.source.kind === 'window'
const isStream = (source: OpenSource): source is OpenSource & { source: StreamSource } =>
  source.source.kind === 'stream'
