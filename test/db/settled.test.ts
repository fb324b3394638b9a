import { expect, it } from 'vitest'
import { loadSettled } from '../../src/jobs/settled.ts'
import { watchedUntil } from '../../src/jobs/watch.ts'
import { openStore } from '../../src/store/index.ts'
import { freshPglite } from '../support/store-databases.ts'
import { minute } from '../support/store-rows.ts'
import { createWatchHarness } from '../support/watch-harness.ts'

it('what the detector settled on is shown as soon as there is traffic, not an hour later', async () => {
  const database = await freshPglite()
  const { store } = await openStore(database.options)
  const harness = createWatchHarness(store)
  expect(await loadSettled(store)).toBeNull()
  expect(await watchedUntil(store.state)).toBeNull()

  // Within one hour: first a look at nothing, then at the first traffic.
  await harness.watch(1)
  expect(await loadSettled(store)).toMatchObject({ slices: 0 })
  expect(await watchedUntil(store.state)).toEqual(minute(1))
  await harness.put(1, 5)
  await harness.watch(5)
  expect(await loadSettled(store)).toMatchObject({ slices: 2 })
  expect(await watchedUntil(store.state)).toEqual(minute(5))

  await store.close()
  await database.drop()
})
