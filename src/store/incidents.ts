import { sql } from 'kysely'
import { fromKysely, type PgBoss } from 'pg-boss'
import type { AuditEntry } from '../incident/incident.ts'
import { storedIncidentSchema } from '../incident/stored.ts'
import { DELIVER_QUEUE } from '../ports/queue.ts'
import { Conflict, type IncidentCommit, type Store, type Unreadable } from '../ports/store/index.ts'
import type { Db } from './db.ts'
import { readStored, toJson, toText } from './json.ts'
import { deliverJob } from './queues.ts'
import { findRefused, OnlyTried, refusalOf, whyOf } from './refused.ts'

export function createIncidents(db: Db, boss: PgBoss, unreadable: Unreadable): Store['incidents'] {
  const read = ({ id, body }: { id: string; body: unknown }) => ({ id, ...readStored(storedIncidentSchema, body) })

  /** Writes the new version over the one it was made from, and only over that. */
  async function write(trx: Db, { incident, from }: IncidentCommit): Promise<void> {
    const row = {
      fingerprint: toText(incident.fingerprint),
      version: incident.version,
      state: incident.state,
      opened_at: incident.openedAt,
      resolved_at: incident.resolvedAt,
      body: toJson(incident),
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
        select ${incident.id}::text, coalesce(max(seq), 0) + 1, ${entry.at}::timestamptz, ${toText(entry.actor)}::text,
          ${entry.what}::text, ${toText(entry.says)}::text
        from incident_audit where incident_id = ${incident.id}`.execute(trx)
    }
  }

  async function store(changes: readonly IncidentCommit[], onlyTry: boolean): Promise<void> {
    await db.transaction().execute(async (trx) => {
      for (const change of changes) {
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
      if (onlyTry) throw new OnlyTried()
    })
  }

  return {
    commit: async (changes) => {
      if (changes.length === 0) return []
      // In one order everywhere, so that two replicas cannot wait for each other.
      const ordered = changes.toSorted((a, b) => (a.incident.id < b.incident.id ? -1 : 1))
      const refusal = await refusalOf(store(ordered, false))
      if (!refusal) return []
      const refused = await findRefused(ordered, (part) => store(part, true))
      // Each is well by itself, and together they are not.
      if (refused.size === 0) throw refusal
      await store(
        ordered.filter((change) => !refused.has(change)),
        false,
      )
      return [...refused].map(([{ incident }, error]) => ({ incident, problem: whyOf(error) }))
    },
    get: async (id) => {
      const row = await db.selectFrom('incidents').select(['id', 'body']).where('id', '=', id).executeTakeFirst()
      const found = row && read(row)
      return found && 'value' in found ? found.value : null
    },
    current: async (since) => {
      const rows = await db
        .selectFrom('incidents')
        .select(['id', 'body'])
        .where((where) => where.or([where('resolved_at', 'is', null), where('resolved_at', '>', since)]))
        .orderBy('opened_at', 'desc')
        .orderBy('id')
        .execute()
      const found = rows.map(read)
      unreadable.found(
        'incidents',
        found.flatMap((each) => ('problem' in each ? [{ what: `incident ${each.id}`, problem: each.problem }] : [])),
      )
      return found.flatMap((each) => ('value' in each ? [each.value] : []))
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
