import { sql } from 'kysely'
import type { PgBoss } from 'pg-boss'
import { DELIVER_QUEUE } from '../ports/queue.ts'
import type { MessageRecord, Store } from '../ports/store/index.ts'
import type { Db } from './db.ts'
import { deliverJob } from './queues.ts'
import type { Tables } from './schema.ts'

type Row = Pick<Tables['messages'], 'incident_id' | 'platform' | 'channel' | 'ref_channel' | 'ref_id' | 'shown_at'> & {
  shown_version: number
  thread_seq: number
  posting: boolean
}

const toRecord = (row: Row): MessageRecord => ({
  incidentId: row.incident_id,
  to: { platform: row.platform, channel: row.channel },
  ref: row.ref_id === null ? null : { platform: row.platform, channel: row.ref_channel ?? row.channel, id: row.ref_id },
  shownVersion: row.shown_version,
  threadSeq: row.thread_seq,
  posting: row.posting,
  shownAt: row.shown_at,
})

export function createMessages(db: Db, boss: PgBoss): Store['messages'] {
  /** Sends a job to start then, unless one is waiting that will do. */
  async function sendUnless(
    willDo: (job: { startAfter: Date }) => boolean,
    { data, options }: ReturnType<typeof deliverJob>,
    startAfter: Date,
  ): Promise<void> {
    const waiting = await boss.findJobs(DELIVER_QUEUE, { key: options.singletonKey!, queued: true })
    if (!waiting.some(willDo)) await boss.send(DELIVER_QUEUE, data, { ...options, startAfter })
  }

  return {
    get: async (incidentId, to) => {
      const row = await db
        .selectFrom('messages')
        .selectAll()
        .where('incident_id', '=', incidentId)
        .where('platform', '=', to.platform)
        .where('channel', '=', to.channel)
        .executeTakeFirst()
      return row ? toRecord(row) : null
    },
    list: async (incidentId) => {
      const rows = await db.selectFrom('messages').selectAll().where('incident_id', '=', incidentId).execute()
      return rows.map(toRecord)
    },
    save: async ({ incidentId, to, ref, shownVersion, threadSeq, posting, shownAt }) => {
      const state = {
        ref_channel: ref?.channel ?? null,
        ref_id: ref?.id ?? null,
        shown_version: shownVersion,
        thread_seq: threadSeq,
        posting,
        shown_at: shownAt,
      }
      await db
        .insertInto('messages')
        .values({ incident_id: incidentId, platform: to.platform, channel: to.channel, ...state })
        .onConflict((c) => c.columns(['incident_id', 'platform', 'channel']).doUpdateSet(state))
        .execute()
    },
    behind: async () => {
      const { rows } = await sql<{ incident_id: string; platform: string; channel: string }>`
        select m.incident_id, m.platform, m.channel
        from messages m join incidents i on i.id = m.incident_id
        where m.shown_version < i.version
          or m.thread_seq < (select coalesce(max(a.seq), 0) from incident_audit a where a.incident_id = m.incident_id)
        order by i.opened_at`.execute(db)
      return rows.map((row) => ({
        incidentId: row.incident_id,
        to: { platform: row.platform, channel: row.channel },
      }))
    },
    waitingSince: async (platforms) => {
      const { rows } = await sql<{ since: Date | null }>`
        select min(a.at) as since
        from messages m join incident_audit a on a.incident_id = m.incident_id and a.seq > m.thread_seq
        where m.platform = any(${[...platforms]}::text[])`.execute(db)
      return rows[0]?.since ?? null
    },
    enqueue: (incidentId, to, afterSeconds) => {
      const startAfter = new Date(Date.now() + afterSeconds * 1000)
      return sendUnless((job) => job.startAfter <= startAfter, deliverJob(incidentId, to), startAfter)
    },
    ensure: (incidentId, to) => sendUnless(() => true, deliverJob(incidentId, to), new Date()),
  }
}
