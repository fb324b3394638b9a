import { sql } from 'kysely'
import { fromKysely, type PgBoss } from 'pg-boss'
import type { AuditEntry, Incident } from '../incident/incident.ts'
import { Conflict, DELIVER_QUEUE, type IncidentCommit, type Store } from '../ports/store.ts'
import type { Db } from './db.ts'
import { deliverJob } from './queues.ts'

// By their names, so that the incident's type may grow without the store: `openedAt`, `snoozedUntil`, `since`, `at`.
const DATE_KEY = /(?:At|Until|^since|^at)$/
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** An incident as it comes back from jsonb: its dates are strings there. */
function revive(body: unknown): Incident {
  return JSON.parse(JSON.stringify(body), (key, value) =>
    typeof value === 'string' && DATE_KEY.test(key) && ISO_DATE.test(value) ? new Date(value) : value,
  ) as Incident
}

export function createIncidents(db: Db, boss: PgBoss): Store['incidents'] {
  /** Writes the new version over the one it was made from, and only over that. */
  async function write(trx: Db, { incident, from }: IncidentCommit): Promise<void> {
    const row = {
      fingerprint: incident.fingerprint,
      version: incident.version,
      state: incident.state,
      opened_at: incident.openedAt,
      resolved_at: incident.resolvedAt,
      body: JSON.stringify(incident),
    }
    const { id } = incident
    const result =
      from === 0
        ? await trx
            .insertInto('incidents')
            .values({ id, ...row })
            .onConflict((c) => c.doNothing())
            .executeTakeFirst()
        : await trx
            .updateTable('incidents')
            .set(row)
            .where('id', '=', id)
            .where('version', '=', from)
            .executeTakeFirst()
    const written = 'numUpdatedRows' in result ? result.numUpdatedRows : result.numInsertedOrUpdatedRows
    if (written !== 1n) throw new Conflict(`incident ${id} is no longer at version ${from}`)
  }

  async function appendAudit(trx: Db, { incident, audit }: IncidentCommit): Promise<void> {
    for (const entry of audit) {
      await sql`
        insert into incident_audit (incident_id, seq, at, actor, what, says)
        select ${incident.id}::text, coalesce(max(seq), 0) + 1, ${entry.at}::timestamptz, ${entry.actor}::text,
          ${entry.what}::text, ${entry.says}::text
        from incident_audit where incident_id = ${incident.id}`.execute(trx)
    }
  }

  return {
    commit: async (changes) => {
      if (changes.length === 0) return
      // In one order everywhere, so that two replicas cannot wait for each other.
      const ordered = changes.toSorted((a, b) => (a.incident.id < b.incident.id ? -1 : 1))
      await db.transaction().execute(async (trx) => {
        for (const change of ordered) {
          await write(trx, change)
          await appendAudit(trx, change)
          for (const to of change.deliverTo) {
            await trx
              .insertInto('messages')
              .values({ incident_id: change.incident.id, platform: to.platform, channel: to.channel })
              .onConflict((c) => c.doNothing())
              .execute()
            const job = deliverJob(change.incident.id, to)
            await boss.send(DELIVER_QUEUE, job.data, { ...job.options, db: fromKysely(trx) })
          }
        }
      })
    },
    get: async (id) => {
      const row = await db.selectFrom('incidents').select('body').where('id', '=', id).executeTakeFirst()
      return row ? revive(row.body) : null
    },
    current: async (since) => {
      const rows = await db
        .selectFrom('incidents')
        .select('body')
        .where((where) => where.or([where('resolved_at', 'is', null), where('resolved_at', '>', since)]))
        .orderBy('opened_at', 'desc')
        .orderBy('id')
        .execute()
      return rows.map((row) => revive(row.body))
    },
    audit: async (id) => {
      const rows = await db
        .selectFrom('incident_audit')
        .select(['seq', 'at', 'actor', 'what', 'says'])
        .where('incident_id', '=', id)
        .orderBy('seq')
        .execute()
      return rows as AuditEntry[]
    },
  }
}
