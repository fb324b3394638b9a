import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { startSchedule } from '../../src/jobs/schedule.ts'
import { createLog } from '../../src/lib/log.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { type OpenedStore, openStore } from '../../src/store/index.ts'
import { freshPostgres } from '../support/store-databases.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const PATIENCE_MS = 120_000
/** Short, so that a test need not wait; a healthy server on loopback answers much sooner. */
const SHORT = { connect: 3000, answer: 3000, leases: 3000 }

describe('a network that swallows everything between here and PostgreSQL', () => {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function open(patience: Partial<typeof SHORT> = SHORT): Promise<OpenedStore & { proxy: TcpProxy }> {
    const database = await freshPostgres({ empty: false })
    ends.push(database.drop)
    const proxy = await startTcpProxy(database.options.databaseUrl)
    ends.push(proxy.close)
    const opened = await openStore({ databaseUrl: proxy.through(database.options.databaseUrl), patience })
    ends.push(opened.store.close)
    return { ...opened, proxy }
  }

  it('ends a query that waits, and the next one works when the network is back', async () => {
    const { store, proxy } = await open()
    await store.ping()
    proxy.silence()
    await expect(store.sources.health()).rejects.toThrow('has not answered')
    await proxy.restore()
    // Some connections of the pool may have gone unused meanwhile.
    await within(async () => (await store.sources.health().catch(() => null)) !== null)
    await store.ping()
  })

  it('leaves no connection in the pool on which an answer is still due', async () => {
    const { store, proxy } = await open()
    proxy.silence()
    const questions = await Promise.allSettled(Array.from({ length: 20 }, () => store.sources.health()))
    expect(questions.map(({ status }) => status)).not.toContain('fulfilled')
    await proxy.restore()
    await within(async () => (await store.sources.health().catch(() => null)) !== null)
    const again = await Promise.allSettled(Array.from({ length: 20 }, () => store.sources.health()))
    expect(again.map(({ status }) => status)).not.toContain('rejected')
  })

  it('tells who holds a lease that it is lost, though nothing is asked of the database', async () => {
    const { store, proxy } = await open()
    const lease = await store.leases.take('poll mailgun')
    proxy.silence()
    await within(async () => lease!.lost.aborted)
    await proxy.restore()
    await within(async () => (await store.leases.take('poll mailgun').catch(() => null)) !== null)
  })

  it('takes what waits for a slow statement along with the session that is asked all the time', async () => {
    const { store, proxy } = await open({ ...SHORT, answer: 600_000 })
    await store.leases.take('poll mailgun')
    await store.ping()
    proxy.silence()
    await expect(store.sources.health()).rejects.toThrow('has not answered')
  })

  it('does not stop the schedule: work comes round again by itself', async () => {
    const { store, queue, proxy } = await open()
    let ran = 0
    const schedule = await startSchedule({
      queue,
      store,
      clock: systemClock,
      log: createLog({ level: 'silent', format: 'json', color: false }),
      tasks: [
        {
          name: 'poll',
          cron: '* * * * * *',
          keys: ['mailgun'],
          run: async () => {
            await store.sources.health()
            ran++
          },
        },
      ],
      deliver: async () => null,
    })
    ends.push(schedule.stop)
    await within(async () => ran > 1)
    proxy.silence()
    await within(async () => (await store.ping().catch(() => 'gone')) === 'gone')
    await proxy.restore()
    const before = ran
    await within(async () => ran > before + 1)
  })

  it('does not hold up the end', async () => {
    const { store, proxy } = await open({ connect: 600_000, answer: 600_000, leases: 600_000 })
    await store.leases.take('poll mailgun')
    void store.sources.health().catch(() => {})
    proxy.silence()
    void store.sources.health().catch(() => {})
    const began = performance.now()
    await store.close()
    expect(performance.now() - began).toBeLessThan(120_000)
  })
})

describe('a lease', () => {
  it('can be taken when PostgreSQL takes connections again, by one replica only', async () => {
    const database = await freshPostgres({ empty: false })
    const proxy = await startTcpProxy(database.options.databaseUrl)
    const here = await openStore({ databaseUrl: proxy.through(database.options.databaseUrl) })
    const there = await openStore(database.options)
    await proxy.refuse()
    await expect(here.store.leases.take('watch')).rejects.toThrow()
    await expect(here.store.leases.take('watch')).rejects.toThrow()
    await proxy.restore()
    const lease = await here.store.leases.take('watch')
    // What failed before must not end what is held now.
    await wait(100)
    expect(lease?.lost.aborted).toBe(false)
    expect(await there.store.leases.take('watch')).toBeNull()
    await lease!.release()
    expect(await there.store.leases.take('watch')).not.toBeNull()
    await here.store.close()
    await there.store.close()
    await proxy.close()
    await database.drop()
  })
})

async function within(look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1000} s`)
    await wait(50)
  }
}
