import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { createRoom } from '../../src/jobs/room.ts'
import { createLog } from '../../src/lib/log.ts'
import { Unavailable } from '../../src/ports/errors.ts'
import type { Batch, StreamSource } from '../../src/ports/esp.ts'
import { openDatabase } from '../../src/store/db.ts'
import { openStore } from '../../src/store/index.ts'
import { type FreshDatabase, freshPglite } from '../support/store-databases.ts'
import { CHANNEL, createWatchHarness } from '../support/watch-harness.ts'

const MB = 1024 * 1024

describe('an embedded database on a disk that fills up', () => {
  let database: FreshDatabase & { options: { dataDir: string } }
  let free = 1000 * MB
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    free = 1000 * MB
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function open() {
    database = await freshPglite()
    ends.push(database.drop)
    const opened = await openStore({ ...database.options, readFree: () => free })
    ends.push(opened.store.close)
    return opened
  }

  it('takes in nothing more below 64 MB, says so in the chat, and goes on when there is room', async () => {
    const { store } = await open()
    const harness = createWatchHarness(store)
    await harness.live(0, 3)
    expect(store.shortage()).toBeNull()

    free = 63 * MB
    expect(store.shortage()).toEqual({
      isTotal: false,
      problem: `only 63 MB are free on the disk of ${database.options.dataDir}, so Bouncebell has paused reading`,
      remedy:
        'Free some space there: at least 64 MB must be free. If Bouncebell is running, it then continues by itself.',
    })
    await harness.watch(4)
    const [incident, ...others] = await harness.incidents()
    expect(others).toEqual([])
    const { problem, remedy } = store.shortage()!
    expect(incident).toMatchObject({ kind: 'blind', state: 'open', source: 'all sources', problem, remedy })
    expect(await store.messages.behind()).toEqual([{ incidentId: incident!.id, to: CHANNEL }])

    free = 64 * MB
    expect(store.shortage()).toBeNull()
    await harness.watch(5)
    expect(await harness.incidents()).toMatchObject([{ id: incident!.id, state: 'resolved' }])
  })

  it('keeps a stream waiting with what it has to tell, and its acknowledgement with it', async () => {
    const { store } = await open()
    const log = createLog({ level: 'silent', format: 'json', color: false })
    const steps: string[] = []
    let looked = 0
    const clock = {
      now: () => new Date(),
      sleep: async () => {
        if (++looked === 3) free = 1000 * MB
      },
    }
    const room = createRoom({ store, clock, log })
    const stream: StreamSource = {
      kind: 'stream',
      ping: async () => {},
      run: async ({ deliver }) => {
        await deliver({ observations: [] })
        steps.push('acknowledged')
      },
    }
    free = 40 * MB
    expect(room.isShort()).toBe(true)
    const deliver = async (_: Batch) => {
      steps.push(`stored with ${free / MB} MB`)
    }
    await room.inFront(stream).run({ position: null, deliver }, new AbortController().signal)
    expect([looked, ...steps]).toEqual([3, 'stored with 1000 MB', 'acknowledged'])
    expect(room.isShort()).toBe(false)
  })

  it('asks the database for nothing below 32 MB, where PGlite would hang, and works again with room', async () => {
    const { store, boss } = await open()
    const harness = createWatchHarness(store)
    await harness.put(0, 1)
    free = 31 * MB
    expect(store.shortage()).toMatchObject({ isTotal: true })
    for (const question of [
      () => store.ping(),
      () => store.sources.health(),
      () => harness.put(1, 2),
      () => store.state.save('key', new Uint8Array([1])),
      () => boss.send('deliver', {}),
    ])
      await expect(question()).rejects.toThrow('only 31 MB are free')
    await expect(store.ping()).rejects.toThrow(Unavailable)

    free = 1000 * MB
    await store.ping()
    await harness.put(1, 2)
    expect(await boss.send('deliver', {})).not.toBeNull()
  })

  it('rolls back a transaction amid which the room runs out', async () => {
    database = await freshPglite()
    ends.push(database.drop)
    const { db, close } = await openDatabase({ ...database.options, readFree: () => free })
    ends.push(close)
    const save = (key: string) => sql`insert into state (key, value) values (${key}, '')`
    const trying = db.transaction().execute(async (trx) => {
      await save('first').execute(trx)
      free = 10 * MB
      await save('second').execute(trx)
    })
    await expect(trying).rejects.toThrow('only 10 MB are free')
    free = 1000 * MB
    await save('third').execute(db)
    const { rows } = await sql<{
      key: string
    }>`select key from state where key in ('first', 'second', 'third')`.execute(db)
    expect(rows).toEqual([{ key: 'third' }])
  })

  it('is not opened where there is no room for it, and nothing is left locked', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'bouncebell-full-'))
    ends.push(() => rm(dataDir, { recursive: true }))
    const refused = await openStore({ dataDir, readFree: () => 100 * MB }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Unavailable)
    expect((refused as Error).message).toBe(`only 100 MB are free on the disk of ${dataDir}`)
    const { close } = await openDatabase({ dataDir })
    await close()
  })
})

describe('the directory of the embedded database', () => {
  it('can be opened after an attempt that failed, as soon as what was wrong is right', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'bouncebell-broken-'))
    // A file where the directory should be.
    await writeFile(join(dataDir, 'pglite'), 'not a database')
    await expect(openStore({ dataDir })).rejects.toThrow()
    await rm(join(dataDir, 'pglite'))
    const { store } = await openStore({ dataDir })
    await store.ping()
    await store.close()
    await rm(dataDir, { recursive: true })
  })

  it('and all that is in it are closed to others, also what an earlier version left open', async () => {
    const { options, drop } = await freshPglite()
    const { stdout } = await promisify(execFile)('chmod', ['-R', 'a+rX', options.dataDir])
    expect(stdout).toBe('')
    const { store } = await openStore(options)
    const inside = join(options.dataDir, 'pglite')
    const entries = await readdir(inside, { recursive: true, withFileTypes: true })
    const open: string[] = []
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name)
      const { mode } = await stat(path)
      if ((mode & 0o777) !== (entry.isDirectory() ? 0o700 : 0o600)) open.push(`${(mode & 0o777).toString(8)} ${path}`)
    }
    expect(entries.length).toBeGreaterThan(100)
    expect(open).toEqual([])
    expect((await stat(inside)).mode & 0o777).toBe(0o700)
    for (const name of (await readdir(options.dataDir)).filter((entry) => entry.startsWith('lock'))) {
      expect([name, (await stat(join(options.dataDir, name))).mode & 0o777]).toEqual([name, 0o600])
    }
    await store.close()
    await drop()
  })
})
