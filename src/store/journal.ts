import { sql } from 'kysely'
import type { Card } from '../cards/card.ts'
import type { Journal, JournalEntry } from '../ports/journal.ts'
import type { Db } from './db.ts'

interface Row {
  id: string
  channel: string
  key: string
  parent: string | null
  card: unknown
  at: Date
  updated_at: Date
}

/** Chart points are the only dates in a card. */
function reviveCard(card: unknown): Card {
  return JSON.parse(JSON.stringify(card), (key, value) =>
    key === 'at' && typeof value === 'string' ? new Date(value) : value,
  ) as Card
}

const toEntry = (row: Row): JournalEntry => ({
  id: row.id,
  channel: row.channel,
  key: row.key,
  parent: row.parent,
  card: reviveCard(row.card),
  at: row.at,
  updatedAt: row.updated_at,
})

const COLUMNS = ['id', 'channel', 'key', 'parent', 'card', 'at', 'updated_at'] as const

export function createJournal(db: Db): Journal {
  async function newest(channel: string): Promise<bigint> {
    const { rows } = await sql<{ revision: string }>`
      select coalesce(max(revision), 0)::text as revision from journal where channel = ${channel}`.execute(db)
    return BigInt(rows[0]!.revision)
  }

  return {
    put: async (entry) => {
      await db.transaction().execute(async (trx) => {
        // Writers queue, so that revisions become visible in order and a reader cannot miss one.
        await sql`select pg_advisory_xact_lock(hashtextextended('bouncebell journal', 0))`.execute(trx)
        const card = JSON.stringify(entry.card)
        const revision = sql<bigint>`nextval('journal_revision_seq')`
        await trx
          .insertInto('journal')
          .values({
            id: entry.id,
            channel: entry.channel,
            key: entry.key,
            parent: entry.parent,
            card,
            at: entry.at,
            updated_at: entry.updatedAt,
            revision,
          })
          .onConflict((c) => c.column('id').doUpdateSet({ card, updated_at: entry.updatedAt, revision }))
          .execute()
      })
    },
    get: async (id) => {
      const row = await db.selectFrom('journal').select(COLUMNS).where('id', '=', id).executeTakeFirst()
      return row ? toEntry(row) : null
    },
    latest: async (channel, limit) => {
      // Read first: what is put in between is told again by `since`, rather than never.
      const revision = await newest(channel)
      const { rows } = await sql<Row>`
        with roots as (
          select id from journal where channel = ${channel} and parent is null order by at desc, id limit ${limit}
        )
        select id, channel, key, parent, card, at, updated_at from journal
        where channel = ${channel} and (id in (select id from roots) or parent in (select id from roots))
        order by at, revision`.execute(db)
      return { revision, entries: rows.map(toEntry) }
    },
    since: async (channel, revision) => {
      const { rows } = await sql<Row & { revision: string }>`
        select id, channel, key, parent, card, at, updated_at, revision::text as revision from journal
        where channel = ${channel} and revision > ${revision.toString()}::bigint
        order by journal.revision`.execute(db)
      const last = rows.at(-1)
      return { revision: last ? BigInt(last.revision) : revision, entries: rows.map(toEntry) }
    },
  }
}
