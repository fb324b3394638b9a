import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { fromPglite, PgBoss } from 'pg-boss'
import { migrations } from '../../migrations/index.ts'
import { type Leases, postgresLeases, processLeases } from './leases.ts'
import { lockDirectory } from './lock.ts'
import type { Tables } from './schema.ts'

export type Db = Kysely<Tables>

/** Where the data is: a PostgreSQL, or a directory for the embedded PGlite (`isFresh`: emptied first, for the demo). */
export type DatabaseOptions = { databaseUrl: string } | { dataDir: string; isFresh?: boolean }

export interface Database {
  db: Db
  /** Not started yet. */
  boss: PgBoss
  leases: Leases
  close(): Promise<void>
}

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
  return 'databaseUrl' in options ? openPostgres(options.databaseUrl) : openPglite(options)
}

function openPostgres(connectionString: string): Database {
  const pool = new pg.Pool({ connectionString, max: 10, application_name: 'bouncebell' })
  // A connection that breaks while idle is replaced; the query that needs one reports what is wrong.
  pool.on('error', () => {})
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const boss = new PgBoss({ ...BOSS, connectionString, max: 4, useListenNotify: true })
  const leases = postgresLeases(connectionString)
  return {
    db,
    boss,
    leases,
    close: async () => {
      await leases.close()
      await db.destroy()
    },
  }
}

async function openPglite({ dataDir, isFresh = false }: { dataDir: string; isFresh?: boolean }): Promise<Database> {
  const unlock = lockDirectory(dataDir)
  try {
    const files = join(dataDir, 'pglite')
    if (isFresh) await rm(files, { recursive: true, force: true })
    if (!existsSync(files)) await initialise(files)
    const pglite = await PGlite.create(files)
    return {
      db: new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) }),
      boss: new PgBoss({ ...BOSS, db: fromPglite(pglite), backend: 'pglite', useListenNotify: true }),
      leases: processLeases(),
      close: async () => {
        await pglite.close()
        unlock()
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
  const pglite = await PGlite.create(unfinished)
  await pglite.close()
  await rename(unfinished, files)
}

/** Brings the schema up to date. Safe when several replicas do it at once: one does, the others wait. */
export async function migrate(db: Db): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
