import pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { NO_DETECTION } from '../../src/cards/detection.ts'
import { createCommands } from '../../src/commands/commands.ts'
import { answerLookup } from '../../src/commands/lookup-answer.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import { createKeptAnswers } from '../../src/jobs/kept-answers.ts'
import { createSilences } from '../../src/jobs/silences.ts'
import { readVitals } from '../../src/jobs/vitals.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { readProviders } from '../../src/knowledge/rule-files.ts'
import { type OpenedStore, openStore } from '../../src/store/index.ts'
import { finding } from '../support/findings.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute, reply, row } from '../support/store-rows.ts'
import { CHANNEL, log } from '../support/watch-harness.ts'

const HOURS = 72
const SLICES = 150
const NOW = minute(HOURS * 60 + 20)
/** Everything that a person can ask. `replay` is not among them: it goes through all of the period by design, and says so. */
const ASKED = [
  ...[
    '550',
    '421 gmail',
    '5.7.1',
    'gmail',
    'mailbox full',
    'yahoo tss04',
    'spamhaus',
    '550 5.1.1 <a@b.example>: user unknown',
  ],
  ...[
    'status',
    'incidents',
    'incidents last 30d',
    'new',
    'silences',
    'help',
    'silence provider=yahoo 4h warming up',
    'unsilence 1',
  ],
]

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  Plans?: Plan[]
}

let database: FreshDatabase
let opened: OpenedStore
let client: pg.Client

/** Enough that a sequential scan costs more than the index, as it would be live. */
async function fill(): Promise<void> {
  const { counters } = opened.store
  const said = ['gmail', 'yahoo'].flatMap((provider) => [
    reply({ provider }),
    reply({ provider, code: 550, enhanced: '5.7.1', cause: 'policy', template: 'not welcome' }),
    reply({ provider, code: 550, enhanced: '5.1.1', cause: 'recipient-unknown', template: 'no such user' }),
  ])
  for (let hour = 0; hour <= HOURS; hour += 24) {
    const rows = said.map((each) => row(hour * 60, 1, { outcome: 'bounced', reply: each }))
    const slices = Array.from({ length: SLICES }, (_, i) =>
      row(hour * 60, 1, { slice: { ip: `192.0.2.${i}`, provider: i % 2 ? 'gmail' : 'yahoo' } }),
    )
    const window = { from: minute(hour * 60), to: minute(hour * 60 + 60) }
    await counters.replaceWindow('mailgun', window, [...rows, ...slices], { at: NOW, nextReadAt: null })
  }
  await client.query(
    `insert into counter_hours (source_id, hour, slice_id, outcome, reply_id, n, minutes)
      select s.source_id, h, s.id, case when r = 0 then 0 else 2 end, r, 3, '\\x0503'
      from slices s, generate_series($1::timestamptz, $2::timestamptz, '1 hour') h,
        unnest(array[0] || (select array_agg(id) from replies)) r
      on conflict do nothing`,
    [minute(0), minute(HOURS * 60)],
  )
  await client.query(
    `insert into changes select s.id, h, nextval('changes_revision_seq')
      from sources s, generate_series($1::timestamptz, $2::timestamptz, '1 minute') h on conflict do nothing`,
    [minute(0), minute(HOURS * 60)],
  )
  const fresh = reply({ code: 554, enhanced: null, template: 'a reply that nobody gave before' })
  const last = { from: minute(HOURS * 60), to: minute(HOURS * 60 + 20) }
  await counters.replaceWindow('mailgun', last, [row(HOURS * 60 + 5, 60, { outcome: 'bounced', reply: fresh })], {
    at: NOW,
    nextReadAt: null,
  })
  await opened.store.retention.rollUp(minute(0), minute((HOURS - 20) * 60))
  const trouble = openDelivery(finding(10))
  await opened.store.incidents.commit([{ incident: trouble.incident, from: 0, audit: trouble.audit, deliverTo: [] }])
  await client.query('analyze')
}

beforeAll(async () => {
  database = await freshDatabase('PostgreSQL')
  opened = await openStore(database.options)
  const { databaseUrl } = database.options as { databaseUrl: string }
  client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await fill()
})
afterAll(async () => {
  await client.end()
  await opened.store.close()
  await database.drop()
})

const scansOf = (plan: Plan): string[] => [
  ...(plan['Node Type'].includes('Seq Scan') ? [plan['Relation Name'] ?? ''] : []),
  ...(plan.Plans ?? []).flatMap(scansOf),
]

it('no question of a person reads the counters of minutes or hours from one end to the other', async () => {
  const { store } = opened
  const knowledge = loadKnowledge([])
  const clock = createManualClock(NOW)
  const inbound = createCommands({
    store,
    clock,
    log,
    silences: createSilences(store, []),
    route: () => [CHANNEL],
    lookup: (query) => answerLookup(query, { store, clock, knowledge }),
    wrong: () => ({ title: '', tone: 'info' }),
    replay: async () => ({ title: '', tone: 'info' }),
    sources: [{ id: 'mailgun', name: 'Mailgun' }],
    providers: readProviders(),
    nameOf: knowledge.mailboxes.nameOf,
    detection: async () => NO_DETECTION,
    unreachable: async () => [],
    answers: createKeptAnswers(opened.journal, clock),
    vitals: () => readVitals({ store, clock, sources: ['mailgun'], platforms: ['web'], tickSeconds: 60 }),
  })
  const [incident] = await store.incidents.current(minute(-1_000_000))
  const query = vi.spyOn(pg.Client.prototype, 'query')
  const asked: { text: string; values: unknown[] }[] = []
  try {
    for (const text of [...ASKED, `incident ${incident!.id}`, `ack ${incident!.id}`, `snooze ${incident!.id} 1h`])
      await inbound.command(text, { platform: 'web', id: 'u1', name: 'Ann' })
    for (const [first, values] of query.mock.calls as unknown[][]) {
      const text = typeof first === 'string' ? first : (first as { text?: string }).text
      if (text && /\bcounter|place_days|reply_days/.test(text))
        asked.push({ text, values: (values as unknown[]) ?? [] })
    }
  } finally {
    query.mockRestore()
  }
  expect(await store.replies.firstSeen(minute(HOURS * 60 - 1440))).toHaveLength(1)
  expect(asked.filter(({ text }) => text.includes('counter_hours')).length).toBeGreaterThan(ASKED.length / 2)
  for (const { text, values } of asked) {
    const { rows } = await client.query(`explain (analyze, format json) ${text}`, values)
    const scanned = scansOf((rows[0] as { 'QUERY PLAN': [{ Plan: Plan }] })['QUERY PLAN'][0].Plan)
    expect(
      scanned.filter((name) => /^counter(?:s|_hours)/.test(name)),
      text,
    ).toEqual([])
  }
})
