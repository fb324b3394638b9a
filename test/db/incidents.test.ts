import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEntry, BlindIncident } from '../../src/incident/incident.ts'
import { DELIVER_QUEUE } from '../../src/ports/queue.ts'
import { Conflict } from '../../src/ports/store/index.ts'
import { type OpenedStore, openStore } from '../../src/store/index.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { blindIncident } from '../support/store-incident.ts'
import { minute } from '../support/store-rows.ts'

const WEB = { platform: 'web', channel: 'alerts' }
const SLACK = { platform: 'slack', channel: 'C1' }
const entry = (what: AuditEntry['what'], at = 0): Omit<AuditEntry, 'seq'> => ({
  at: minute(at),
  actor: 'bouncebell',
  what,
  says: `it ${what}`,
})

describe.each(DATABASE_KINDS)('incidents and messages on %s', (kind) => {
  let database: FreshDatabase
  let opened: OpenedStore
  let made = 0
  const newIncident = (change: Partial<BlindIncident> = {}) => blindIncident({ id: `incident-${++made}`, ...change })
  const jobsOf = async (id: string) =>
    (await opened.boss.findJobs<{ incidentId: string }>(DELIVER_QUEUE)).filter(({ data }) => data.incidentId === id)

  beforeAll(async () => {
    database = await freshDatabase(kind)
    opened = await openStore(database.options)
  })
  afterAll(async () => {
    await opened.store.close()
    await database.drop()
  })

  it('come back as they were stored, with their history', async () => {
    const { store } = opened
    const incident = newIncident({ snoozedUntil: minute(60), problem: '401 from "Mailgun" \\ \u{1f511}' })
    await store.incidents.commit([{ incident, from: 0, audit: [entry('opened'), entry('snoozed', 1)], deliverTo: [] }])
    expect(await store.incidents.get(incident.id)).toEqual(incident)
    expect(await store.incidents.audit(incident.id)).toEqual([
      { seq: 1, ...entry('opened') },
      { seq: 2, ...entry('snoozed', 1) },
    ])
    expect(await store.incidents.get('nobody')).toBeNull()
  })

  it('commit a version, its history and its deliveries together', async () => {
    const { store } = opened
    const incident = newIncident()
    await store.incidents.commit([{ incident, from: 0, audit: [entry('opened')], deliverTo: [WEB, SLACK] }])
    const jobs = (await jobsOf(incident.id)).map(({ data }) => data)
    expect(jobs).toHaveLength(2)
    expect(jobs).toEqual(expect.arrayContaining([WEB, SLACK].map((to) => ({ incidentId: incident.id, to }))))
    expect((await store.messages.list(incident.id)).map(({ shownVersion }) => shownVersion)).toEqual([0, 0])
  })

  it('refuse a version made from an old one, and nothing of that commit remains', async () => {
    const { store } = opened
    const [incident, other] = [newIncident(), newIncident()]
    const opening = { incident, from: 0, audit: [entry('opened')], deliverTo: [WEB] }
    await store.incidents.commit([opening])
    await expect(store.incidents.commit([opening])).rejects.toThrow(Conflict)
    const late = { incident: { ...incident, version: 3 }, from: 2, audit: [entry('worsened')], deliverTo: [WEB] }
    const innocent = { incident: other, from: 0, audit: [entry('opened')], deliverTo: [WEB] }
    await expect(store.incidents.commit([innocent, late])).rejects.toThrow(Conflict)
    expect(await store.incidents.get(other.id)).toBeNull()
    expect(await store.incidents.audit(incident.id)).toHaveLength(1)
    expect(await jobsOf(incident.id)).toHaveLength(1)
    expect(await jobsOf(other.id)).toHaveLength(0)
  })

  it('set aside the one that the database refuses, and store the others', async () => {
    const { store } = opened
    const [good, bad, other] = [newIncident(), newIncident({ openedAt: new Date(-8.64e15) }), newIncident()]
    const opening = (incident: BlindIncident) => ({ incident, from: 0, audit: [entry('opened')], deliverTo: [WEB] })
    expect(await store.incidents.commit([good, bad, other].map(opening))).toEqual([
      { incident: bad, problem: expect.stringContaining('the database refuses it (') },
    ])
    for (const { id } of [good, other]) {
      expect(await store.incidents.audit(id)).toHaveLength(1)
      expect(await jobsOf(id)).toHaveLength(1)
    }
    expect(await store.incidents.get(bad.id)).toBeNull()
    expect(await jobsOf(bad.id)).toHaveLength(0)
    expect(await store.incidents.commit([opening(bad)])).toMatchObject([{ incident: { id: bad.id } }])
    expect(await store.incidents.commit([opening(newIncident())])).toEqual([])
  })

  it('let one of many writers through', async () => {
    const { store } = opened
    const incident = newIncident()
    await store.incidents.commit([{ incident, from: 0, audit: [entry('opened')], deliverTo: [] }])
    const next = { incident: { ...incident, version: 2 }, from: 1, audit: [entry('acknowledged')], deliverTo: [WEB] }
    const tries = await Promise.allSettled([1, 2, 3, 4, 5].map(() => store.incidents.commit([next])))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await store.incidents.audit(incident.id)).toHaveLength(2)
    expect(await jobsOf(incident.id)).toHaveLength(1)
  })

  it('are current while not resolved, and for a while after, newest first', async () => {
    const { store } = opened
    const open = newIncident({ openedAt: minute(10) })
    const recent = newIncident({ openedAt: minute(5), state: 'resolved', resolvedAt: minute(20) })
    const old = newIncident({ openedAt: minute(1), state: 'resolved', resolvedAt: minute(2) })
    for (const incident of [old, open, recent])
      await store.incidents.commit([{ incident, from: 0, audit: [], deliverTo: [] }])
    const ids = (await store.incidents.current(minute(15))).map(({ id }) => id)
    expect(ids.filter((id) => [open, recent, old].some((incident) => incident.id === id))).toEqual([open.id, recent.id])
  })

  it('show which messages are behind their version or lack a row of history', async () => {
    const { store } = opened
    const incident = newIncident()
    await store.incidents.commit([{ incident, from: 0, audit: [entry('opened')], deliverTo: [WEB, SLACK] }])
    const behind = async () => (await store.messages.behind()).filter(({ incidentId }) => incidentId === incident.id)
    expect(await behind()).toHaveLength(2)
    const ref = { ...WEB, id: 'm1' }
    const record = {
      incidentId: incident.id,
      to: WEB,
      ref,
      shownVersion: 1,
      threadSeq: 1,
      posting: false,
      shownAt: minute(1),
    }
    await store.messages.save(record)
    expect(await store.messages.get(incident.id, WEB)).toEqual(record)
    expect(await behind()).toEqual([{ incidentId: incident.id, to: SLACK }])
    await store.messages.save({ ...record, threadSeq: 0 })
    expect(await behind()).toHaveLength(2)
  })

  it('enqueue a delivery once while it waits', async () => {
    const { store } = opened
    const incident = newIncident()
    await store.incidents.commit([{ incident, from: 0, audit: [], deliverTo: [] }])
    await store.messages.enqueue(incident.id, WEB, 60)
    await store.messages.enqueue(incident.id, WEB, 60)
    expect(await jobsOf(incident.id)).toHaveLength(1)
    await store.messages.enqueue(incident.id, WEB, 0)
    expect(await jobsOf(incident.id)).toHaveLength(2)
  })
})
