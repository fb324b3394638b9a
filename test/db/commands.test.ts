import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Card } from '../../src/cards/card.ts'
import { type CommandOptions, createCommands } from '../../src/commands/commands.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import type { Incident } from '../../src/incident/incident.ts'
import { createKeptAnswers } from '../../src/jobs/kept-answers.ts'
import { createSilences } from '../../src/jobs/silences.ts'
import { readProviders } from '../../src/knowledge/rule-files.ts'
import type { Actor, Inbound } from '../../src/ports/chat.ts'
import { Unavailable } from '../../src/ports/errors.ts'
import { Conflict, type Store } from '../../src/ports/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { addressForms } from '../support/address-forms.ts'
import { finding, minute, slice } from '../support/findings.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { reply, row } from '../support/store-rows.ts'
import { CHANNEL, log } from '../support/watch-harness.ts'

const ANN: Actor = { platform: 'web', id: 'u1', name: 'Ann' }

describe('commands and buttons', () => {
  let database: FreshDatabase
  let store: Store
  let options: CommandOptions
  let inbound: Inbound
  const clock = createManualClock(minute(30))

  beforeAll(async () => {
    database = await freshDatabase('PGlite')
    const opened = await openStore(database.options)
    store = opened.store
    const { journal } = opened
    options = {
      store,
      clock,
      log,
      silences: createSilences(store, []),
      answers: createKeptAnswers(journal, clock),
      route: () => [CHANNEL],
      lookup: async (query) => ({ title: `About ${query}`, tone: 'info', quotes: query.includes('@') ? [query] : [] }),
      wrong: (reply) => ({ title: 'To correct it', tone: 'info', quotes: [reply] }),
      replay: async ({ from, to }) => ({ title: `From ${from.toISOString()} to ${to.toISOString()}`, tone: 'info' }),
      sources: [{ id: 'mailgun-eu', name: 'Mailgun' }],
      providers: readProviders(),
      nameOf: (provider) => provider.toUpperCase(),
      detection: async () => ({
        summary: [{ label: 'Budget', value: 'about 2 a month' }],
        detail: [{ label: 'Threshold', value: '5 nats' }],
      }),
      vitals: async () => ({ missing: [], unread: [] }),
      unreachable: async () => [],
    }
    inbound = createCommands(options)
  })
  afterAll(async () => {
    await store.close()
    await database.drop()
  })

  let opened = 0
  /** An open incident of its own place. */
  async function open(): Promise<Incident> {
    const ip = `192.0.2.${++opened}`
    const { incident, audit } = openDelivery(finding(10, { where: { ip }, slices: [slice({ ip })] }))
    await store.incidents.commit([{ incident, from: 0, audit, deliverTo: [CHANNEL] }])
    return incident
  }
  const ask = async (text: string) => (await inbound.command(text, ANN)).card
  const message = { ...CHANNEL, id: 'm1' }

  it('acknowledges by button: the message itself shows it, and the audit names who', async () => {
    const { id } = await open()
    expect(await inbound.action('acknowledge', id, message, ANN)).toBeNull()
    expect(await store.incidents.get(id)).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'Ann', version: 2 })
    expect((await store.incidents.audit(id)).at(-1)).toMatchObject({
      actor: 'Ann',
      what: 'acknowledged',
      at: minute(30),
    })
  })

  it('lists what was said for the first time, and says of which sources that cannot be known yet', async () => {
    const refused = { outcome: 'bounced', reply: reply() } as const
    const said = { minute: minute(20), slice: row(0, 1).slice, ...refused, n: 7 }
    const first = { ...said, minute: minute(-8 * 1440), reply: null }
    await store.counters.addEvents('mailgun-eu', [{ id: 'first', row: first }], { at: minute(20) })
    for (const source of ['mailgun-eu', 'ses']) {
      await store.counters.addEvents(source, [{ id: 'new', row: said }], { at: minute(20) })
    }
    expect(await ask('new')).toMatchObject({
      title: 'One new reply in the last 24 h',
      text: [expect.stringMatching(/^Bouncebell has known ses for only 10 min/)],
      table: { rows: [['14:25 UTC', '7 times at GMAIL', 'mailgun-eu', 'rate-limited', expect.any(String)]] },
    })
  })

  it('says to the second one that it is acknowledged already', async () => {
    const { id } = await open()
    await inbound.action('acknowledge', id, message, ANN)
    const answer = await inbound.action('acknowledge', id, message, { ...ANN, name: 'Bob' })
    expect(answer).toMatchObject({ show: 'actor', card: { text: ['Nothing to do: it is acknowledged by Ann.'] } })
  })

  it.each([
    ['snooze-1h', 90],
    ['snooze-4h', 270],
    ['snooze-24h', 1470],
  ] as const)('snoozes by %s', async (action, until) => {
    const { id } = await open()
    await inbound.action(action, id, message, ANN)
    expect(await store.incidents.get(id)).toMatchObject({ state: 'snoozed', snoozedUntil: minute(until) })
    await inbound.action('unsnooze', id, message, ANN)
    expect(await store.incidents.get(id)).toMatchObject({ state: 'open', snoozedUntil: null })
  })

  it('does the same by command, with the beginning of the ID', async () => {
    const { id } = await open()
    expect(await ask(`snooze ${id.slice(0, 6)} 2h`)).toMatchObject({
      tone: 'good',
      text: ['Ann snoozed this until 16:35 UTC.'],
    })
    expect(await ask(`ack ${id.toUpperCase()}`)).toMatchObject({ tone: 'good', text: ['Ann is on it.'] })
    expect(await ask(`incident ${id}`)).toMatchObject({ table: { rows: { length: 3 } } })
    expect(await ask('ack zzzzzzzz')).toMatchObject({ title: 'There is no incident zzzzzzzz' })
  })

  it('decides anew when somebody else was quicker, and gives up with a card in the end', async () => {
    const { id } = await open()
    let lost = 0
    const racing: Store = {
      ...store,
      incidents: {
        ...store.incidents,
        commit: async (changes) => {
          if (lost++ < 2) throw new Conflict('lost')
          return store.incidents.commit(changes)
        },
      },
    }
    expect(await createCommands({ ...options, store: racing }).action('acknowledge', id, message, ANN)).toBeNull()
    expect(await store.incidents.get(id)).toMatchObject({ state: 'acknowledged' })
    lost = -1000
    const other = await open()
    const answer = await createCommands({ ...options, store: racing }).action('acknowledge', other.id, message, ANN)
    expect(answer?.card.title).toBe('That did not work')
  })

  it('shows status and incidents', async () => {
    await open()
    expect(await ask('status')).toMatchObject({
      fields: [{ label: 'Budget' }],
      table: { rows: [['mailgun-eu', 'Mailgun', 'not read yet', 'never', 'never']] },
    })
    expect((await ask('status detail')).fields).toMatchObject([{ label: 'Budget' }, { label: 'Threshold' }])
    expect((await ask('incidents')).table?.rows.length).toBeGreaterThan(0)
  })

  it('silences nothing that is misspelled, and says what was probably meant', async () => {
    expect(await ask('silence provider=gmial 4h warming up')).toMatchObject({
      tone: 'warning',
      text: ['provider=gmial is not a mailbox provider that Bouncebell knows.', 'Did you mean gmail?'],
    })
    expect(await ask('silence source=mailgun-us 4h warming up')).toMatchObject({
      tone: 'warning',
      text: ['source=mailgun-us is not one of the configured sources.', 'Did you mean mailgun-eu?'],
    })
    expect(await options.silences.active(minute(31))).toEqual([])
  })

  it('silences, lists and ends silences, naming who asked', async () => {
    expect(await ask('silence provider=yahoo 4h warming up')).toMatchObject({
      table: { rows: [['1', 'provider=yahoo', '18:35 UTC', 'warming up (Ann)']] },
    })
    expect(await options.silences.active(minute(31))).toHaveLength(1)
    expect(await ask('unsilence 2')).toMatchObject({ tone: 'warning' })
    expect(await ask('unsilence 1')).toMatchObject({ tone: 'good' })
    expect(await ask('silences')).toMatchObject({ title: 'Nothing is silenced' })
  })

  it('stores and shows no address that stands in a reason, a name or a fault', async () => {
    const zoltan: Actor = { platform: 'web', id: 'u9', name: 'zoltan.kowalski@example.com' }
    const forms = [...addressForms(11, 60)].filter(({ text }) => text.length < 150)
    const shown: string[] = []
    const show = async (text: string) => void shown.push(JSON.stringify((await inbound.command(text, zoltan)).card))
    const { id } = await open()
    await inbound.action('acknowledge', id, message, zoltan)
    await inbound.action('snooze-1h', id, message, zoltan)
    for (const { text } of forms) {
      await show(`silence provider=yahoo 4h ${text}`)
      await store.sources.failed('mailgun-eu', 'mailgun', minute(20), {
        problem: text,
        remedy: text,
        pausedUntil: null,
      })
      await show('status')
      const given = await inbound.command(`421 4.7.0 ${text}`, zoltan)
      const shared = await inbound.action('share', shareOf(given.card), null, zoltan)
      // The title is this test's own answer.
      shown.push(JSON.stringify({ ...shared?.card, title: '' }))
      await show('unsilence 1')
    }
    for (const text of ['incidents', `incident ${id}`, `history ${id}`, 'silences', 'replay last 7d']) await show(text)
    shown.push(JSON.stringify([await store.incidents.get(id), await store.incidents.audit(id)]))
    expect(shown.length).toBeGreaterThan(150)
    expect(shown.join()).toContain('{address}')
    const secrets = [...new Set(forms.flatMap((form) => form.secrets)), 'zoltan']
    expect(shown.filter((card) => secrets.some((secret) => card.toLowerCase().includes(secret)))).toEqual([])
  })

  const shareOf = ({ actions }: Card) => actions?.find(({ id }) => id === 'share')?.value ?? 'no button'

  it('takes everything else for a question', async () => {
    const answer = await inbound.command('421 4.7.0 gmail', ANN)
    expect(answer).toMatchObject({ show: 'actor', card: { title: 'About 421 4.7.0 gmail' } })
  })

  describe('sharing an answer', () => {
    it('shows to all the answer that was given, who asked and what, and offers it once', async () => {
      const given = await inbound.command('421 4.7.0 gmail', ANN)
      expect(await inbound.action('share', shareOf(given.card), null, ANN)).toMatchObject({
        show: 'channel',
        card: { title: 'About 421 4.7.0 gmail', text: ['Ann asked /smtp 421 4.7.0 gmail'], actions: [] },
        own: { title: 'About 421 4.7.0 gmail', actions: [] },
      })
      expect(await inbound.action('share', shareOf(given.card), null, { ...ANN, name: 'Bob' })).toMatchObject({
        show: 'actor',
        card: { title: 'Already shared', text: ['Ann shared it.'] },
      })
    })

    it('does nothing a second time', async () => {
      await ask('silence provider=yahoo 4h one')
      await ask('silence provider=gmail 4h two')
      const ended = await ask('unsilence 1')
      expect(ended).toMatchObject({ title: 'Silence ended', text: ['one (Ann)'] })
      expect(await inbound.action('share', shareOf(ended), null, ANN)).toMatchObject({
        card: { title: 'Silence ended', text: ['Ann asked /smtp unsilence 1', 'one (Ann)'] },
      })
      expect(await ask('silences')).toMatchObject({
        table: { rows: [['1', 'provider=gmail', '18:35 UTC', 'two (Ann)']] },
      })
      await ask('unsilence 1')
    })

    it('leaves the buttons of an incident where they are seen to work', async () => {
      const { id } = await open()
      const given = await ask(`incident ${id}`)
      const shared = await inbound.action('share', shareOf(given), null, ANN)
      expect(shared?.card.actions).toEqual([])
      expect(shared?.own?.actions?.map((action) => action.id)).toContain('acknowledge')
    })

    it('shows no address', async () => {
      const given = await inbound.command('550 no such user joe@shop.example', ANN)
      expect(JSON.stringify(given.card.actions)).not.toContain('joe')
      const shared = await inbound.action('share', shareOf(given.card), null, ANN)
      expect(shared?.card.text?.[0]).not.toContain('joe')
      expect(shared?.card.quotes).toEqual(['550 no such user {address}'])
    })

    it('says so where the answer is no longer kept, or another ID is given', async () => {
      expect(await inbound.action('share', '550', null, ANN)).toMatchObject({
        show: 'actor',
        card: { title: 'That answer has expired' },
      })
    })

    it('is not offered for help, nor where it failed', async () => {
      expect(shareOf(await ask('help'))).toBe('no button')
      expect(shareOf(await ask('snooze'))).toBe('no button')
      const broken = { ...options.answers, keep: () => Promise.reject(new Error('full')) }
      const { card } = await createCommands({ ...options, answers: broken }).command('550', ANN)
      expect(card.title).toBe('About 550')
      expect(shareOf(card)).toBe('no button')
    })
  })

  it('replays a period, and helps to correct a verdict', async () => {
    expect((await ask('replay last 7d')).title).toBe(
      `From ${minute(30 - 7 * 1440).toISOString()} to ${minute(30).toISOString()}`,
    )
    expect(await inbound.action('wrong', '550 no', null, ANN)).toMatchObject({
      show: 'actor',
      card: { quotes: ['550 no'] },
    })
  })

  it('answers a failure with a card that says what to do, and nothing of the inside', async () => {
    const failing = (error: Error) => createCommands({ ...options, lookup: () => Promise.reject(error) })
    const known = await failing(new Unavailable('the database does not answer', 'Check that it is up.')).command(
      '550',
      ANN,
    )
    expect(known.card.text).toEqual(['the database does not answer', 'Check that it is up.'])
    const unknown = await failing(new TypeError('password=hunter2')).command('550', ANN)
    expect(JSON.stringify(unknown)).not.toContain('hunter2')
  })
})
