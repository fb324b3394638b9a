import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postfix } from '../../adapters/esp/postfix/index.ts'
import type { Batch, Observation, StreamSource } from '../../src/ports/esp.ts'
import { launchBrowser } from '../support/browser.ts'
import { type Mta, startMta } from '../support/postfix-mta.ts'
import { freePort, type Sink, type SinkReply, startSink } from '../support/postfix-sink.ts'
import { streamContext } from '../support/stream-context.ts'
import { startBouncebell } from './bouncebell.ts'

const IP = '198.51.100.7'
const MINUTE_MS = 60_000

/** What each of them answers once the trouble has begun. Until then, and those not named here, accept. */
const TROUBLE: Record<string, SinkReply> = {
  'yahoo.com': {
    to: 'MAIL',
    soft: true,
    text: `421 4.7.0 [TSS04] Messages from ${IP} temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes`,
  },
  'gmail.com': {
    to: '.',
    soft: true,
    text: `421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address [${IP}]. To protect our users from spam, mail sent from your IP address has been temporarily rate limited.`,
  },
  'outlook.com': {
    to: 'RCPT',
    soft: false,
    text: `554 5.7.1 Service unavailable; Client host [${IP}] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/${IP}`,
  },
}
const DOMAINS = [...Object.keys(TROUBLE), 'gmx.de', 'orange.fr', 'icloud.com']
const PER_ROUND = 60

describe('a Postfix whose mail other servers begin to refuse', () => {
  const sinks = new Map<string, Sink>()
  const sent: Record<string, number> = {}
  let mta: Mta

  beforeAll(async () => {
    for (const domain of DOMAINS) sinks.set(domain, await startSink(await freePort(), 'accept'))
    mta = await startMta(Object.fromEntries([...sinks].map(([domain, { port }]) => [domain, port])))
  })
  afterAll(async () => {
    await mta?.stop()
    for (const sink of sinks.values()) await sink.stop()
  })

  async function sendRound() {
    for (const domain of DOMAINS) {
      await mta.send(PER_ROUND, `person@${domain}`)
      sent[domain] = (sent[domain] ?? 0) + PER_ROUND
    }
  }

  const totalSent = () => Object.values(sent).reduce((sum, n) => sum + n, 0)

  async function beginTrouble() {
    // What is on its way is to arrive first: a connection refused would be a trouble of another kind.
    while ((await mta.attempts()) < totalSent()) await wait(200)
    for (const [domain, reply] of Object.entries(TROUBLE)) {
      const { port, stop } = sinks.get(domain)!
      await stop()
      sinks.set(domain, await startSink(port, reply))
    }
  }

  /** Sends round after round until the page shows all the texts: after two minutes of history an alarm takes about six. */
  async function sendUntil(page: Page, texts: RegExp[]) {
    const shown = Promise.all(
      texts.map((text) =>
        page
          .getByText(text)
          .first()
          .waitFor({ timeout: 9 * MINUTE_MS }),
      ),
    )
    let isShown = false
    const done = shown.finally(() => {
      isShown = true
    })
    while (!isShown) {
      await sendRound()
      await Promise.race([done, wait(5000)])
    }
    await done
  }

  test('becomes a card in the page that names the mailbox provider and the IP', {
    timeout: 12 * MINUTE_MS,
  }, async () => {
    const source = { id: 'mta1', type: 'postfix', path: mta.log, ip: IP, ignoreRelays: [] }
    await sendRound()
    await using closing = new AsyncDisposableStack()
    const bouncebell = await startBouncebell(source)
    closing.defer(bouncebell.stop)
    const browser = await launchBrowser()
    closing.defer(() => browser.close())
    const page = await browser.newPage()
    await page.goto(bouncebell.url)

    const nextMinute = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS
    while (Date.now() < nextMinute) {
      await sendRound()
      await wait(Math.min(5000, Math.max(0, nextMinute - Date.now())))
    }
    await beginTrouble()
    await sendUntil(page, [/Yahoo/, /Gmail/, /Microsoft/])

    const told = await page.getByRole('main').textContent()
    expect(told).toContain(IP)
    for (const said of ['[TSS04]', 'unusual rate of unsolicited mail', 'blocked using Spamhaus'])
      expect(told).toContain(said)
    for (const healthy of ['GMX', 'Orange', 'Apple']) expect(told).not.toContain(healthy)
    expect(told).not.toContain('person@')
  })

  test('is counted message by message', async () => {
    const observations: Observation[] = []
    const stop = new AbortController()
    const deliver = async (batch: Batch) => {
      expect(batch.malformed).toEqual([])
      observations.push(...batch.observations)
      if (observations.length >= totalSent()) stop.abort()
    }
    const config = postfix.config.parse({ path: mta.log, ip: IP, ignoreRelays: [] })
    await (postfix.open(config, streamContext()) as StreamSource).run({ position: null, deliver }, stop.signal)

    const byDomain: Record<string, number> = {}
    for (const it of observations) if (it.kind === 'event') byDomain[it.to.domain] = (byDomain[it.to.domain] ?? 0) + 1
    expect(byDomain).toEqual(sent)
    expect(new Set(observations.map(({ dims }) => `${dims.ip} ${dims.senderDomain}`))).toEqual(
      new Set([`${IP} brand.example`]),
    )
    for (const [domain, reply] of Object.entries(TROUBLE)) {
      const refusals = observations.filter(
        (it) => it.kind === 'event' && it.to.domain === domain && it.outcome !== 'delivered',
      )
      expect(refusals.length).toBeGreaterThan(0)
      for (const refusal of refusals) expect(refusal.reply).toContain(reply !== 'accept' && reply.text)
    }
  })
})
