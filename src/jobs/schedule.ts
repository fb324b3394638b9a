import { schedule as cron, type ScheduledTask } from 'node-cron'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { DELIVER_QUEUE, type JobQueue, type TakenJob } from '../ports/queue.ts'
import type { Store } from '../ports/store/index.ts'
import type { Delivery } from './deliver.ts'

/** Work that comes round. Each key of it runs on one replica at a time. */
export interface Task {
  /** The name of its queue. */
  name: string
  /** A cron expression with seconds; `every` makes one. */
  cron: string
  timezone?: string
  /** What it is done for, one job each (the sources of `poll`); one job without a key where left out. */
  keys?: readonly string[]
  /** What is to run as soon as it ended well (`watch` after `poll`). */
  next?: string
  /** True where there is more to do: its turn comes again after those that wait. */
  run(key: string, signal: AbortSignal): Promise<unknown>
}

export interface ScheduleOptions {
  queue: JobQueue
  store: Store
  clock: Clock
  log: Log
  tasks: readonly Task[]
  /** Returns when to come back, or null when it is done. */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<Date | null>
}

export interface Schedule {
  /** Runs a task's jobs now, without waiting for its time. */
  runNow(task: string): Promise<void>
  /** Ends the ticks, lets running jobs end (they are told to by their signal), and comes back when all have. */
  stop(): Promise<void>
}

const SWEEP_EVERY_SECONDS = 30
const CLOCK_LOOK_MS = 1000
/** What a clock is corrected by all the time. */
const CLOCK_SLACK_MS = 500
/** Jobs of one queue that one replica runs at a time. */
const MOST_AT_ONCE = 4

/** The cron expression of "every so many seconds". */
export function every(seconds: number): string {
  if (seconds < 60) return `*/${Math.max(1, Math.round(seconds))} * * * * *`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `0 */${minutes} * * * *` : `0 0 */${Math.min(23, Math.round(minutes / 60))} * * *`
}

/**
 * node-cron says when, the queue says who: every replica ticks, one gets the job. A lease, which ends with its process,
 * keeps work of the same key apart; so a job that was lost to a kill -9 holds up nobody.
 */
export async function startSchedule(options: ScheduleOptions): Promise<Schedule> {
  const { queue, store, log, tasks } = options
  const stopping = new AbortController()
  const ticks: ScheduledTask[] = []
  const byName = new Map(tasks.map((task) => [task.name, task]))
  // Without a listener it would end the process. What matters fails where it is asked for, and is told there.
  queue.onError((error) => log.debug({ err: error }, 'the queue of jobs'))

  const send = (task: Task, key: string) => queue.send(task.name, { key }, key || task.name)
  const enqueue = async (task: Task) => {
    for (const key of task.keys ?? ['']) await send(task, key)
  }
  const tick = (name: string, expression: string, timezone: string | undefined, run: () => Promise<void>) => {
    const safely = () => run().catch((error: unknown) => log.warn({ err: error }, `${name}: the tick failed`))
    const settings = { name, noOverlap: true, suppressMissedWarning: true, logger: cronLog(log) }
    ticks.push(cron(expression, safely, { ...settings, ...(timezone ? { timezone } : {}) }))
  }
  /** Runs it under its lease; false when another has that. */
  const alone = async (name: string, claimed: AbortSignal, run: (signal: AbortSignal) => Promise<void>) => {
    const lease = await store.leases.take(name)
    if (!lease) return false
    try {
      await run(AbortSignal.any([stopping.signal, claimed, lease.lost]))
    } finally {
      await lease.release()
    }
    return true
  }

  const runTask = async (task: Task, { data, signal }: TakenJob<{ key: string }>) => {
    let isMore = false
    const ran = await alone(`${task.name} ${data.key}`, signal, async (any) => {
      isMore = (await task.run(data.key, any)) === true
    }).catch((error: unknown) => {
      if (stopping.signal.aborted) return false
      log.error({ task: task.name, key: data.key, err: error }, `${task.name}: ${messageOf(error)}`)
      throw error
    })
    if (isMore && !stopping.signal.aborted) await send(task, data.key)
    const next = task.next === undefined ? undefined : byName.get(task.next)
    if (ran && next && !stopping.signal.aborted) await enqueue(next)
  }

  const runDelivery = async ({ data, signal }: TakenJob<Delivery>) => {
    const { incidentId, to } = data
    const name = `deliver ${incidentId} ${to.platform} ${to.channel}`
    const ran = await alone(name, signal, async (any) => {
      const comeBack = await options.deliver(data, any)
      if (comeBack) await store.messages.enqueue(incidentId, to, secondsUntil(comeBack, options.clock))
    }).catch((error: unknown) => {
      if (!stopping.signal.aborted) log.warn({ ...data, err: error }, `deliver: ${messageOf(error)}; retrying`)
      throw error
    })
    // The other may have read the incident before it changed.
    if (!ran) await store.messages.enqueue(incidentId, to, 1)
  }

  /** Enqueues what shows an old version: every transition sends its job, but an alert must not depend on one job. */
  const sweep = async () => {
    for (const { incidentId, to } of await store.messages.behind()) await store.messages.ensure(incidentId, to)
  }

  for (const task of tasks) {
    await queue.create(task.name)
    const concurrency = Math.min(MOST_AT_ONCE, task.keys?.length ?? 1)
    await queue.work<{ key: string }>(task.name, { concurrency, run: (job) => runTask(task, job) })
    tick(task.name, task.cron, task.timezone, () => enqueue(task))
  }
  await queue.work<Delivery>(DELIVER_QUEUE, { concurrency: MOST_AT_ONCE, startsLater: true, run: runDelivery })
  tick('sweep', every(SWEEP_EVERY_SECONDS), undefined, sweep)
  const stopLooking = onClockSetBack(async (byMs) => {
    log.warn({ byMs }, 'the clock went back; the schedule starts over')
    for (const scheduled of ticks) {
      await scheduled.stop()
      await scheduled.start()
    }
  })
  await sweep()

  return {
    runNow: async (name) => {
      const task = byName.get(name)
      if (task) await enqueue(task)
    },
    stop: async () => {
      stopLooking()
      for (const scheduled of ticks) await scheduled.destroy()
      stopping.abort(new Error('shutting down'))
      await Promise.all([DELIVER_QUEUE, ...byName.keys()].map((name) => queue.stopWork(name)))
    },
  }
}

/** node-cron waits for the time of its next tick, which is hours off when the clock was ahead by hours and is back. */
function onClockSetBack(act: (byMs: number) => Promise<void>): () => void {
  const drift = () => Date.now() - performance.now()
  let last = drift()
  const look = () => {
    const now = drift()
    const byMs = Math.round(last - now)
    last = now
    if (byMs > CLOCK_SLACK_MS) void act(byMs)
  }
  const timer = setInterval(look, CLOCK_LOOK_MS)
  return () => clearInterval(timer)
}

/** node-cron would write to the terminal. A tick that is skipped because the last one still runs is no news. */
function cronLog(log: Log) {
  const write = (message: string | Error) => log.debug({}, `node-cron: ${message}`)
  return { info: write, warn: write, error: write, debug: write }
}

/** In seconds from now, since the clock may run faster than the database's. */
const secondsUntil = (at: Date, clock: Clock) => Math.max(0, Math.ceil((at.getTime() - clock.now().getTime()) / 1000))
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
