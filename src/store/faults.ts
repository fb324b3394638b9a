import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AuthFailed, ConfigError, isFault, Refused, Unavailable } from '../ports/errors.ts'
import type { DatabaseOptions } from './db.ts'

/** The major version of PostgreSQL that PGlite is; a directory of another one cannot be opened. */
export const EMBEDDED_MAJOR = '18'

// https://github.com/WebAssembly/wasi-libc: errno of WASI, which PGlite's file system throws as numbers.
const WASI_ENOSPC = 51
// https://www.sqlite.org/rescode.html
const SQLITE = { readonly: 8, full: 13, cannotOpen: 14 } as const
const UNREACHABLE = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|ENOENT)$/

/** What went wrong while the database was opened, as a fault that a person can do something about. */
export function openingFault(error: unknown, options: DatabaseOptions): unknown {
  if (isFault(error)) return error
  return 'databaseUrl' in options ? serverFault(error, options.databaseUrl) : directoryFault(error, options.dataDir)
}

function directoryFault(error: unknown, directory: string): unknown {
  const { code, errno, errcode } = error as { code?: string; errno?: number; errcode?: number }
  const options = { cause: error }
  if (code === 'ENOSPC' || errno === WASI_ENOSPC || errcode === SQLITE.full || /no space left/i.test(String(error)))
    return new Unavailable(`the disk that holds ${directory} is full`, 'Free some space, then start again.', options)
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new ConfigError(
      [{ path: 'database.directory', wrong: `${directory} is not a directory`, remedy: 'Name another one.' }],
      'the data directory',
    )
  const isLocked = errcode === SQLITE.cannotOpen || errcode === SQLITE.readonly
  if (isLocked || code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOENT')
    return new Refused(
      `the data directory ${directory} is not writable for this user`,
      `Give it to the user that runs Bouncebell (\`chown\`; in Docker that is user 1000), or set database.directory.`,
      options,
    )
  const major = majorOf(directory)
  if (major !== null && major !== EMBEDDED_MAJOR)
    return new Refused(
      `the database in ${directory} was written by PostgreSQL ${major}, and this Bouncebell brings PostgreSQL ${EMBEDDED_MAJOR}`,
      'Start the version of Bouncebell that wrote it, or set database.directory to an empty directory: sources that keep their history are read again.',
      options,
    )
  if (/PGlite failed|Aborted\(/.test(String(error)))
    return new Refused(
      `the database in ${directory} is damaged and cannot be opened`,
      'Restore the directory from a backup, or set database.directory to an empty one: sources that keep their history are read again.',
      options,
    )
  return error
}

/** Null where there is no database yet. */
export function majorOf(directory: string): string | null {
  try {
    return readFileSync(join(directory, 'pglite', 'PG_VERSION'), 'utf8').trim()
  } catch {
    return null
  }
}

function serverFault(error: unknown, databaseUrl: string): unknown {
  const { code = '' } = error as { code?: string }
  const { where, user, database } = placeOf(databaseUrl)
  const options = { cause: error }
  if (UNREACHABLE.test(code))
    return new Unavailable(
      `the database at ${where} cannot be reached (${code})`,
      'Check that PostgreSQL is running there, and that DATABASE_URL or database.url has the right host and port.',
      options,
    )
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  if (code.startsWith('28'))
    return new AuthFailed(
      `the database at ${where} refuses the user ${user}`,
      'Check user and password in DATABASE_URL or database.url, and pg_hba.conf.',
      options,
    )
  if (code === '3D000')
    return new Refused(
      `there is no database ${database} at ${where}`,
      `Create it (\`createdb ${database}\`), or name another one in DATABASE_URL or database.url.`,
      options,
    )
  if (code === '42501')
    return new Refused(
      `the user ${user} may not create tables in the database ${database}`,
      `Let it: \`GRANT CREATE ON DATABASE ${database} TO ${user}\`, and on its schema public.`,
      options,
    )
  if (code === '53300' || code === '57P03')
    return new Unavailable(
      `the database at ${where} is not accepting connections (${code === '53300' ? 'it has too many' : 'it is starting'})`,
      'Try again in a moment; if it persists, raise max_connections.',
      options,
    )
  if (code === '53100')
    return new Unavailable(
      `the disk of the database at ${where} is full`,
      'Free some space, then start again.',
      options,
    )
  if (/CERT|SSL/.test(`${code} ${error instanceof Error ? error.message : ''}`))
    return new Refused(
      `no secure connection to the database at ${where} (${error instanceof Error ? error.message : code})`,
      'Set sslmode in DATABASE_URL: `sslmode=disable` without TLS, `sslmode=no-verify` for a certificate that nobody vouches for.',
      options,
    )
  return error
}

/** Never the password. */
function placeOf(databaseUrl: string): { where: string; user: string; database: string } {
  const { host, username, pathname } = URL.canParse(databaseUrl) ? new URL(databaseUrl) : new URL('postgres://?')
  return {
    where: host || 'this machine',
    user: decodeURIComponent(username) || 'of this process',
    database: decodeURIComponent(pathname.slice(1)) || 'of that name',
  }
}
