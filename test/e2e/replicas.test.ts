import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import { freshPostgres } from '../support/store-databases.ts'
import { startReplica, totalsOf } from '../support/store-process.ts'
import { openScene, SETTLED } from '../support/store-scene.ts'

/** Mailgun is read again after 5, 15 and 35 minutes. */
const FIRST_REREAD = 5
const REREADS = 3
/** What a replica reads of the past at once. */
const HISTORY_SLOTS = 4

describe('three replicas on one PostgreSQL', () => {
  it('read every window once and post every message once, also when one of them dies', async () => {
    const scene = await openScene()
    const { options, drop } = await freshPostgres({ empty: true })
    const replicas = [1, 2, 3].map(() => startReplica(scene, options))
    await Promise.all(replicas.map(({ ready }) => ready))
    while (scene.clock.minute() < SETTLED / 3) await wait(100)
    const diedAt = scene.clock.minute()
    await replicas[0]!.kill()
    const { store } = await openStore(options)
    const isDone = async () =>
      (await totalsOf(store)).join() === scene.truth().join() && (await store.messages.behind()).length === 0
    while (scene.clock.minute() < SETTLED || !(await isDone())) await wait(500)
    await Promise.all(replicas.slice(1).map((replica) => replica.stop()))

    const reads = new Map<string, { early: number; all: number }>()
    // What the one that died was just reading, another reads again.
    const requests = scene.requests.filter(({ at }) => at < diedAt || at > diedAt)
    for (const { source, from, to, at } of requests) {
      for (let minute = from; minute < to; minute++) {
        const key = `${source} ${minute}`
        const known = reads.get(key) ?? { early: 0, all: 0 }
        reads.set(key, { early: known.early + (at < minute + 1 + FIRST_REREAD ? 1 : 0), all: known.all + 1 })
      }
    }
    const again = [...reads].filter(([, { early, all }]) => early > 1 || all > 1 + REREADS)
    expect(again).toEqual([])
    expect(await totalsOf(store)).toEqual(scene.truth())
    const incidents = await store.incidents.current(new Date(0))
    const roots = scene.slack.messages.filter(({ thread_ts }) => thread_ts === undefined)
    expect(roots.map(({ key }) => key).toSorted()).toEqual(incidents.map(({ id }) => id).toSorted())
    const keys = scene.slack.messages.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    expect(incidents.length).toBeGreaterThanOrEqual(3)
    await store.close()
    await drop()
    await scene.close()
  })

  it('go on with the news of one that dies in a backfill, though all that the others can do at once is busy with history', async () => {
    const scene = await openScene({ sources: 10, holdsHistory: true })
    const { options, drop } = await freshPostgres({ empty: true })
    const replicas = [1, 2].map(() => startReplica(scene, options))
    await Promise.all(replicas.map(({ ready }) => ready))
    while (scene.held.length < 2 * HISTORY_SLOTS) await wait(50)
    await replicas[0]!.kill()
    const diedAt = scene.clock.minute()
    const startedAt = performance.now()
    // News of after its death: no history is ever answered, so nobody who reads it becomes free.
    const isNews = (name: string) => scene.requests.some(({ source, to }) => source === name && to > diedAt)
    while (!scene.names.every(isNews)) await wait(50)
    console.log(
      `the news of all sources goes on ${Math.round((performance.now() - startedAt) / 100) / 10} s after a kill -9`,
    )
    await replicas[1]!.stop()
    await drop()
    await scene.close()
  })
})
