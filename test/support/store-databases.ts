import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import type { DatabaseOptions } from '../../src/store/db.ts'
import { PG_TEMPLATE } from './pg-global-setup.ts'

export const DATABASE_KINDS = ['PGlite', 'PostgreSQL'] as const
export type DatabaseKind = (typeof DATABASE_KINDS)[number]

export interface FreshDatabase {
  options: DatabaseOptions
  drop(): Promise<void>
}

/** A database of its own with the schema in it. */
export function freshDatabase(kind: DatabaseKind): Promise<FreshDatabase> {
  return kind === 'PGlite' ? freshPglite() : freshPostgres({ empty: false })
}

/** A database of its own without a schema. */
export async function emptyDatabase(kind: DatabaseKind): Promise<FreshDatabase> {
  if (kind === 'PostgreSQL') return freshPostgres({ empty: true })
  const home = await mkdtemp(join(tmpdir(), 'bouncebell-pglite-'))
  return { options: { dataDir: home }, drop: () => rm(home, { recursive: true, force: true }) }
}

export async function freshPglite(): Promise<FreshDatabase & { options: { dataDir: string } }> {
  const home = await mkdtemp(join(tmpdir(), 'bouncebell-pglite-'))
  await cp(inject('pgliteTemplate'), home, { recursive: true })
  return { options: { dataDir: home }, drop: () => rm(home, { recursive: true, force: true }) }
}

export async function freshPostgres({
  empty,
}: {
  empty: boolean
}): Promise<FreshDatabase & { options: { databaseUrl: string } }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await admin(`create database ${name}${empty ? '' : ` template ${PG_TEMPLATE}`}`)
  const url = new URL(inject('postgresUrl'))
  url.pathname = name
  return {
    options: { databaseUrl: url.href },
    drop: () => admin(`drop database ${name} with (force)`),
  }
}

async function admin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
