import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { logObserver } from '../../adapters/esp/postfix/observe.ts'
import { readMessages } from '../../adapters/esp/ses/messages.ts'
import { sendingIps } from '../../adapters/esp/ses/sending-ips.ts'
import { follow } from '../../src/jobs/stream.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { createLog } from '../../src/lib/log.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { Unavailable } from '../../src/ports/errors.ts'
import type { Batch } from '../../src/ports/esp.ts'
import { openDatabase } from '../../src/store/db.ts'
import { openStore } from '../../src/store/index.ts'
import { addressForms } from '../support/address-forms.ts'
import { DATABASE_KINDS, freshDatabase } from '../support/store-databases.ts'

const FORMS = 400
const SECRETS =
  /zoltan|quigley|ingeborg|xaviera|wojtek|bjarne|oluwaseun|thandiwe|kowalski|oberhuber|szabolcs|mcgillicuddy|vandersloot|echeverria|nakamura|dufresnoy|jörgensen|çelikoğlu|дмитриева|παπαδοπούλου|łukaszewicz|[^\s"]@[^\s"]/i

const forms = [...addressForms(7, FORMS)].map(({ text }) => text)
const now = new Date()

/** Events of SES that hold addresses wherever people can put them, some of which cannot be read. */
function sesMessages() {
  return forms.flatMap((text, i) => {
    const mail = {
      messageId: `m${i}`,
      source: 'Zoltan Kowalski <zoltan.kowalski@shop.example>',
      tags: {
        'ses:configuration-set': [text],
        'ses:from-domain': [`kowalski@shop.example`],
        campaign: [`to ${'zoltan@shop.example'}`],
      },
      commonHeaders: { subject: `For ${text}`, to: ['"Zoltan Kowalski" <zoltan@example.com>'] },
    }
    const recipient = { emailAddress: `zoltan.kowalski${i}@gmail.com`, diagnosticCode: `smtp; ${text}` }
    const bounce = { timestamp: now.toISOString(), feedbackId: `f${i}`, bouncedRecipients: [recipient] }
    const good = JSON.stringify({ eventType: 'Bounce', mail, bounce })
    return [good, JSON.stringify({ eventType: 'Bounce', mail, bounce: { zoltan: text } }), good.slice(0, -30)].map(
      (Body, j) => ({ Body, MessageId: `s${i}-${j}` }),
    )
  })
}

const postfixLines = () =>
  forms.flatMap((text, i) => {
    const said = text.replace(/=\r?\n/g, '').replace(/\r?\n/g, ' ')
    const line = (status: string) =>
      `${now.toISOString()} mta1 postfix/smtp[7]: 4ABCD${i}: to=<"zoltan kowalski"@gmail.com>, orig_to=<bjarne>, relay=mx.example[192.0.2.1]:25, delay=1, dsn=5.1.1, status=${status} (host mx.example[192.0.2.1] said: ${said})`
    return [line('bounced'), line('kowalski'), line('bounced').replace('4ABCD', '-')]
  })

describe.each(DATABASE_KINDS)('addresses and names from everywhere on %s', (kind) => {
  it('are in no table and in no line of the log', async () => {
    const database = await freshDatabase(kind)
    const written: string[] = []
    const { store } = await openStore(database.options)
    const { classifier, mailboxes } = loadKnowledge([])
    const log = createLog(
      { level: 'debug', format: 'json', color: false },
      { write: (line) => void written.push(line) },
    )
    const batches: Batch[] = [
      await readMessages(sesMessages(), 'campaign', sendingIps(systemClock), now),
      logObserver({ timeZone: 'UTC', ips: {}, ignoreRelays: [] }, systemClock).observe(postfixLines()),
      // What an adapter lets through, the border stops.
      {
        observations: forms.map((text, i) => ({
          kind: 'event',
          id: `raw${i}`,
          at: now,
          outcome: 'bounced',
          reply: text,
          to: { domain: 'gmail.com', mx: 'zoltan@mx.example' },
          dims: { campaign: text, stream: 'Zoltan <kowalski@example.com>' },
        })),
        malformed: forms.map((text, i) => ({ id: `bad${i}`, at: now, problem: `it says ${text}`, body: text })),
      },
    ]
    expect(batches[0]!.malformed).toHaveLength(2 * FORMS)
    expect(batches[1]!.malformed!.length).toBeGreaterThanOrEqual(FORMS)
    const stop = new AbortController()
    const source = {
      kind: 'stream' as const,
      run: async ({ deliver }: { deliver: (batch: Batch) => Promise<void> }) => {
        if (batches.length === 0) return stop.abort()
        for (const batch of batches.splice(0)) await deliver(batch)
        throw new Unavailable('zoltan.kowalski@example.com does not answer')
      },
      ping: async () => {},
    }
    await follow(
      { name: 'ses', type: 'ses', source },
      { store, clock: systemClock, log, tally: { classifier, mailboxes } },
      stop.signal,
    )
    for (const text of forms) {
      log.warn({ problem: text, err: new Error(text) }, `it said: ${text}`)
      log.debug({ err: Object.assign(new Error('refused'), { detail: text }) }, 'a database says why')
    }
    await store.sources.failed('ses', 'ses', now, { problem: 'x', remedy: 'y', pausedUntil: null })
    await store.close()

    const { db, close } = await openDatabase(database.options)
    const tables = await sql<{ name: string }>`select quote_ident(relname) as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`.execute(db)
    const dump: string[] = []
    for (const { name } of tables.rows) {
      const { rows } = await sql<{ line: string }>`select t::text as line from ${sql.raw(name)} t`.execute(db)
      dump.push(...rows.map(({ line }) => `${name}: ${line}`))
    }
    await close()
    await database.drop()
    expect(dump.filter((line) => line.startsWith('malformed')).length).toBeGreaterThanOrEqual(3 * FORMS)
    expect(dump.filter((line) => line.startsWith('replies')).length).toBeGreaterThan(20)
    expect(dump.filter((line) => SECRETS.test(line))).toEqual([])
    expect(written.length).toBeGreaterThan(2 * FORMS)
    expect(written.filter((line) => SECRETS.test(line))).toEqual([])
  }, 300_000)
})
