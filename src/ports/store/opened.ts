import type { Journal } from '../journal.ts'
import type { JobQueue } from '../queue.ts'
import type { Store } from './index.ts'

/** Where the data is: a PostgreSQL, or a directory for the embedded database (`isFresh`: emptied first, for the demo). */
export type DatabasePlace = { databaseUrl: string } | { dataDir: string; isFresh?: boolean }

/** A database that is open, up to date and working. `store.close()` closes everything. */
export interface OpenedDatabase {
  store: Store
  journal: Journal
  queue: JobQueue
}

/** `report` is called with a sentence when it takes a while. Throws a Fault that says what is wrong and what to do. */
export type OpenDatabase = (place: DatabasePlace, report?: (progress: string) => void) => Promise<OpenedDatabase>
