import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/store/db.ts'
import { startUpkeep } from '../../src/store/upkeep.ts'
import { emptyDatabase, freshPglite } from '../support/store-databases.ts'

const MB = 1024 * 1024

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true })
  const sizes = await Promise.all(names.map((name) => stat(join(directory, name)).then(({ size }) => size)))
  return sizes.reduce((sum, size) => sum + size, 0)
}

describe('the embedded database', () => {
  it('keeps its write-ahead log short while much is written', async () => {
    const { options, drop } = await emptyDatabase('PGlite')
    const { dataDir } = options as { dataDir: string }
    const { close } = await openDatabase(options)
    await close()
    const pglite = await PGlite.create(join(dataDir, 'pglite'))
    const upkeep = startUpkeep(pglite)
    await pglite.exec('create table filling (i integer, text text)')
    for (let i = 0; i < 10; i++) {
      await pglite.query(`insert into filling select i, repeat('x', 1000) from generate_series(1, 8000) as i`)
      await upkeep.checkpoint()
    }
    await upkeep.stop()
    expect(await sizeOf(join(dataDir, 'pglite', 'base'))).toBeGreaterThan(80 * MB)
    expect(await sizeOf(join(dataDir, 'pglite', 'pg_wal'))).toBeLessThan(48 * MB)
    await pglite.close()
    await drop()
  })

  it('checkpoints by itself, and still takes a directory with larger segments of the log', async () => {
    const { options, drop } = await freshPglite()
    const files = join(options.dataDir, 'pglite')
    await rm(files, { recursive: true })
    await (await PGlite.create(files)).close()
    const { db, close } = await openDatabase(options)
    const log = () => sizeOf(join(files, 'pg_wal'))
    await sql`create table filling (i integer, text text)`.execute(db)
    for (let i = 0; i < 10; i++)
      await sql`insert into filling select i, repeat('x', 1000) from generate_series(1, 8000) as i`.execute(db)
    expect(await sizeOf(join(files, 'base'))).toBeGreaterThan(80 * MB)
    await expect.poll(log).toBeLessThan(64 * MB)
    await close()
    await drop()
  })

  it('removes dead rows', async () => {
    const { options, drop } = await freshPglite()
    const pglite = await PGlite.create(join(options.dataDir, 'pglite'))
    const upkeep = startUpkeep(pglite)
    await pglite.exec('create table churning (i integer primary key, n integer)')
    await pglite.exec('insert into churning select i, 0 from generate_series(1, 5000) as i')
    const size = async () =>
      (await pglite.query<{ n: number }>(`select pg_total_relation_size('churning')::float8 as n`)).rows[0]!.n
    const rounds = async () => {
      for (let i = 0; i < 5; i++) {
        await pglite.exec('update churning set i = i + 10000, n = n + 1')
        // PostgreSQL counts dead rows once a second; here there may be several rounds in one.
        await pglite.query('select pg_stat_force_next_flush()')
        while (await upkeep.vacuum());
      }
    }
    await rounds()
    const before = await size()
    for (let i = 0; i < 8; i++) await rounds()
    expect(await size()).toBeLessThan(4 * before)
    await upkeep.stop()
    await pglite.close()
    await drop()
  })
})
