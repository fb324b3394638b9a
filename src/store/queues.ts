import type { PgBoss, SendOptions } from 'pg-boss'
import type { ChannelRef } from '../ports/chat.ts'
import { DELIVER_QUEUE } from '../ports/store.ts'

/** One message to be brought up to date. Keyed by message: one replica at a time works on it. */
export function deliverJob(incidentId: string, to: ChannelRef): { data: object; options: SendOptions } {
  return {
    data: { incidentId, to },
    options: { singletonKey: JSON.stringify([incidentId, to.platform, to.channel]) },
  }
}

/** Makes the queue, and puts it into pg-boss's cache: a look-up inside a PGlite transaction would wait for itself. */
export async function createDeliverQueue(boss: PgBoss): Promise<void> {
  await boss.createQueue(DELIVER_QUEUE, {
    // One at a time per key, and a key that waits does not hold up the others.
    policy: 'key_strict_fifo',
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

/** Gives up the jobs that a killed process left running. Only where no other process can be at them; elsewhere the heartbeat tells. */
export async function releaseJobs(boss: PgBoss): Promise<void> {
  for (const { name } of await boss.getQueues()) {
    const jobs = await boss.findJobs(name)
    const running = jobs.filter((job) => job.state === 'active').map((job) => job.id)
    if (running.length > 0) await boss.fail(name, running, { message: 'the process that ran it is gone' })
  }
}
