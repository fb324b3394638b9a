import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Card } from '../../src/cards/card.ts'
import { createCommands } from '../../src/commands/commands.ts'
import { createKeptAnswers } from '../../src/jobs/kept-answers.ts'
import { loadSettled } from '../../src/jobs/settled.ts'
import { createSilences } from '../../src/jobs/silences.ts'
import { readProviders } from '../../src/knowledge/rule-files.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { type OpenedStore, openStore } from '../../src/store/index.ts'
import { type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { blindIncident } from '../support/store-incident.ts'
import { minute } from '../support/store-rows.ts'
import { CHANNEL, createWatchHarness, log } from '../support/watch-harness.ts'

const HISTORY = 12 * 60
const ANN = { platform: 'web', id: 'u1', name: 'Ann' }
const GARBAGE = new TextEncoder().encode('{"half of it')

describe('what cannot be read any more', () => {
  let database: FreshDatabase
  let opened: OpenedStore
  let store: Store
  let harness: ReturnType<typeof createWatchHarness>

  beforeEach(async () => {
    database = await freshDatabase('PostgreSQL')
    opened = await openStore(database.options)
    store = opened.store
    harness = createWatchHarness(store)
    await harness.put(0, HISTORY)
    await harness.watch(HISTORY)
  })
  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  const commands = () =>
    createCommands({
      store,
      clock: harness.clock,
      log,
      silences: createSilences(store, []),
      answers: createKeptAnswers(opened.journal, harness.clock),
      route: () => [CHANNEL],
      lookup: async () => ({ title: 'x', tone: 'info' }),
      wrong: () => ({ title: 'x', tone: 'info' }),
      replay: async () => ({ title: 'x', tone: 'info' }),
      sources: [],
      providers: readProviders(),
      nameOf: (provider) => provider,
      vitals: async () => ({ missing: [], unread: [] }),
      unreachable: async () => [],
      detection: async () => ({
        summary: (await loadSettled(store)) ? [{ label: 'Settled', value: 'yes' }] : [],
        detail: [],
      }),
    })
  const ask = async (text: string) => (await commands().command(text, ANN)).card
  const storeSilences = (...silences: unknown[]) =>
    store.state.save('silences', new TextEncoder().encode(JSON.stringify(silences)))
  const words = (card: Card) => (card.text ?? []).join('\n')

  /** A trouble begins, and an incident must be opened for it. */
  async function expectWatch(): Promise<void> {
    await harness.live(HISTORY, HISTORY + 10, () => 0.6)
    expect((await harness.incidents()).filter((incident) => incident.kind === 'delivery')).toHaveLength(1)
  }

  it('is no silence with the longest reason there may be', async () => {
    expect(await ask(`silence provider=gmail 4h ${'x'.repeat(200)}`)).toMatchObject({ title: 'One silence' })
    expect(await ask('silences')).toMatchObject({ title: 'One silence' })
    await ask('unsilence 1')
    await expectWatch()
  })

  it('is no silence that was refused', async () => {
    const silences = createSilences(store, [])
    const silence = { where: {}, until: minute(HISTORY + 60), reason: 'all of it' }
    await expect(silences.add(silence, minute(HISTORY))).rejects.toThrow('The silence was not stored')
    expect(await silences.active(minute(HISTORY))).toEqual([])
  })

  it('is left out of the silences; the others hold, and status says so', async () => {
    const until = minute(HISTORY + 600)
    await storeSilences({ where: { isp: 'yahoo' }, until, reason: 'of another version' }, 7, {
      where: { provider: 'yahoo' },
      until,
      reason: 'warm-up',
    })
    await expectWatch()
    expect(await harness.silences.active(minute(HISTORY))).toMatchObject([{ reason: 'warm-up' }])
    const status = await ask('status')
    expect(status.tone).toBe('warning')
    expect(words(status)).toContain('cannot be read and is skipped: silence 1 of those asked for in the chat')
    expect(words(status)).toContain('silence 2')
    expect(words(status)).not.toContain('of another version')
  })

  it('is as good as no silences at all where the whole of them is broken', async () => {
    await store.state.save('silences', GARBAGE)
    await expectWatch()
    expect(await ask('silence provider=yahoo 4h warm-up')).toMatchObject({ title: 'One silence' })
    expect(words(await ask('status'))).not.toContain('cannot be read')
  })

  it('is skipped among the incidents; the others go on, and status says so', async () => {
    const broken = { ...blindIncident({ id: 'broken' }), since: undefined }
    await store.incidents.commit([{ incident: broken as never, from: 0, audit: [], deliverTo: [CHANNEL] }])
    expect(await store.incidents.get('broken')).toBeNull()
    await expectWatch()
    expect(words(await ask('status'))).toContain('incident broken (since: ')
    expect(await ask('incidents')).toMatchObject({ title: 'One open' })
    expect(await ask('incident broken')).toMatchObject({ title: 'There is no incident broken' })
  })

  it.each(['', 'abc'])('is not taken for the minute that was watched last: "%s"', async (stored) => {
    await store.state.save('watch: tracked minute', new TextEncoder().encode(stored))
    await expectWatch()
    expect(Number(new TextDecoder().decode((await store.state.load('watch: tracked minute'))!))).toBe(
      minute(HISTORY + 9).getTime() / 60_000,
    )
  })

  it('does not keep status from being shown', async () => {
    await store.state.save('watch: what the detector settled on', GARBAGE)
    const status = await ask('status')
    expect(status.fields).toEqual([])
    expect(words(status)).toContain('what the detector settled on')
  })

  it('does not keep the detector from being built: states with a broken head', async () => {
    const head = { made: 'for tests', revision: 'x', until: minute(0), letBe: null, began: {}, labels: {} }
    for (const key of ['watch: detector', 'watch: detector, older']) {
      await store.state.save(key, new TextEncoder().encode(`${JSON.stringify(head)}\nrest`))
    }
    harness.restart()
    await expectWatch()
  })

  it('does not keep hours from being rolled up', async () => {
    await store.state.save('rolled-hours', GARBAGE)
    expect((await store.retention.rollUp(minute(0), minute(1000))).hours).toBeGreaterThan(0)
  })

  it('is left out of the page, and the rest is shown', async () => {
    const { journal } = opened
    const entry = (id: string, card: unknown) =>
      journal.put({
        id,
        channel: 'alerts',
        key: id,
        parent: null,
        card: card as Card,
        at: minute(0),
        updatedAt: minute(0),
      })
    const whole: Card = { title: 'whole', tone: 'good' }
    await entry('broken', { title: 7 })
    await entry('whole', whole)
    await entry('retired button', { ...whole, actions: [{ id: 'defuse', label: 'Defuse', value: '1' }] })
    const titles = ({ entries }: { entries: { card: Card }[] }) => entries.map(({ card }) => card.title)
    expect(titles(await journal.latest('alerts', 10))).toEqual(['whole', 'whole'])
    const news = await journal.since('alerts', 0n)
    expect(titles(news)).toEqual(['whole', 'whole'])
    expect(news.revision).toBe((await journal.latest('alerts', 0)).revision)
    expect(await journal.get('broken')).toBeNull()
    expect((await journal.get('retired button'))?.card.actions).toEqual([])
    expect(store.unreadable.list()).toMatchObject([{ what: 'message broken of the page' }])
  })

  it('takes words that the database would refuse, without what it refuses', async () => {
    const incident = blindIncident({ id: 'nul', problem: 'a \0 and a \ud800' })
    const audit = [{ at: minute(0), actor: 'A\0nn', what: 'opened', says: 'said \0' } as const]
    await store.incidents.commit([{ incident, from: 0, audit, deliverTo: [] }])
    expect(await store.incidents.get('nul')).toMatchObject({ problem: 'a \ufffd and a \ufffd' })
    expect(await store.incidents.audit('nul')).toMatchObject([{ actor: 'A\ufffdnn', says: 'said \ufffd' }])
    const card: Card = { title: '\0', tone: 'good' }
    await opened.journal.put({
      id: 'nul',
      channel: 'alerts',
      key: '\0',
      parent: null,
      card,
      at: minute(0),
      updatedAt: minute(0),
    })
    expect((await opened.journal.get('nul'))?.card.title).toBe('\ufffd')
  })
})
