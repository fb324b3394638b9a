import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { fromPglite, PgBoss } from 'pg-boss'
import { migrations } from '../../migrations/index.ts'
import { settlesWithin } from '../lib/settles-within.ts'
import type { Shortage } from '../ports/store/index.ts'
import { createConnections, PATIENCE, type Patience } from './connections.ts'
import { type FreeSpaceReader, guardSpace, LEAST_FREE, readFreeSpace, requireSpace, shortageOf } from './free-space.ts'
import { type Leases, postgresLeases, processLeases } from './leases.ts'
import { lockDirectory } from './lock.ts'
import { closeToOthers } from './permissions.ts'
import type { Tables } from './schema.ts'
import { FRUGAL, NEW_FILES, startUpkeep } from './upkeep.ts'

export type Db = Kysely<Tables>

/** Where the data is: a PostgreSQL, or a directory for the embedded PGlite (`isFresh`: emptied first, for the demo). */
export type DatabaseOptions =
  | { databaseUrl: string; patience?: Partial<Patience> }
  | { dataDir: string; isFresh?: boolean; readFree?: FreeSpaceReader }

export interface Database {
  db: Db
  /** The same, for statements that may take minutes: migrations, retention. */
  patient: Db
  /** Not started yet. */
  boss: PgBoss
  leases: Leases
  /** Why nothing more should be stored; null where there is room. A PostgreSQL sees to its own disk. */
  shortage(): Shortage | null
  /** Ends within a few seconds, also when the database does not answer. Stops pg-boss, too. */
  close(): Promise<void>
}

/** How long the work that pg-boss has begun may take to end, and how long everything may. Both fit into a SIGTERM's ten seconds. */
const BOSS_STOP_MS = 2000
const CLOSE_MS = 3500

const BOSS = {
  schema: 'pgboss',
  // node-cron is the clock here.
  schedule: false,
  // How long work that a killed process had taken may stay unnoticed.
  monitorIntervalSeconds: 5,
  superviseIntervalSeconds: 5,
} as const

/** Opens the database without touching its schema. Throws ConfigError when another process uses the directory. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return 'databaseUrl' in options ? openPostgres(options) : openPglite(options)
}

function openPostgres({ databaseUrl, patience }: { databaseUrl: string; patience?: Partial<Patience> }): Database {
  const connections = createConnections({ ...PATIENCE, ...patience })
  const connect = (kind: 'answer' | 'slowAnswer', max: number) => {
    const limits = connections.limits(kind)
    const pool = new pg.Pool({ connectionString: databaseUrl, max, application_name: 'bouncebell', ...limits })
    // A connection that breaks while idle is replaced; the query that needs one reports what is wrong.
    pool.on('error', () => {})
    // The pool does not listen to those in use, and an error that nobody hears would end the process.
    pool.on('connect', (client) => client.on('error', () => {}))
    return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  }
  const db = connect('answer', 10)
  const patient = connect('slowAnswer', 2)
  const boss = new PgBoss({
    ...BOSS,
    ...connections.limits('answer'),
    connectionString: databaseUrl,
    max: 4,
    useListenNotify: true,
  })
  const leases = postgresLeases({ connectionString: databaseUrl, connections })
  const end = async () => {
    await stopBoss(boss)
    await Promise.all([leases.close(), db.destroy(), patient.destroy()])
  }
  return {
    db,
    patient,
    boss,
    leases,
    shortage: () => null,
    close: async () => {
      const ended = end()
      if (await settlesWithin(CLOSE_MS, ended)) return ended
      // A farewell that nobody hears would be waited for as long as the network pleases.
      connections.drop('shutting down')
      await settlesWithin(BOSS_STOP_MS, ended)
    },
  }
}

async function stopBoss(boss: PgBoss): Promise<void> {
  await boss.stop({ graceful: true, close: true, timeout: BOSS_STOP_MS })
}

async function openPglite(options: Extract<DatabaseOptions, { dataDir: string }>): Promise<Database> {
  const { dataDir, isFresh = false, readFree = readFreeSpace } = options
  const unlock = lockDirectory(dataDir)
  try {
    const files = join(dataDir, 'pglite')
    if (isFresh) await rm(files, { recursive: true, force: true })
    if (existsSync(files)) requireSpace(dataDir, LEAST_FREE.toWork, readFree)
    else {
      requireSpace(dataDir, LEAST_FREE.toBegin, readFree)
      await initialise(files)
    }
    const pglite = await PGlite.create(files, FRUGAL)
    // Afterwards, as it makes some of its files for everybody to read.
    for (const path of [files, join(dataDir, 'lock')]) closeToOthers(path)
    guardSpace(pglite, dataDir, readFree)
    const upkeep = startUpkeep(pglite)
    const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) })
    const boss = new PgBoss({ ...BOSS, db: fromPglite(pglite), backend: 'pglite', useListenNotify: true })
    return {
      db,
      patient: db,
      boss,
      leases: processLeases(),
      shortage: () => shortageOf(dataDir, readFree),
      close: async () => {
        try {
          await stopBoss(boss)
          await upkeep.stop()
          await pglite.close()
        } finally {
          unlock()
        }
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Under another name until it is whole: a kill amid it must not leave half a database. */
async function initialise(files: string): Promise<void> {
  const unfinished = `${files}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  const pglite = await PGlite.create(unfinished, { ...FRUGAL, ...NEW_FILES })
  await pglite.close()
  await rename(unfinished, files)
}

/** Brings the schema up to date. Safe when several replicas do it at once: one does, the others wait. */
export async function migrate(db: Db): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
