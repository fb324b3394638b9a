import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Schedule, startSchedule, type Task } from '../../src/jobs/schedule.ts'
import { createLog } from '../../src/lib/log.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { type OpenedStore, openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type DatabaseKind, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { blindIncident } from '../support/store-incident.ts'

const TO = { platform: 'web', channel: 'alerts' }
const NEVER = '0 0 0 1 1 *'

describe.each(DATABASE_KINDS)('the schedule on %s', (kind) => {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  /** As many replicas as the database can have, with the same tasks. */
  async function start(
    tasks: (replica: number) => Task[],
    deliver: (id: string) => Promise<Date | null> = async () => null,
  ) {
    const database: FreshDatabase = await freshDatabase(kind)
    ends.push(database.drop)
    const replicas: (OpenedStore & { schedule: Schedule })[] = []
    for (let i = 0; i < replicasOf(kind); i++) {
      const opened = await openStore(database.options)
      ends.push(opened.store.close)
      const schedule = await startSchedule({
        queue: opened.queue,
        store: opened.store,
        clock: systemClock,
        log: createLog({ level: 'silent', format: 'json', color: false }),
        tasks: tasks(i),
        deliver: ({ incidentId }) => deliver(incidentId),
      })
      ends.push(schedule.stop)
      replicas.push({ ...opened, schedule })
    }
    return replicas
  }

  it('runs work of one key on one replica at a time, and every key', async () => {
    const running = new Map<string, number>()
    const ran = new Map<string, number>()
    let most = 0
    await start(() => [
      {
        name: 'poll',
        cron: '* * * * * *',
        keys: ['a', 'b'],
        run: async (key) => {
          running.set(key, (running.get(key) ?? 0) + 1)
          most = Math.max(most, ...running.values())
          await wait(300)
          running.set(key, running.get(key)! - 1)
          ran.set(key, (ran.get(key) ?? 0) + 1)
        },
      },
    ])
    while ((ran.get('a') ?? 0) < 3 || (ran.get('b') ?? 0) < 3) await wait(50)
    expect(most).toBe(1)
  })

  it('goes on at once when the clock was ahead by hours and is back', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    ends.push(async () => {
      vi.useRealTimers()
    })
    const started = performance.now()
    const real = Date.now()
    let aheadMs = 0
    const timer = setInterval(() => vi.setSystemTime(real + performance.now() - started + aheadMs), 5)
    ends.push(async () => clearInterval(timer))
    let ran = 0
    await start(() => [
      {
        name: 'poll',
        cron: '* * * * * *',
        run: async () => {
          ran++
        },
      },
    ])
    const runsAgain = async () => {
      const before = ran
      // More than what may be waiting from before.
      while (ran < before + 4) await wait(20)
    }
    await runsAgain()
    aheadMs = 3 * 3_600_000
    await runsAgain()
    aheadMs = 0
    await runsAgain()
  })

  it('runs what is next after it, once it ended well', async () => {
    const ran: string[] = []
    const [first] = await start(() => [
      {
        name: 'poll',
        cron: NEVER,
        next: 'watch',
        run: async () => {
          ran.push('poll')
          if (ran.length === 1) throw new Error('not this time')
        },
      },
      {
        name: 'watch',
        cron: NEVER,
        run: async () => {
          ran.push('watch')
        },
      },
    ])
    await first!.schedule.runNow('poll')
    while (ran.length < 1) await wait(20)
    await wait(300)
    await first!.schedule.runNow('poll')
    while (ran.length < 3) await wait(20)
    expect(ran).toEqual(['poll', 'poll', 'watch'])
  })

  it('delivers what an incident needs, again when told to, again when it failed, one at a time', async () => {
    const tries: number[] = []
    let running = 0
    const [first] = await start(
      () => [],
      async () => {
        expect(++running).toBe(1)
        tries.push(Date.now())
        await wait(100)
        running--
        if (tries.length === 1) throw new Error('the chat is down')
        return tries.length === 2 ? new Date(Date.now() + 1000) : null
      },
    )
    const commit = { incident: blindIncident(), from: 0, audit: [], deliverTo: [TO] }
    await first!.store.incidents.commit([commit])
    while (tries.length < 3) await wait(50)
    expect(tries[2]! - tries[1]!).toBeGreaterThanOrEqual(1000)
  })

  it('sends again at its start what has no job', async () => {
    const database = await freshDatabase(kind)
    ends.push(database.drop)
    const opened = await openStore(database.options)
    ends.push(opened.store.close)
    await opened.store.incidents.commit([{ incident: blindIncident(), from: 0, audit: [], deliverTo: [TO] }])
    await opened.boss.deleteAllJobs('deliver')
    let delivered = 0
    const schedule = await startSchedule({
      queue: opened.queue,
      store: opened.store,
      clock: systemClock,
      log: createLog({ level: 'silent', format: 'json', color: false }),
      tasks: [],
      deliver: async () => {
        delivered++
        return null
      },
    })
    ends.push(schedule.stop)
    while (delivered === 0) await wait(20)
    expect(delivered).toBe(1)
  })

  it('looks for lost jobs without bringing forward a delivery that is to wait', async () => {
    const [first] = await start(() => [])
    const { messages, incidents } = first!.store
    const incident = blindIncident()
    await incidents.commit([{ incident, from: 0, audit: [], deliverTo: [TO] }])
    await first!.schedule.stop()
    await first!.boss.deleteAllJobs('deliver')
    await messages.enqueue(incident.id, TO, 3600)
    await messages.ensure(incident.id, TO)
    const jobs = await first!.boss.findJobs('deliver')
    expect(jobs.map(({ startAfter }) => startAfter.getTime() > Date.now() + 3_000_000)).toEqual([true])
  })

  it('tells running work to end, and waits for it', async () => {
    let ended = false
    let ranOn: number | null = null
    const replicas = await start((replica) => [
      {
        name: 'poll',
        cron: NEVER,
        run: async (_key, signal) => {
          ranOn = replica
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          await wait(100)
          ended = true
        },
      },
    ])
    await replicas[0]!.schedule.runNow('poll')
    while (ranOn === null) await wait(20)
    await replicas[ranOn]!.schedule.stop()
    expect(ended).toBe(true)
  })
})

const replicasOf = (kind: DatabaseKind) => (kind === 'PGlite' ? 1 : 3)
