import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type DatabaseKind, freshDatabase } from '../support/store-databases.ts'
import { countersOf, startReplica } from '../support/store-process.ts'
import { openScene, type Scene, SETTLED } from '../support/store-scene.ts'

const KILLS = 20
/** An hour and a half of the scene in half a minute. */
const SPEED = 180

/** What a run left behind. */
interface Left {
  counters: string[]
  behind: number
  /** Incidents that people were to be told of, with their versions. */
  told: { id: string; shown: number; version: number }[]
  posts: { key: string | null; thread: boolean }[]
}

/** Runs the scene, killed so many times, to its end. */
async function run(kind: DatabaseKind, kills: number): Promise<Left> {
  const scene = await openScene({ speed: SPEED })
  const { options, drop } = await freshDatabase(kind)
  for (let i = 0; i < kills; i++) {
    const replica = startReplica(scene, options)
    // Sometimes before it is up, mostly amid its work.
    if (i % 5 !== 0) await replica.ready
    await wait(Math.random() * 1500)
    await replica.kill()
    scene.clock.stand()
  }
  const replica = startReplica(scene, options)
  await replica.ready
  while (scene.minuteNow() < SETTLED) await wait(200)
  await settled(scene)
  await replica.stop()

  const { store } = await openStore(options)
  const incidents = await store.incidents.current(new Date(0))
  const messages = (await Promise.all(incidents.map(({ id }) => store.messages.list(id)))).flat()
  const left = {
    counters: await countersOf(store),
    behind: (await store.messages.behind()).length,
    told: messages.map(({ incidentId, shownVersion }) => ({
      id: incidentId,
      shown: shownVersion,
      version: incidents.find(({ id }) => id === incidentId)!.version,
    })),
    posts: scene.slack.messages.map(({ key, thread_ts }) => ({ key, thread: thread_ts !== undefined })),
  }
  await store.close()
  await drop()
  await scene.close()
  return left
}

/** Waits until nothing has been asked or posted for a while, so that what is under way has come to its end. */
async function settled({ requests, slack }: Scene): Promise<void> {
  let before = ''
  for (let quiet = 0; quiet < 15; quiet++) {
    await wait(200)
    const now = JSON.stringify([slack.messages.length, slack.messages.map(({ edits }) => edits)])
    if (now !== before) quiet = 0
    before = now
  }
  expect(requests.length).toBeGreaterThan(0)
}

describe('kill -9, twenty times at random', () => {
  let undisturbed: Left

  beforeAll(async () => {
    undisturbed = await run('PGlite', 0)
  }, 600_000)

  it('is not needed for the scene to have something to tell', () => {
    expect(undisturbed.told.length).toBeGreaterThanOrEqual(3)
    expect(undisturbed.behind).toBe(0)
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
      expect(killed.told.length).toBeGreaterThanOrEqual(3)
    },
    900_000,
  )
})
