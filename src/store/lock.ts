import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConfigError } from '../ports/errors.ts'

// https://www.sqlite.org/rescode.html#busy
const SQLITE_BUSY = 5

/**
 * Holds `directory` for this process and returns how to let go of it. Throws ConfigError when another process has it.
 *
 * The lock is the kernel's, taken through SQLite: it is gone the moment its process is, also after kill -9. A pid file
 * lies then, and in containers, where every process is number 1.
 */
export function lockDirectory(directory: string): () => void {
  makeDirectory(resolve(directory))
  const lock = new DatabaseSync(join(directory, 'lock'), { timeout: 0 })
  try {
    // Nothing is ever written, so no journal has to lie beside it for others to read.
    lock.exec('pragma journal_mode = memory')
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error
    throw new ConfigError(
      [
        {
          path: 'database.directory',
          wrong: `another Bouncebell is using ${directory}`,
          remedy:
            'Stop the other one, or give this one its own directory; to run several together, set DATABASE_URL to a PostgreSQL database.',
        },
      ],
      'the data directory',
    )
  }
  return () => lock.close()
}

/** Not by `recursive`: where a file system says that a directory cannot be there (/proc), Node.js tries it forever. */
function makeDirectory(directory: string): void {
  const parent = dirname(directory)
  if (!existsSync(parent) && parent !== directory) makeDirectory(parent)
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    // Another process may have been quicker.
    if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}
