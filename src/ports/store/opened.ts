import type { Journal } from '../journal.ts'
import type { JobQueue } from '../queue.ts'
import type { Store } from './index.ts'

/** A database that is open, up to date and working. `store.close()` closes everything. */
export interface OpenedDatabase {
  store: Store
  journal: Journal
  queue: JobQueue
}
