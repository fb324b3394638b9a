import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertRuleSchema } from '../../src/alert-rules/rule-schema.ts'
import type { DeliveryIncident } from '../../src/incident/incident.ts'
import { watchedUntil } from '../../src/jobs/watch.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute, reply } from '../support/store-rows.ts'
import { CHANNEL, createWatchHarness } from '../support/watch-harness.ts'

const HISTORY = 12 * 60

describe.each(DATABASE_KINDS)('the watch on %s', (kind) => {
  let database: FreshDatabase
  let store: Store
  let harness: ReturnType<typeof createWatchHarness>

  beforeEach(async () => {
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
    harness = createWatchHarness(store)
    await harness.put(0, HISTORY)
    await harness.watch(HISTORY)
  })
  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  const trouble = (n: number) => (n < HISTORY + 60 ? 0.6 : 0)
  const only = async () => {
    const incidents = await harness.incidents()
    expect(incidents).toHaveLength(1)
    return incidents[0] as DeliveryIncident
  }

  it('opens one incident with what the card needs, and asks for its message', async () => {
    await harness.live(HISTORY, HISTORY + 10, trouble)
    const incident = await only()
    expect(incident).toMatchObject({ state: 'open', signal: 'throttling', told: true })
    expect(incident.slices.every(({ provider }) => provider === 'gmail')).toBe(true)
    expect(incident.evidence).toMatchObject({
      replies: [{ template: reply().template, cause: 'rate-limited', provider: 'gmail' }],
      unit: 'percent',
      names: { gmail: 'GMAIL' },
      links: [{ url: 'https://postmaster.example/gmail' }],
      notes: ['mailgun tells everything'],
    })
    expect(incident.evidence.series.length).toBeGreaterThan(20)
    expect(incident.evidence.series.at(-1)?.value).toBeGreaterThan(20)
    expect(await store.messages.behind()).toEqual([{ incidentId: incident.id, to: CHANNEL }])
    expect((await store.incidents.audit(incident.id)).map(({ what }) => what)[0]).toBe('opened')
  })

  it('tells an incident that the database refuses by itself, once, and goes on with the others', async () => {
    const incidents: Store['incidents'] = {
      ...store.incidents,
      commit: (changes) =>
        store.incidents.commit(
          changes.map(({ incident, ...change }) => {
            const openedAt = incident.kind === 'delivery' ? new Date(-8.64e15) : incident.openedAt
            return { ...change, incident: { ...incident, openedAt } }
          }),
        ),
    }
    harness = createWatchHarness({ ...store, incidents })
    await harness.live(HISTORY, HISTORY + 10, trouble)
    expect(harness.direct).toEqual([expect.stringMatching(/^post alerts .*GMAIL/)])
    expect(await harness.incidents()).toEqual([])
    expect(await watchedUntil(store.state)).toEqual(minute(HISTORY + 10))
  })

  it("opens an incident for a rule of the user's own, named by it, below what the detector takes for trouble", async () => {
    const rule = alertRuleSchema.parse({
      name: 'any deferral at gmail',
      when: { enhanced: reply().enhanced, provider: 'gmail' },
      count: '> 3/10m',
    })
    harness = createWatchHarness(store, 'mailgun', [rule])
    await harness.watch(HISTORY)
    await harness.live(HISTORY, HISTORY + 10, (n) => (n % 2 === 0 ? 1 / 40 : 0))
    expect(await only()).toMatchObject({ trigger: 'rule', rule: 'any deferral at gmail', where: { provider: 'gmail' } })
  })

  it('resolves once the trouble is over and quiet has passed', async () => {
    await harness.live(HISTORY, HISTORY + 180, trouble)
    const incident = await only()
    expect(incident).toMatchObject({ state: 'resolved' })
    expect(incident.resolvedAt!.getTime() - incident.recoveredAt!.getTime()).toBeGreaterThanOrEqual(30 * 60_000)
  })

  it.each(['in the same process', 'after a restart'])(
    'goes on at once when the clock was ahead by hours and is back, %s',
    async (how) => {
      // Long enough ahead that a state is stored there.
      await harness.watch(HISTORY + 200)
      await harness.watch(HISTORY + 261)
      if (how === 'after a restart') harness.restart()
      await harness.live(HISTORY, HISTORY + 10, trouble)
      const incidents = (await harness.incidents()).filter(({ kind }) => kind === 'delivery')
      expect(incidents).toMatchObject([{ state: 'open', signal: 'throttling' }])
      expect(incidents[0]!.openedAt.getTime()).toBeLessThan(minute(HISTORY + 10).getTime())
    },
  )

  it('judges what is dated ahead when its time has come, and not before', async () => {
    const ahead = HISTORY + 40
    await harness.put(ahead, ahead + 20, () => 0.6)
    await harness.live(HISTORY, ahead)
    expect(await harness.incidents()).toEqual([])
    for (let n = ahead; n <= ahead + 10; n++) await harness.watch(n + 1)
    expect(await only()).toMatchObject({ state: 'open', signal: 'throttling' })
  })

  it('goes on after a restart as if nothing had happened', async () => {
    await harness.live(HISTORY, HISTORY + 10, trouble)
    const before = await only()
    harness.restart()
    await harness.live(HISTORY + 10, HISTORY + 20, trouble)
    const after = await only()
    expect(after).toMatchObject({ id: before.id, openedAt: before.openedAt, state: 'open' })
    expect((await store.incidents.audit(after.id)).filter(({ what }) => what === 'opened')).toHaveLength(1)
  })

  it('tells of a short absence minute by minute, and gives each replica the same answer', async () => {
    await harness.put(HISTORY, HISTORY + 10, trouble)
    await harness.watch(HISTORY + 10)
    const incident = await only()
    expect(incident.openedAt < minute(HISTORY + 9)).toBe(true)
    harness.restart()
    await harness.watch(HISTORY + 10)
    expect(await only()).toEqual(incident)
  })

  it('raises no alarm for what came and went long ago', async () => {
    await harness.put(HISTORY, HISTORY + 40, () => 0.6)
    await harness.put(HISTORY + 40, HISTORY + 400)
    await harness.watch(HISTORY + 400)
    expect((await harness.incidents()).filter(({ state }) => state !== 'resolved')).toEqual([])
  })

  it('counts a minute that is read again once', async () => {
    await harness.live(HISTORY, HISTORY + 10, trouble)
    const before = await only()
    await harness.put(HISTORY, HISTORY + 10, trouble)
    await harness.watch(HISTORY + 10)
    expect(await only()).toEqual(before)
  })

  it('feeds older history that arrives later to a detector that begins there', async () => {
    await harness.put(-600, 0)
    await harness.live(HISTORY, HISTORY + 10, trouble)
    await only()
  })

  it('keeps what a person did while it was deciding', async () => {
    await harness.live(HISTORY, HISTORY + 10, trouble)
    const incident = await only()
    const acknowledged = {
      ...incident,
      state: 'acknowledged',
      acknowledgedBy: 'Ann',
      version: incident.version + 1,
    } as const
    const audit = [{ at: minute(HISTORY + 10), actor: 'Ann', what: 'acknowledged', says: 'Ann is on it.' }] as const
    await store.incidents.commit([{ incident: acknowledged, from: incident.version, audit: [...audit], deliverTo: [] }])
    await harness.live(HISTORY + 10, HISTORY + 40, trouble)
    expect(await only()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'Ann' })
  })

  it('says that it is blind, freezes what it knew, and sees again', async () => {
    await harness.live(HISTORY, HISTORY + 10, trouble)
    await store.sources.failed('mailgun', 'mailgun', minute(HISTORY + 10), {
      problem: '401 from Mailgun',
      remedy: 'Check the key.',
      pausedUntil: null,
    })
    for (let n = HISTORY + 11; n < HISTORY + 20; n++) await harness.watch(n)
    const [blind, frozen] = (await harness.incidents()).toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
    expect(blind).toMatchObject({
      kind: 'blind',
      problem: '401 from Mailgun',
      since: minute(HISTORY + 10),
      state: 'open',
    })
    expect(frozen).toMatchObject({ kind: 'delivery', stale: true, state: 'open' })
    await harness.put(HISTORY + 10, HISTORY + 20, trouble)
    await store.sources.ok('mailgun', 'mailgun', minute(HISTORY + 20), minute(HISTORY + 19))
    await harness.live(HISTORY + 20, HISTORY + 23, trouble)
    expect((await harness.incidents()).toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toMatchObject([
      { kind: 'blind', state: 'resolved' },
      { kind: 'delivery', stale: false, state: 'open' },
    ])
  })

  it('tells nobody of what is silenced, until the silence is over', async () => {
    const until = minute(HISTORY + 30)
    await harness.silences.add({ where: { provider: 'gmail' }, until, reason: 'warm-up' }, minute(HISTORY))
    await harness.live(HISTORY, HISTORY + 29, trouble)
    expect(await only()).toMatchObject({ told: false, muted: { reason: 'warm-up' } })
    expect(await store.messages.behind()).toEqual([])
    await harness.live(HISTORY + 29, HISTORY + 35, trouble)
    expect(await only()).toMatchObject({ told: true, muted: null })
    expect(await store.messages.behind()).toHaveLength(1)
  })
})
