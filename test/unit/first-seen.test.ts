import { describe, expect, it } from 'vitest'
import { openBlind } from '../../src/incident/blind.ts'
import type { Incident } from '../../src/incident/incident.ts'
import { openNewReply } from '../../src/incident/new-reply.ts'
import { lookForNewReplies } from '../../src/jobs/first-seen.ts'
import type { FirstSeen } from '../../src/ports/store/replies.ts'
import { minute } from '../support/findings.ts'
import { newReply } from '../support/new-reply.ts'
import { reply } from '../support/store-rows.ts'

const HOURS = 60
const row = (given: Partial<FirstSeen> = {}): FirstSeen => ({
  reply: reply({ provider: 'yahoo', template: 'held' }),
  source: 'mailgun',
  firstSeen: minute(0),
  lastSeen: minute(9),
  n: 70,
  knownSince: minute(-9000),
  ...given,
})

/** Looks at minute 600. */
async function look(current: Incident[], rows: FirstSeen[] = []) {
  const asked: Date[] = []
  const found = await lookForNewReplies(minute(600), current, {
    store: {
      replies: {
        firstSeen: async (since) => {
          asked.push(since)
          return rows
        },
      },
    },
    newReplies: { min: 50 },
    nameOf: (provider) => provider.toUpperCase(),
    linksOf: ({ template }) => [{ label: template, url: 'https://example.com/' }],
  })
  return { asked, found }
}

const told = (since: number, given: Partial<Incident> = {}): Incident =>
  ({ ...openNewReply(newReply({ since: minute(since) }), minute(since + 20)).incident, ...given }) as Incident

describe('a look for new replies', () => {
  it('goes three hours back, and as far before the oldest that is open', async () => {
    expect((await look([])).asked).toEqual([minute(600 - 3 * HOURS)])
    expect((await look([told(400), told(100), told(300)])).asked).toEqual([minute(100 - 3 * HOURS)])
  })

  it('goes no further for what is over, or is no new reply', async () => {
    const over = told(100, { state: 'resolved', resolvedAt: minute(500) })
    const blind = openBlind({ source: 'ses', since: minute(50), problem: '401', remedy: '' }, minute(55)).incident
    expect((await look([over, blind])).asked).toEqual([minute(600 - 3 * HOURS)])
  })

  it('tells what a card needs of each, and how often it must have been given', async () => {
    const { found } = await look([], [row(), row({ reply: reply({ provider: 'other' }), source: 'ses' })])
    expect(found.min).toBe(50)
    expect(found.replies).toMatchObject([
      {
        source: 'mailgun',
        provider: 'yahoo',
        providerName: 'YAHOO',
        code: 421,
        enhanced: '4.7.28',
        template: 'held',
        cause: 'rate-limited',
        signal: 'throttling',
        rule: 'test',
        links: [{ label: 'held', url: 'https://example.com/' }],
        since: minute(0),
        lastAt: minute(9),
        n: 70,
        knownSince: minute(-9000),
      },
      { source: 'ses', providerName: 'other providers' },
    ])
  })
})
