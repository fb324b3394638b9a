import { afterEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, freshDatabase } from '../support/store-databases.ts'
import { minute, reply, row } from '../support/store-rows.ts'

describe.each(DATABASE_KINDS)('a lookup on %s', (kind) => {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  it('tells a sum that is never behind what was written', async () => {
    const { options, drop } = await freshDatabase(kind)
    ends.push(drop)
    const { store } = await openStore(options)
    ends.push(store.close)
    const total = async () => (await store.replies.usage({ code: 421 }, minute(0), minute(60))).total
    const deferred = (at: number, n: number) => row(at, n, { outcome: 'deferred', reply: reply() })
    const put = (rows: ReturnType<typeof row>[]) =>
      store.counters.replaceWindow('mailgun', { from: minute(0), to: minute(60) }, rows, {
        at: minute(60),
        nextReadAt: null,
      })
    await put([deferred(1, 7), deferred(59, 3)])
    expect(await total()).toBe(10)
    await store.counters.addEvents('ses', [{ id: 'a', row: deferred(30, 1) }], { at: minute(60) })
    expect(await total()).toBe(11)
    // Read again: what was there is replaced, by less, and by nothing.
    await put([deferred(1, 2)])
    expect(await total()).toBe(3)
    await put([])
    expect(await total()).toBe(1)
  })
})
