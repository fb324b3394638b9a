import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/ports/errors.ts'
import { migrate, openDatabase } from '../../src/store/db.ts'
import { openStore } from '../../src/store/index.ts'
import { freshPglite, freshPostgres } from '../support/store-databases.ts'
import { describeSchema } from '../support/store-schema.ts'

const DUMP = '../../migrations/schema.sql'

describe('the schema', () => {
  it('is the committed dump on PostgreSQL, from nothing, also when five replicas migrate at once', async () => {
    const { options, drop } = await freshPostgres({ empty: true })
    const replicas = await Promise.all([1, 2, 3, 4, 5].map(() => openDatabase(options)))
    await Promise.all(replicas.map(({ db }) => migrate(db)))
    await expect(await describeSchema(replicas[0]!.db)).toMatchFileSnapshot(DUMP)
    await Promise.all(replicas.map((replica) => replica.close()))
    await drop()
  })

  it('is the committed dump on PGlite, from nothing', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'bouncebell-schema-'))
    const database = await openDatabase({ dataDir })
    await migrate(database.db)
    await migrate(database.db)
    await expect(await describeSchema(database.db)).toMatchFileSnapshot(DUMP)
    await database.close()
    await rm(dataDir, { recursive: true })
  })

  it('lets several replicas start at once', async () => {
    const { options, drop } = await freshPostgres({ empty: true })
    const opened = await Promise.all([1, 2, 3].map(() => openStore(options)))
    await Promise.all(opened.map(({ store }) => store.ping()))
    await Promise.all(opened.map(({ store }) => store.close()))
    await drop()
  })
})

describe('a PGlite directory', () => {
  it('belongs to one at a time, and the other is told what to do', async () => {
    const { options, drop } = await freshPglite()
    const first = await openDatabase(options)
    const refused = await openDatabase(options).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ConfigError)
    expect((refused as ConfigError).message).toContain(options.dataDir)
    expect((refused as ConfigError).remedy).toMatch(/DATABASE_URL/)
    await first.close()
    const second = await openDatabase(options)
    await second.close()
    await drop()
  })

  it('is free again at once after kill -9', async () => {
    const { options, drop } = await freshPglite()
    const holder = new URL('../support/store-hold-directory.ts', import.meta.url)
    const child = spawn(process.execPath, [holder.pathname, options.dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    await expect(openDatabase(options)).rejects.toThrow(ConfigError)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const database = await openDatabase(options)
    await migrate(database.db)
    await database.close()
    await drop()
  })
})
