import { sql } from 'kysely'
import { storedCardSchema } from '../cards/stored.ts'
import type { Journal, JournalEntry } from '../ports/journal.ts'
import type { Unreadable } from '../ports/store/index.ts'
import type { Db } from './db.ts'
import { readStored, toJson, toText } from './json.ts'

interface Row {
  id: string
  channel: string
  key: string
  parent: string | null
  card: unknown
  at: Date
  updated_at: Date
}

const COLUMNS = ['id', 'channel', 'key', 'parent', 'card', 'at', 'updated_at'] as const

export function createJournal(db: Db, unreadable: Unreadable): Journal {
  const problems = new Map<string, string>()

  /** An entry that cannot be read is left out: it must not take the page with it. */
  function toEntries(rows: readonly Row[]): JournalEntry[] {
    return rows.flatMap(({ id, channel, key, parent, at, ...row }) => {
      const card = readStored(storedCardSchema, row.card)
      if ('value' in card) return [{ id, channel, key, parent, card: card.value, at, updatedAt: row.updated_at }]
      problems.set(id, card.problem)
      unreadable.found(
        'messages of the page',
        [...problems].map(([of, problem]) => ({ what: `message ${of} of the page`, problem })),
      )
      return []
    })
  }

  async function newest(channel: string): Promise<bigint> {
    const { rows } = await sql<{ revision: string }>`
      select coalesce(max(revision), 0)::text as revision from journal where channel = ${channel}`.execute(db)
    return BigInt(rows[0]!.revision)
  }

  /** Whether anything was written: not where the ID is taken and its entry is to stay. */
  function write(entry: JournalEntry, replaces: boolean): Promise<boolean> {
    return db.transaction().execute(async (trx) => {
      // Writers queue, so that revisions become visible in order and a reader cannot miss one.
      await sql`select pg_advisory_xact_lock(hashtextextended('bouncebell journal', 0))`.execute(trx)
      const card = toJson(entry.card)
      const revision = sql<bigint>`nextval('journal_revision_seq')`
      const { numInsertedOrUpdatedRows: written } = await trx
        .insertInto('journal')
        .values({
          id: entry.id,
          channel: entry.channel,
          key: toText(entry.key),
          parent: entry.parent,
          card,
          at: entry.at,
          updated_at: entry.updatedAt,
          revision,
        })
        .onConflict((c) => {
          const taken = c.column('id')
          return replaces ? taken.doUpdateSet({ card, updated_at: entry.updatedAt, revision }) : taken.doNothing()
        })
        .executeTakeFirstOrThrow()
      return written === 1n
    })
  }

  return {
    put: async (entry) => void (await write(entry, true)),
    claim: (entry) => write(entry, false),
    get: async (id) => {
      const row = await db.selectFrom('journal').select(COLUMNS).where('id', '=', id).executeTakeFirst()
      return row ? (toEntries([row])[0] ?? null) : null
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
      return { revision, entries: toEntries(rows) }
    },
    since: async (channel, revision) => {
      const { rows } = await sql<Row & { revision: string }>`
        select id, channel, key, parent, card, at, updated_at, revision::text as revision from journal
        where channel = ${channel} and revision > ${revision.toString()}::bigint
        order by journal.revision`.execute(db)
      const last = rows.at(-1)
      return { revision: last ? BigInt(last.revision) : revision, entries: toEntries(rows) }
    },
  }
}
