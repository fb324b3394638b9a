import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type DatabaseKind, freshDatabase } from '../support/store-databases.ts'
import { countersOf, startReplica, totalsOf } from '../support/store-process.ts'
import { openScene, type Scene, SETTLED } from '../support/store-scene.ts'

const KILLS = 20
/** Runs after the last kill. One does, but for what waits for its turn in seconds: an edit, a retry. */
const TRIES = 5

/** What a run left behind. */
interface Left {
  counters: string[]
  totals: string[]
  truth: string[]
  behind: number
  /** Incidents that people were to be told of, with their versions. */
  told: { id: string; kind: string; fingerprint: string; shown: number; version: number }[]
  posts: { key: string | null; thread: boolean }[]
}

/** Runs the scene, killed so many times, to its end. */
async function run(kind: DatabaseKind, kills: number): Promise<Left> {
  const scene = await openScene()
  const { options, drop } = await freshDatabase(kind)
  for (let i = 0; i < kills; i++) {
    const replica = startReplica(scene, options)
    // Sometimes before it is up, mostly amid its work.
    if (i % 5 !== 4) await replica.ready
    await wait(Math.random() * 2000)
    await replica.kill()
  }
  for (let i = 1; ; i++) {
    const replica = startReplica(scene, options)
    await replica.ready
    const end = Math.max(SETTLED, scene.clock.minute() + 20)
    while (scene.clock.minute() < end) await wait(200)
    await replica.stop()
    const { store } = await openStore(options)
    const isDone =
      (await totalsOf(store)).join() === scene.truth().join() && (await store.messages.behind()).length === 0
    await store.close()
    if (isDone || i === TRIES) break
  }
  const left = await lookAt(scene, options)
  await drop()
  await scene.close()
  return left
}

async function lookAt(scene: Scene, options: Parameters<typeof openStore>[0]): Promise<Left> {
  const { store } = await openStore(options)
  const incidents = await store.incidents.current(new Date(0))
  const messages = (await Promise.all(incidents.map(({ id }) => store.messages.list(id)))).flat()
  const left = {
    counters: await countersOf(store),
    totals: await totalsOf(store),
    truth: scene.truth(),
    behind: (await store.messages.behind()).length,
    told: messages.map(({ incidentId, shownVersion }) => {
      const { id, kind, fingerprint, version } = incidents.find((incident) => incident.id === incidentId)!
      return { id, kind, fingerprint, version, shown: shownVersion }
    }),
    posts: scene.slack.messages.map(({ key, thread_ts }) => ({ key, thread: thread_ts !== undefined })),
  }
  await store.close()
  return left
}

const blind = ({ told }: Left) =>
  told
    .filter(({ kind }) => kind === 'blind')
    .map(({ fingerprint }) => fingerprint)
    .sort()

describe('kill -9, twenty times at random', () => {
  let undisturbed: Left

  beforeAll(async () => {
    undisturbed = await run('PGlite', 0)
  }, 600_000)

  it('has something to disturb', () => {
    expect(undisturbed.totals).toEqual(undisturbed.truth)
    expect(blind(undisturbed)).toHaveLength(3)
    expect(undisturbed.told.length).toBeGreaterThan(3)
  })

  it.each(DATABASE_KINDS)(
    'counts nothing twice and loses nothing on %s',
    async (kind) => {
      const killed = await run(kind, KILLS)
      expect(killed.counters).toEqual(undisturbed.counters)
      expect(killed.behind).toBe(0)
      for (const { shown, version } of killed.told) expect(shown).toBe(version)
      // Every incident has its message, each message and each line of a thread is there once.
      const roots = killed.posts.filter(({ thread }) => !thread).map(({ key }) => key)
      expect(roots.toSorted()).toEqual(killed.told.map(({ id }) => id).toSorted())
      const keys = killed.posts.map(({ key }) => key)
      expect(new Set(keys).size).toBe(keys.length)
      // The same sources went blind, and Gmail's deferrals were told, each trouble once.
      expect(blind(killed)).toEqual(blind(undisturbed))
      expect(killed.told.length).toBeGreaterThan(3)
      const troubles = killed.told.map(({ fingerprint }) => fingerprint)
      expect(new Set(troubles).size).toBe(troubles.length)
    },
    900_000,
  )
})
