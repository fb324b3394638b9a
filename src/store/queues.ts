import type { Job, PgBoss, SendOptions } from 'pg-boss'
import type { ChannelRef } from '../ports/chat.ts'
import { DELIVER_QUEUE, type JobQueue, type WorkOptions } from '../ports/queue.ts'

/** One message to be brought up to date. Every transition sends one: whichever runs last sees the last version. */
export function deliverJob(incidentId: string, to: ChannelRef): { data: object; options: SendOptions } {
  return {
    data: { incidentId, to },
    options: { singletonKey: JSON.stringify([incidentId, to.platform, to.channel]) },
  }
}

/** Makes the queue, and puts it into pg-boss's cache: a look-up inside a PGlite transaction would wait for itself. */
export async function createDeliverQueue(boss: PgBoss): Promise<void> {
  await boss.createQueue(DELIVER_QUEUE, {
    retryLimit: 100_000,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 60,
    expireInSeconds: 120,
    heartbeatSeconds: 15,
    deleteAfterSeconds: 3600,
    notify: true,
  })
  await boss.findJobs(DELIVER_QUEUE, { limit: 1 })
}

const POLLING = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 5 } as const
// A job that starts later is not announced when its time comes.
const POLLING_FOR_LATER = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1 } as const
const TASK_QUEUE = {
  // One that waits is enough: it will see all that is there by then.
  policy: 'short',
  // What fails or dies is not tried again: the next tick asks again.
  retryLimit: 0,
  expireInSeconds: 3600,
  heartbeatSeconds: 15,
  deleteAfterSeconds: 600,
  notify: true,
} as const

/** pg-boss as the rest of Bouncebell sees it. */
export function createJobQueue(boss: PgBoss): JobQueue {
  return {
    create: (queue) => boss.createQueue(queue, TASK_QUEUE),
    send: async (queue, data, key) => {
      await boss.send(queue, data, { singletonKey: key })
    },
    work: async <T extends object>(queue: string, { concurrency, startsLater = false, run }: WorkOptions<T>) => {
      const polling = startsLater ? POLLING_FOR_LATER : POLLING
      const runFirst = ([job]: Job<T>[]) => run(job!)
      await boss.work<T>(queue, { ...polling, localConcurrency: concurrency }, runFirst)
    },
    stopWork: (queue) => boss.offWork(queue, { wait: true }),
    onError: (listener) => {
      boss.on('error', listener)
    },
  }
}
