import { schedule as cron, type ScheduledTask } from 'node-cron'
import type { Job, PgBoss } from 'pg-boss'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { DELIVER_QUEUE, type Store } from '../ports/store.ts'
import type { Delivery } from './deliver.ts'

/** Work that comes round. Each key of it runs on one replica at a time, and is not queued twice. */
export interface Task {
  /** The name of its queue. */
  name: string
  /** A cron expression with seconds; `every` makes one. */
  cron: string
  timezone?: string
  /** What it is done for, one job each (the sources of `poll`); one job without a key where left out. */
  keys?: readonly string[]
  /** Run when the schedule starts, too. */
  atStart?: boolean
  /** What is to run as soon as it ended well (`watch` after `poll`). */
  next?: string
  run(key: string, signal: AbortSignal): Promise<void>
}

export interface ScheduleOptions {
  boss: PgBoss
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
/** A replica that is gone shows after this time; its jobs go to another. */
const HEARTBEAT_SECONDS = 15
const POLLING = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 5 } as const

/** The cron expression of "every so many seconds". */
export function every(seconds: number): string {
  if (seconds < 60) return `*/${Math.max(1, Math.round(seconds))} * * * * *`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `0 */${minutes} * * * *` : `0 0 */${Math.min(23, Math.round(minutes / 60))} * * *`
}

/** node-cron says when, pg-boss says who: a tick on every replica, one job. */
export async function startSchedule(options: ScheduleOptions): Promise<Schedule> {
  const { boss, store, log, tasks } = options
  const stopping = new AbortController()
  const ticks: ScheduledTask[] = []
  const byName = new Map(tasks.map((task) => [task.name, task]))

  const enqueue = async (task: Task) => {
    for (const key of task.keys ?? ['']) await boss.send(task.name, { key }, { singletonKey: key || task.name })
  }
  const tick = (name: string, expression: string, timezone: string | undefined, run: () => Promise<void>) => {
    const safely = () => run().catch((error: unknown) => log.warn({ err: error }, `${name}: the tick failed`))
    ticks.push(
      cron(expression, safely, {
        name,
        noOverlap: true,
        suppressMissedWarning: true,
        ...(timezone ? { timezone } : {}),
      }),
    )
  }

  for (const task of tasks) {
    await boss.createQueue(task.name, {
      // Once per key, queued or running; without keys, once queued and once running, so that no `next` is lost.
      policy: task.keys ? 'exclusive' : 'stately',
      // What fails or dies is not tried again: the next tick asks anew.
      retryLimit: 0,
      expireInSeconds: 3600,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      deleteAfterSeconds: 600,
      notify: true,
    })
    await boss.work<{ key: string }>(
      task.name,
      { ...POLLING, localConcurrency: Math.min(4, task.keys?.length ?? 1) },
      async ([job]) => {
        await runTask(task, job!, stopping.signal, log)
        const next = task.next === undefined ? undefined : byName.get(task.next)
        if (next && !stopping.signal.aborted) await enqueue(next)
      },
    )
    tick(task.name, task.cron, task.timezone, () => enqueue(task))
    if (task.atStart) await enqueue(task)
  }

  await boss.work<Delivery>(DELIVER_QUEUE, { ...POLLING, localConcurrency: 4 }, async ([job]) => {
    const { data, signal: claimed } = job!
    const signal = AbortSignal.any([stopping.signal, claimed])
    const comeBack = await options.deliver(data, signal).catch((error: unknown) => {
      log.warn({ ...data, err: error }, `deliver: ${messageOf(error)}; it is tried again`)
      throw error
    })
    if (comeBack) await store.messages.enqueue(data.incidentId, data.to, secondsUntil(comeBack, options.clock))
  })
  tick('sweep', every(SWEEP_EVERY_SECONDS), undefined, async () => {
    for (const { incidentId, to } of await store.messages.behind()) await store.messages.enqueue(incidentId, to, 0)
  })

  return {
    runNow: async (name) => {
      const task = byName.get(name)
      if (task) await enqueue(task)
    },
    stop: async () => {
      for (const scheduled of ticks) await scheduled.destroy()
      stopping.abort(new Error('shutting down'))
      await Promise.all([DELIVER_QUEUE, ...byName.keys()].map((name) => boss.offWork(name, { wait: true })))
    },
  }
}

async function runTask(task: Task, job: Job<{ key: string }>, stopping: AbortSignal, log: Log): Promise<void> {
  try {
    await task.run(job.data.key, AbortSignal.any([stopping, job.signal]))
  } catch (error) {
    if (!stopping.aborted)
      log.error({ task: task.name, key: job.data.key, err: error }, `${task.name}: ${messageOf(error)}`)
    throw error
  }
}

/** In seconds from now, since the clock may run faster than the database's. */
const secondsUntil = (at: Date, clock: Clock) => Math.max(0, Math.ceil((at.getTime() - clock.now().getTime()) / 1000))
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
