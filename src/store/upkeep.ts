import { PGlite } from '@electric-sql/pglite'

// PGlite is PostgreSQL in single-user mode: it has neither a checkpointer nor autovacuum, so its log and its dead rows would grow
// without end. https://www.postgresql.org/docs/18/app-postgres.html#APP-POSTGRES-SINGLE-USER

const LOOK_EVERY_MS = 2000
/** Vacuuming is looked into at one of so many looks. */
const LOOKS_PER_VACUUM = 15
/** Of its write-ahead log, before a checkpoint lets go of it. */
const MOST_LOG = 16 * 1024 * 1024

/** In megabytes. Only a new database takes it; others keep the 16 of each segment. */
const SEGMENT_MB = 4
export const NEW_FILES = { initDbStartParams: [`--wal-segsize=${SEGMENT_MB}`] }

/** Settings by which its files stay small, and its memory: what is read often is in the system's cache as well. */
export const FRUGAL = {
  startParams: [
    ...PGlite.defaultStartParams,
    ...['shared_buffers=32MB', 'wal_recycle=off', 'min_wal_size=32MB', 'max_wal_size=64MB'].flatMap((setting) => [
      '-c',
      setting,
    ]),
  ],
}

/** As autovacuum would find them, the worst first: https://www.postgresql.org/docs/18/routine-vacuuming.html#AUTOVACUUM */
const DUE = `
  select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
  where n_dead_tup > 200 + 0.2 * n_live_tup or n_mod_since_analyze > 200 + 0.2 * n_live_tup
  order by n_dead_tup desc, n_mod_since_analyze desc limit 1`

interface Upkeep {
  /** A checkpoint where the log is long. */
  checkpoint(): Promise<void>
  /** Vacuums and analyzes the table that needs it most. False where none does. */
  vacuum(): Promise<boolean>
  stop(): Promise<void>
}

/** Does by the way what a PostgreSQL server does by itself: a small piece at a time, since nobody is served meanwhile. */
export function startUpkeep(pglite: Pick<PGlite, 'query'>): Upkeep {
  const checkpoint = async () => {
    const { rows } = await pglite.query<{ log: number }>(
      'select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 as log from pg_control_checkpoint()',
    )
    if (rows[0]!.log > MOST_LOG) await pglite.query('checkpoint')
  }
  const vacuum = async () => {
    const { rows } = await pglite.query<{ name: string }>(DUE)
    if (rows.length > 0) await pglite.query(`vacuum (analyze) ${rows[0]!.name}`)
    return rows.length > 0
  }
  let looks = 0
  let underWay: Promise<void> | null = null
  const look = async () => {
    await checkpoint()
    if (++looks % LOOKS_PER_VACUUM === 0) await vacuum()
  }
  const timer = setInterval(() => {
    // What fails here fails those who ask for something, too, and is told by them.
    underWay ??= look()
      .catch(() => {})
      .finally(() => {
        underWay = null
      })
  }, LOOK_EVERY_MS)
  timer.unref()
  return {
    checkpoint,
    vacuum,
    stop: async () => {
      clearInterval(timer)
      await underWay
    },
  }
}
