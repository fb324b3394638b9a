import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../src/demo/random.ts'
import { openStore } from '../../src/store/index.ts'
import { type KillScene, openKillScene } from '../support/kill-scene.ts'
import { DATABASE_KINDS, type DatabaseKind, freshDatabase } from '../support/store-databases.ts'
import { countersOf, startReplica, totalsOf } from '../support/store-process.ts'
import { MOMENTS, type Moment, SETTLED } from '../support/store-scene.ts'

/** `KILL_SEED=7 vitest run --project e2e test/e2e/kill.test.ts` plays the same kills again. */
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 1e6))
const KILLS_OF_EACH_KIND = 4
/** Runs after the last kill. One does, but for what waits for its turn in seconds: an edit, a retry. */
const TRIES = 5
const PAGE_ENTRIES = 1000

type Kill = { at: Moment; after: number } | { at: 'any time'; afterMs: number; isUp: boolean }

/** Rounds of one of each kind, in an order that the seed decides. */
function drawKills(seed: number): Kill[] {
  const random = createRandom(seed)
  return Array.from({ length: KILLS_OF_EACH_KIND }, (_, round) =>
    [...MOMENTS, 'any time' as const]
      .map((at) => ({ kill: drawKill(at, round, random), order: random.uniform() }))
      .sort((a, b) => a.order - b.order)
      .map(({ kill }) => kill),
  ).flat()
}

function drawKill(at: Kill['at'], round: number, random: Random): Kill {
  // The first of them before it is up, the others amid its work.
  if (at === 'any time') return { at, afterMs: random.integer(0, 2000), isUp: round > 0 }
  // What is published between two kills is one batch.
  return { at, after: at === 'acknowledge' ? 0 : random.integer(0, 2) }
}

interface Post {
  platform: 'slack' | 'web'
  key: string | null
  thread: boolean
}

/** What a run left behind. */
interface Left {
  counters: string[]
  totals: string[]
  truth: string[]
  behind: number
  /** Messages that people were to be shown, with the version that each shows and the one that there is. */
  told: { id: string; platform: string; kind: string; fingerprint: string; shown: number; version: number }[]
  posts: Post[]
  /** How often a kill hit its moment. */
  hits: Record<string, number>
}

/** Runs the scene, killed like this, to its end. */
async function run(kind: DatabaseKind, kills: readonly Kill[]): Promise<Left> {
  const scene = await openKillScene()
  const { options, drop } = await freshDatabase(kind)
  const hits: Record<string, number> = {}
  // All of them within an hour: the border takes nothing that is dated further ahead, and undisturbed they are read at once.
  const minutes = Array.from({ length: KILLS_OF_EACH_KIND * (MOMENTS.length + 1) }, (_, i) => 2 * i)
  for (const [i, kill] of kills.entries()) {
    await scene.publish(minutes[i]!)
    if (await killed(scene, options, kill)) hits[kill.at] = (hits[kill.at] ?? 0) + 1
  }
  for (const minute of minutes.slice(kills.length)) await scene.publish(minute)
  for (let i = 1; ; i++) {
    const replica = startReplica(scene, options)
    await replica.ready
    const end = Math.max(SETTLED, scene.clock.minute() + 20)
    while (scene.clock.minute() < end || (await scene.queue.length()) > 0) await wait(200)
    await replica.stop()
    const { store } = await openStore(options)
    const isDone =
      (await totalsOf(store)).join() === scene.truth().join() && (await store.messages.behind()).length === 0
    await store.close()
    if (isDone || i === TRIES) break
  }
  const left = { ...(await lookAt(scene, options)), hits }
  await drop()
  await scene.close()
  return left
}

/** Starts a replica that ends in this way; false where its moment did not come before the scene was over. */
async function killed(scene: KillScene, options: Parameters<typeof openStore>[0], kill: Kill): Promise<boolean> {
  if (kill.at === 'any time') {
    const replica = startReplica(scene, options)
    if (kill.isUp) await replica.ready
    await wait(kill.afterMs)
    await replica.kill()
    return true
  }
  const replica = startReplica(scene.dying(kill), options)
  let hasEnded = false
  replica.ended.then(() => {
    hasEnded = true
  })
  while (!hasEnded && scene.clock.minute() < SETTLED) await wait(50)
  const isHit = hasEnded
  await replica.kill()
  return isHit
}

async function lookAt(scene: KillScene, options: Parameters<typeof openStore>[0]): Promise<Omit<Left, 'hits'>> {
  const { store, journal } = await openStore(options)
  const incidents = await store.incidents.current(new Date(0))
  const messages = (await Promise.all(incidents.map(({ id }) => store.messages.list(id)))).flat()
  const { entries } = await journal.latest('alerts', PAGE_ENTRIES)
  const left = {
    counters: await countersOf(store),
    totals: await totalsOf(store),
    truth: scene.truth(),
    behind: (await store.messages.behind()).length,
    told: messages.map(({ incidentId, to, shownVersion }) => {
      const { id, kind, fingerprint, version } = incidents.find((incident) => incident.id === incidentId)!
      return { id, platform: to.platform, kind, fingerprint, version, shown: shownVersion }
    }),
    posts: [
      ...scene.slack.messages.map(({ key, thread_ts }): Post => ({ platform: 'slack', key, thread: !!thread_ts })),
      ...entries.map(({ key, parent }): Post => ({ platform: 'web', key, thread: parent !== null })),
    ],
  }
  await store.close()
  return left
}

const blind = ({ told }: Left) =>
  told
    .filter(({ kind, platform }) => kind === 'blind' && platform === 'slack')
    .map(({ fingerprint }) => fingerprint)
    .sort()

describe(`kill -9, twenty times, with the seed ${SEED}`, () => {
  let undisturbed: Left

  beforeAll(async () => {
    console.log(`KILL_SEED=${SEED}`)
    undisturbed = await run('PGlite', [])
  }, 900_000)

  it('has something to disturb', () => {
    expect(undisturbed.totals).toEqual(undisturbed.truth)
    expect(blind(undisturbed)).toHaveLength(3)
    expect(undisturbed.told.length).toBeGreaterThan(6)
  })

  it.each(DATABASE_KINDS)(
    'counts nothing twice and loses nothing on %s',
    async (kind) => {
      const killed = await run(kind, drawKills(SEED))
      // Polls between a page and the commit, posts that nobody noted, batches committed and not acknowledged: all were hit.
      for (const moment of MOMENTS) expect(killed.hits, moment).toMatchObject({ [moment]: expect.any(Number) })
      expect(killed.counters).toEqual(undisturbed.counters)
      expect(killed.behind).toBe(0)
      for (const { shown, version } of killed.told) expect(shown).toBe(version)
      for (const platform of ['slack', 'web'] as const) {
        // Every incident has its message, each message and each line of a thread is there once.
        const there = killed.posts.filter((post) => post.platform === platform)
        const told = killed.told.filter((message) => message.platform === platform)
        const roots = there.filter(({ thread }) => !thread).map(({ key }) => key)
        expect(roots.toSorted()).toEqual(told.map(({ id }) => id).toSorted())
        const keys = there.map(({ key }) => key)
        expect(new Set(keys).size).toBe(keys.length)
        // Gmail's deferrals were told, each trouble once.
        expect(told.length).toBeGreaterThan(3)
        const troubles = told.map(({ fingerprint }) => fingerprint)
        expect(new Set(troubles).size).toBe(troubles.length)
      }
      // The same sources went blind.
      expect(blind(killed)).toEqual(blind(undisturbed))
    },
    1_800_000,
  )
})
