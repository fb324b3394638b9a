import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lookupCard } from '../../src/cards/lookup.ts'
import { answerLookup } from '../../src/commands/lookup-answer.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { planLookup } from '../../src/lookup/lookup.ts'
import type { CounterRow, Store, StoredReply } from '../../src/ports/store/index.ts'
import { parseReply } from '../../src/smtp/reply/reply.ts'
import { openStore } from '../../src/store/index.ts'
import { startPostgres } from '../support/pg-server.ts'
import { minute, row } from '../support/store-rows.ts'

const knowledge = loadKnowledge([])

const SAID = [
  [
    'gmail',
    '421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address. - gsmtp',
  ],
  [
    'yahoo',
    '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints',
  ],
  [
    'microsoft',
    "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Part of their network is on our block list (S3150).",
  ],
  ['gmx', '550 Requested action not taken: mailbox unavailable'],
] as const

const QUESTIONS = [
  '550',
  '421',
  '421 gmail',
  '5.7.26',
  '4.7.28',
  'yahoo tss04',
  'S3140',
  'spamhaus',
  'mailbox full',
  '55O',
  '560',
]
const PASTED = SAID.map(
  ([, said]) => `host mx.example.org[203.0.113.9] said: ${said} (in reply to end of DATA command)`,
)
const ASKED = [...QUESTIONS, ...PASTED]

const HOURS = 7 * 24
const SLICES = 20
/** The questions are asked at the end of the stored week. */
const clock = { now: () => minute(HOURS * 60) }

/** A week of 20 slices, each minute of which has deliveries and failures: about 400 000 counters. */
async function fill(store: Store): Promise<void> {
  const replies = SAID.map(([provider, said]): StoredReply => {
    const { code, enhanced, text } = parseReply(said)
    const verdict = knowledge.classifier.classify({ code, enhanced, text }, provider)
    const { template, cause, signal, retry, rule, named } = verdict
    return { template, provider, code, enhanced, cause, signal, retry, rule, named }
  })
  for (let hour = 0; hour < HOURS; hour++) {
    const rows: CounterRow[] = []
    for (let at = hour * 60; at < (hour + 1) * 60; at++) {
      for (let i = 0; i < SLICES; i++) {
        const reply = replies[i % replies.length]!
        const slice = { provider: reply.provider, ip: `192.0.2.${i}` }
        rows.push(row(at, 40, { slice }), row(at, 1 + (at % 3), { slice, outcome: 'deferred', reply }))
      }
    }
    const window = { from: minute(hour * 60), to: minute((hour + 1) * 60) }
    await store.counters.replaceWindow('mailgun-eu', window, rows, { at: window.to, nextReadAt: null })
  }
}

async function timed(rounds: number, ask: (query: string) => unknown): Promise<string> {
  const times: number[] = []
  for (let i = 0; i < rounds; i++) {
    const from = performance.now()
    await ask(ASKED[i % ASKED.length]!)
    times.push(performance.now() - from)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => `${times[Math.floor(share * (times.length - 1))]!.toFixed(2)} ms`
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, worst ${at(1)} (${rounds} answers)`
}

const context = { now: clock.now(), nameOf: knowledge.mailboxes.nameOf }
const withoutStore = (query: string) => lookupCard(planLookup(query, knowledge), null, context)

async function withStore(name: string, store: Store, print: (line: string) => void): Promise<void> {
  try {
    await fill(store)
    const ask = (query: string) => answerLookup(query, { store, clock, knowledge })
    await timed(ASKED.length, ask)
    print(`${name}, a week of ${SLICES} slices: ${await timed(ASKED.length * 8, ask)}`)
  } finally {
    await store.close()
  }
}

/** Prints how long an answer to `/smtp ...` takes: the pages alone, then with own traffic from a filled store. */
export async function bench(print: (line: string) => void): Promise<void> {
  await timed(1000, withoutStore)
  print(`without a store: ${await timed(20_000, withoutStore)}`)
  const paste = `${PASTED[0]}\n${'x'.repeat(64_000)}`
  print(`a paste of 64 KiB: ${await timed(100, () => withoutStore(paste))}`)

  const dataDir = await mkdtemp(join(tmpdir(), 'bouncebell-bench-'))
  await withStore('PGlite', (await openStore({ dataDir })).store, print)
  await rm(dataDir, { recursive: true, force: true })

  const server = await startPostgres()
  try {
    await withStore('PostgreSQL', (await openStore({ databaseUrl: server.url('postgres') })).store, print)
  } finally {
    await server.stop()
  }
}
