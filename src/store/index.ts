import { sql } from 'kysely'
import type { PgBoss } from 'pg-boss'
import { isFault, Unavailable } from '../ports/errors.ts'
import type { Store, Unreadable } from '../ports/store/index.ts'
import type { OpenedDatabase } from '../ports/store/opened.ts'
import { convertCounters } from './convert-counters.ts'
import { createCounters } from './counters.ts'
import { type Database, type DatabaseOptions, migrate, openDatabase } from './db.ts'
import { openingFault } from './faults.ts'
import { createIncidents } from './incidents.ts'
import { createJournal } from './journal.ts'
import { createMessages } from './messages.ts'
import { ensureDays } from './partitions.ts'
import { createDeliverQueue, createJobQueue } from './queues.ts'
import { createReplies, createReplyIds } from './replies.ts'
import { createRetention } from './retention.ts'
import { convertSeen } from './seen.ts'
import { createSliceIds } from './slices.ts'
import { createSourceIds, createSources } from './sources.ts'
import { createUnreadable } from './unreadable.ts'
import { createWindows } from './windows.ts'

/** With pg-boss itself, for tests to look into. */
export interface OpenedStore extends OpenedDatabase {
  boss: PgBoss
}

/** The store over an open and migrated database. */
function createStore(database: Database, unreadable: Unreadable): Store {
  const { db, patient, boss, leases } = database
  const sources = createSourceIds(db)
  const ids = { sources, slices: createSliceIds(db), replies: createReplyIds(db) }
  return {
    counters: createCounters(db, ids),
    windows: createWindows(db, sources),
    replies: createReplies(db),
    sources: createSources(db, sources),
    incidents: createIncidents(db, boss, unreadable),
    messages: createMessages(db, boss),
    state: {
      load: async (key) => {
        const row = await db.selectFrom('state').select('value').where('key', '=', key).executeTakeFirst()
        return row ? new Uint8Array(row.value) : null
      },
      save: async (key, value) => {
        await db
          .insertInto('state')
          .values({ key, value })
          .onConflict((c) => c.column('key').doUpdateSet({ value }))
          .execute()
      },
    },
    unreadable,
    leases: { take: leases.take },
    retention: createRetention(patient),
    shortage: database.shortage,
    ping: async () => {
      try {
        await sql`select 1`.execute(db)
      } catch (cause) {
        if (isFault(cause)) throw cause
        throw new Unavailable('the database does not answer', 'Check that it is up and that DATABASE_URL is correct.', {
          cause,
        })
      }
    },
    close: database.close,
  }
}

/**
 * Opens the database, brings its schema up to date and starts pg-boss on it. `store.close()` closes everything.
 * `report` is called with a sentence when that takes a while, as after an upgrade.
 * Throws a Fault that says what is wrong and what to do, such as when another process uses the directory.
 */
export async function openStore(
  options: DatabaseOptions,
  report: (progress: string) => void = () => {},
): Promise<OpenedStore> {
  try {
    return await open(options, report)
  } catch (error) {
    throw openingFault(error, options)
  }
}

async function open(options: DatabaseOptions, report: (progress: string) => void): Promise<OpenedStore> {
  const database = await openDatabase(options)
  try {
    await migrate(database.patient)
    await convertCounters(database.patient, ({ day, done, days }) =>
      report(`Upgrading the stored counters: ${day.toISOString().slice(0, 10)}, day ${done + 1} of ${days}`),
    )
    await convertSeen(database.patient, (days) => ensureDays(database.patient, 'seen_events', days))
    // Without a listener, an error event would end the process. What fails is reported by who asked for it.
    database.boss.on('error', () => {})
    await database.boss.start()
    await createDeliverQueue(database.boss)
  } catch (error) {
    await database.close()
    throw error
  }
  const unreadable = createUnreadable()
  return {
    store: createStore(database, unreadable),
    journal: createJournal(database.db, unreadable),
    queue: createJobQueue(database.boss),
    boss: database.boss,
  }
}
