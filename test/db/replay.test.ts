import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_BUDGET } from '../../src/detect/budget.ts'
import type { Store } from '../../src/ports/store.ts'
import { runReplay, storedCounts } from '../../src/replay.ts'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute } from '../support/store-rows.ts'
import { createWatchHarness } from '../support/watch-harness.ts'

const HISTORY = 12 * 60
const END = HISTORY + 240

describe.each(DATABASE_KINDS)('replay on %s', (kind) => {
  let database: FreshDatabase
  let store: Store

  beforeEach(async () => {
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
  })
  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  it('tells over the stored history exactly what the watch told while it happened', async () => {
    const harness = createWatchHarness(store)
    await harness.put(0, HISTORY)
    await harness.watch(HISTORY)
    const share = (n: number) => (n < HISTORY + 40 ? 0.6 : n > HISTORY + 150 && n < HISTORY + 200 ? 0.3 : 0)
    await harness.live(HISTORY, END, share)

    const minutes = storedCounts(store, { from: minute(0), to: minute(END) }, () => true)
    const { incidents } = await runReplay({ minutes, falseAlarms: DEFAULT_BUDGET })

    const live = await harness.incidents()
    expect(live.length).toBeGreaterThan(0)
    const told = incidents.map(({ first, last }) => ({
      id: first.incident,
      signal: first.signal,
      severity: last.severity,
      slices: last.slices.map(({ provider }) => provider),
    }))
    const known = live.flatMap((incident) =>
      incident.kind === 'delivery'
        ? [
            {
              id: incident.id,
              signal: incident.signal,
              severity: incident.severity,
              slices: incident.slices.map(({ provider }) => provider),
            },
          ]
        : [],
    )
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
    expect(told.sort(byId)).toEqual(known.sort(byId))
  })
})
