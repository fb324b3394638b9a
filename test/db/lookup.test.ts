import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toText } from '../../src/cards/text.ts'
import { answerLookup } from '../../src/commands/lookup-answer.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import type { Store, StoredReply } from '../../src/ports/store/index.ts'
import { parseReply } from '../../src/smtp/reply/reply.ts'
import { openStore } from '../../src/store/index.ts'
import { BOUNCE_MESSAGES } from '../support/bounce-messages.ts'
import { finding, slice } from '../support/findings.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { DATABASE_KINDS, type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { minute, row } from '../support/store-rows.ts'

const TSS04 =
  '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints; see https://postmaster.yahooinc.com/error-codes'
const FULL = '552 5.2.2 <jane@example.com>: user is over quota'

const knowledge = loadKnowledge([])

/** As the poll stores it. */
function storedReply(said: string, provider: string): StoredReply {
  const { code, enhanced, text } = parseReply(said)
  const { template, cause, signal, retry, rule, named } = knowledge.classifier.classify(
    { code, enhanced, text },
    provider,
  )
  return { template, provider, code, enhanced, cause, signal, retry, rule, named }
}

describe.each(DATABASE_KINDS)('lookups on %s', (kind) => {
  let database: FreshDatabase
  let store: Store
  const clock = createManualClock(minute(60))
  const ask = async (query: string) => toText(await answerLookup(query, { store, clock, knowledge }))

  beforeAll(async () => {
    database = await freshDatabase(kind)
    store = (await openStore(database.options)).store
    const failed = { outcome: 'deferred' as const, slice: { provider: 'yahoo', ip: '192.0.2.9' } }
    await store.counters.replaceWindow(
      'mailgun-eu',
      { from: minute(0), to: minute(60) },
      [
        row(5, 500),
        row(5, 118, { ...failed, reply: storedReply(TSS04, 'yahoo') }),
        row(6, 3, { outcome: 'bounced', reply: storedReply('550 5.7.1 Access denied', 'gmail') }),
        row(6, 7, { outcome: 'bounced', reply: storedReply(FULL, 'gmail') }),
        row(6, 900, { reply: storedReply('250 2.0.0 OK 1732442761 a640c23a62f3a-aa50b2f8d1esi5.1 - gsmtp', 'gmail') }),
        row(7, 2, { outcome: 'deferred' }),
        row(7, 30, {
          outcome: 'dropped',
          reply: storedReply('605 Not delivering to previously bounced address', 'gmail'),
        }),
      ],
      { at: minute(60), nextReadAt: null },
    )
    const where = { provider: 'yahoo', ip: '192.0.2.9', source: 'mailgun-eu' }
    const trouble = finding(10, {
      signal: 'throttling',
      where,
      slices: [slice({ ...where, senderDomain: 'shop.example' })],
    })
    const { incident, audit } = openDelivery(trouble)
    await store.incidents.commit([{ incident, from: 0, audit, deliverTo: [] }])
  })
  afterAll(async () => {
    await store.close()
    await database.drop()
  })

  it.each(BOUNCE_MESSAGES)('answers a pasted e-mail as the reply in it: $name', async ({ message, cause }) => {
    const answer = await ask(message)
    expect(answer).toContain(cause)
    expect(answer).not.toMatch(/@|zoltan|kowalski/i)
  })

  it('counts a code, says where and since when, and names the incident', async () => {
    const text = await ask('421')
    expect(text).toMatch(/Last 24 h: 118: Yahoo 100%/)
    expect(text).toMatch(/Yahoo +192\.0\.2\.9 +shop\.example +118/)
    expect(text).toMatch(/First seen 10:05 UTC/)
    expect(text).toMatch(/Part of incident \w+: /)
  })

  it('does not say that a reply of one provider belongs to the incident of another', async () => {
    // Never given here in these words, so that what is counted are all replies with this cause: those of Yahoo.
    const text = await ask(
      '421 4.7.28 [198.51.100.9] Our system has detected an unusual rate of unsolicited mail. gsmtp',
    )
    expect(text).toMatch(/rate-limited replies[\s\S]*Last 7 days: 118: Yahoo 100%/)
    expect(text).not.toContain('Part of incident')
  })

  it('does not say that a reply belongs to an incident with another cause in the same place', async () => {
    const text = await ask('421 4.7.1 <jane@example.com>: Temporarily deferred due to poor reputation')
    expect(text).not.toContain('Part of incident')
  })

  it('counts a token that the replies contain', async () => {
    expect(await ask('tss04')).toMatch(/Last 7 days: 118/)
    expect(await ask('yahoo tss04')).toMatch(/Last 7 days: 118/)
    expect(await ask('gmail tss04')).toMatch(/no replies that say "tss04" from Gmail in the last 7 days/)
    // "Access" is not the list CSS.
    expect(await ask('css')).toMatch(/no replies that say "css"/)
  })

  it('counts failures at a provider, not its deliveries, nor what was never tried there', async () => {
    // 3 + 7 bounced, 2 deferred without a reply; 500 delivered without a reply and 900 with one.
    expect(await ask('gmail')).toMatch(/failures at Gmail[\s\S]*Last 7 days: 12: Gmail 100%/)
    expect(await ask('gsmtp ok')).not.toMatch(/900/)
  })

  it('counts by rule', async () => {
    const { rule } = storedReply(FULL, 'gmail')
    const counted = await store.replies.usage({ rule }, minute(0), minute(60))
    expect(counted).toMatchObject({ total: 7, by: [{ provider: 'gmail', n: 7 }] })
    expect((await store.replies.usage({ rule: 'no such rule' }, minute(0), minute(60))).total).toBe(0)
  })

  it('counts a pasted reply by its wording, whoever it went to', async () => {
    expect(await ask(FULL.replace('jane', 'joe'))).toMatch(/replies like this one.*[\s\S]*Last 7 days: 7/)
  })

  it('counts the same cause where the wording is new', async () => {
    expect(await ask('552 5.2.2 The mailbox of the recipient is over quota today')).toMatch(
      /mailbox-full replies[\s\S]*Last 7 days: 7/,
    )
  })

  it('says so where there is none', async () => {
    expect(await ask('554')).toMatch(/Your own mail: no replies with 554 in the last 7 days/)
  })

  it('takes hostile words for words', async () => {
    expect(await ask("hl:rep'; drop table counters; --")).toBeTruthy()
    expect(await ask('cs01')).toMatch(/no replies/)
    expect(await ask('tss04')).toMatch(/Last 7 days: 118/)
  })
})
