import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SourceMinute } from '../../src/detect/detector.ts'
import type { CounterRow, Store } from '../../src/ports/store/index.ts'
import { CAUSES, type Cause, type Signal } from '../../src/smtp/causes.ts'
import { openStore } from '../../src/store/index.ts'
import { countedWorld, randomOf } from '../support/counted-world.ts'
import { DATABASE_KINDS, type DatabaseKind, freshDatabase } from '../support/store-databases.ts'
import { minute, reply, row } from '../support/store-rows.ts'
import { createWatchHarness } from '../support/watch-harness.ts'

const HISTORY = 60
const END = 240

const causeOf = (signal: Signal) =>
  (Object.keys(CAUSES) as Cause[]).find((cause) => cause !== 'greylisted' && CAUSES[cause].signal === signal)!

function rowsOf(n: number, { counts }: SourceMinute): CounterRow[] {
  return [...counts].flatMap(({ slice: { source: _, ...slice }, attempts, failures }) => {
    const failed = Object.entries(failures).map(([name, x]) => {
      const signal = name as Signal
      const said = reply({ template: `a sign of ${signal}`, provider: slice.provider, signal, cause: causeOf(signal) })
      return row(n, x, { slice, outcome: 'bounced', reply: said })
    })
    const delivered = (attempts ?? 0) - failed.reduce((sum, each) => sum + each.n, 0)
    return [row(n, delivered, { slice }), ...failed].filter((each) => each.n > 0)
  })
}

/** What may differ from one life to another, and must not show. */
interface Course {
  /** Shuffles sources and rows. */
  seed: number
  /** Minutes that are read together with the new one, again. */
  windows: readonly number[]
  /** When the process dies, and at which step of its watch. */
  crashes: readonly { at: number; step: 'before' | 'told' | 'tracked' | 'after' }[]
}

const UNDISTURBED: Course = { seed: 0, windows: [0], crashes: [] }

/** Lives through a world; returns the incidents, and what was said of each. */
async function live(kind: DatabaseKind, world: number, { seed, windows, crashes }: Course): Promise<object[]> {
  const database = await freshDatabase(kind)
  const { store } = await openStore(database.options)
  const random = randomOf(seed)
  const rows = countedWorld(world, END).map((change, i) => ({
    source: change.source,
    n: Math.floor(i / 2),
    rows: rowsOf(Math.floor(i / 2), change).sort(() => random() - 0.5),
  }))
  const put = (source: string, from: number, to: number) =>
    store.counters.replaceWindow(
      source,
      { from: minute(from), to: minute(to) },
      rows.filter((each) => each.source === source && each.n >= from && each.n < to).flatMap((each) => each.rows),
      { at: minute(to), nextReadAt: null },
    )
  let dies: Course['crashes'][number]['step'] | undefined
  const harness = createWatchHarness(mortal(store, (step) => step === dies))
  for (const source of ['a', 'b']) await put(source, 0, HISTORY)
  await harness.watch(HISTORY)
  for (let n = HISTORY; n < END; n++) {
    for (const source of random() < 0.5 ? ['a', 'b'] : ['b', 'a']) {
      await put(source, Math.max(0, n - windows[n % windows.length]!), n + 1)
    }
    const crash = crashes.find(({ at }) => at === n)
    dies = crash?.step
    if (crash?.step === 'before') harness.restart()
    await harness.watch(n + 1).catch(() => harness.restart())
    dies = undefined
    if (crash) {
      await harness.watch(n + 1)
      if (crash.step === 'after') harness.restart()
    }
  }
  const incidents = await harness.incidents()
  const said = await Promise.all(
    incidents.map(async (incident) => ({ incident, audit: await store.incidents.audit(incident.id) })),
  )
  await store.close()
  await database.drop()
  return said
}

/** A store whose process may die once what it was told is committed. */
function mortal(store: Store, dies: (step: 'told' | 'tracked') => boolean): Store {
  const die = (step: 'told' | 'tracked') => {
    if (dies(step)) throw new Error('killed')
  }
  return {
    ...store,
    incidents: {
      ...store.incidents,
      commit: async (changes) => {
        const refused = await store.incidents.commit(changes)
        die('told')
        return refused
      },
    },
    state: {
      ...store.state,
      save: async (key, value) => {
        await store.state.save(key, value)
        die('tracked')
      },
    },
  }
}

const aCourse: fc.Arbitrary<Course> = fc.record({
  seed: fc.nat(),
  windows: fc.array(fc.nat(12), { minLength: 1, maxLength: 5 }),
  crashes: fc.array(
    fc.record({
      at: fc.integer({ min: HISTORY, max: END - 1 }),
      step: fc.constantFrom('before' as const, 'told' as const, 'tracked' as const, 'after' as const),
    }),
    { maxLength: 6 },
  ),
})

describe.each(DATABASE_KINDS)('on %s', (kind) => {
  it('any order, any windows and any crash give the same incidents, told in the same words', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), aCourse, async (world, course) => {
        expect(await live(kind, world, course)).toEqual(await live(kind, world, UNDISTURBED))
      }),
      { numRuns: 2, endOnFailure: true },
    )
  })
})
