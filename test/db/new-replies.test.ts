import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NewReplyIncident } from '../../src/incident/incident.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute, reply, row } from '../support/store-rows.ts'
import { CHANNEL, createWatchHarness } from '../support/watch-harness.ts'

const DAY = 1440
const fresh = reply({ template: 'your sender is not known here yet', code: 550, cause: 'policy', signal: 'blocking' })

describe.each(DATABASE_KINDS)('new replies on %s', (kind) => {
  let database: FreshDatabase
  let store: Store
  let harness: ReturnType<typeof createWatchHarness>

  beforeEach(async () => {
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
    harness = createWatchHarness(store)
  })
  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  let events = 0
  /** `perMinute` refusals in the new words during each of these minutes, beside all the mail that is taken. */
  const refuse = (from: number, to: number, perMinute: number, said = fresh) =>
    store.counters.addEvents(
      'mailgun',
      Array.from({ length: to - from }, (_, i) => [
        { id: `refused ${++events}`, row: row(from + i, perMinute, { outcome: 'bounced', reply: said }) },
        { id: `taken ${++events}`, row: row(from + i, 4000) },
      ]).flat(),
      { at: minute(to) },
    )
  const known = (day: number) =>
    store.counters.addEvents('mailgun', [{ id: `day ${day}`, row: row(day * DAY, 1) }], { at: minute(0) })
  const watchTo = async (from: number, to: number) => {
    for (let n = from; n <= to; n++) await harness.watch(n + 1)
  }
  const told = async () =>
    (await harness.incidents()).filter((each): each is NewReplyIncident => each.kind === 'new-reply')

  it('open one incident of low severity with its message, once for all replicas and restarts', async () => {
    await known(-8)
    await harness.watch(0)
    await refuse(1, 20, 6)
    await watchTo(1, 20)
    const [incident, ...more] = await told()
    expect(more).toEqual([])
    expect(incident).toMatchObject({
      severity: 'low',
      state: 'open',
      providerName: 'GMAIL',
      template: fresh.template,
      n: 114,
      since: minute(1),
      lastAt: minute(19),
      links: [{ url: 'https://postmaster.example/gmail' }],
    })
    expect(await store.messages.behind()).toEqual([{ incidentId: incident!.id, to: CHANNEL }])
    harness.restart()
    const another = createWatchHarness(store)
    for (const n of [21, 26, 31]) await Promise.all([harness.watch(n), another.watch(n)])
    expect(await told()).toMatchObject([{ id: incident!.id }])
  })

  it('are silent on a fresh installation and while it reads its history, newest first', async () => {
    await harness.watch(0)
    await refuse(1, 20, 6)
    await watchTo(1, 20)
    await known(-6)
    await watchTo(21, 30)
    expect(await told()).toEqual([])
    await known(-7)
    await store.counters.addEvents(
      'mailgun',
      [{ id: 'older', row: row(-3 * DAY, 1, { outcome: 'bounced', reply: fresh }) }],
      { at: minute(31) },
    )
    await watchTo(31, 40)
    expect(await told()).toEqual([])
  })

  it('are silent where they are few, and where a text is not about a refusal', async () => {
    await known(-8)
    await harness.watch(0)
    await refuse(1, 20, 2)
    await store.counters.addEvents(
      'mailgun',
      [{ id: 'accepted', row: row(3, 5000, { reply: reply({ template: 'ok, queued' }) }) }],
      { at: minute(20) },
    )
    await watchTo(1, 40)
    expect(await told()).toEqual([])
  })

  it('are silent where an open incident explains them', async () => {
    await harness.put(-8 * DAY, -8 * DAY + 1)
    await harness.put(-720, 0)
    await harness.watch(0)
    await harness.live(0, 41, () => 0.6)
    expect(await harness.incidents()).toMatchObject([{ kind: 'delivery', signal: 'throttling' }])
    expect((await store.replies.firstSeen(minute(0)))[0]?.n).toBeGreaterThan(50)
  })
})
