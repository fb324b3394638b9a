import type { PgBoss, SendOptions } from 'pg-boss'
import type { ChannelRef } from '../ports/chat.ts'
import { DELIVER_QUEUE } from '../ports/store/index.ts'

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
