import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Card } from '../../src/cards/card.ts'
import { helpCard } from '../../src/cards/help.ts'
import { lookupCard, type OwnTraffic } from '../../src/cards/lookup.ts'
import { toText } from '../../src/cards/text.ts'
import { wrongCard } from '../../src/cards/wrong.ts'
import { HELP } from '../../src/cli/help.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { readRuleFiles } from '../../src/knowledge/rule-files.ts'
import { planLookup } from '../../src/lookup/lookup.ts'
import type { Usage } from '../../src/lookup/usage.ts'
import { createClassifier } from '../../src/smtp/classify/classify.ts'
import { parseReply } from '../../src/smtp/reply/reply.ts'

const knowledge = loadKnowledge([])
const files = readRuleFiles()
const now = new Date('2026-03-02T12:00:00Z')
const HOUR = 3_600_000
const context = { now, nameOf: knowledge.mailboxes.nameOf }
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * HOUR)

const NONE: Usage = { total: 0, perHour: [], by: [], firstSeen: null, lastSeen: null }
const usage = (rows: Partial<Usage['by'][number]>[], hours = 24): Usage => {
  const by = rows.map((row) => ({ provider: 'gmail', ip: '', senderDomain: '', source: 'mailgun-eu', n: 100, ...row }))
  const total = by.reduce((sum, { n }) => sum + n, 0)
  return {
    total,
    perHour: Array.from({ length: hours }, (_, i) => ({ at: hoursAgo(i), n: total / hours })),
    by,
    firstSeen: hoursAgo(200),
    lastSeen: hoursAgo(1),
  }
}

/** The card for a question, with own traffic where it is given. */
function cardFor(query: string, own: Partial<OwnTraffic> | null = null): Card {
  const plan = planLookup(query, knowledge)
  return lookupCard(plan, own && { what: 'such replies', day: NONE, week: NONE, incident: null, ...own }, context)
}
const TSS04 =
  '421 4.7.0 [TSS04] Messages from 198.51.100.7 temporarily deferred due to unexpected volume or user complaints'

describe('what it says', () => {
  test.each(['250', '421', '450', '550', '552', '554'])('%s: meaning, what to do, what it does not tell', (code) => {
    const text = toText(cardFor(code))
    expect(text).toContain(`${code}: `)
    expect(text).toContain('What to do now:\n1. ')
    expect(text).toContain('What it does not say: ')
    expect(text).toMatch(/How to (?:prevent it|keep it this way):\n• /)
    expect(text).toContain('https://www.rfc-editor.org/rfc/rfc5321')
  })

  test('a status is shown as it was typed', () => {
    expect(cardFor('4.2.2').title).toBe('4.2.2: mailbox full')
    expect(cardFor('x.2.2').title).toBe('X.2.2: mailbox full')
  })

  test('a 4xx is to be tried again, whatever it is about', () => {
    const retry = (query: string) => cardFor(query).fields?.find(({ label }) => label === 'Retry')?.value
    expect(retry('5.1.1')).toBe('no, never')
    expect(retry('4.1.1')).toBe('yes, unchanged')
    expect(retry('550')).toMatch(/^no, never \(recipient-unknown\); only after a fix \(policy, /)
  })

  test('a provider is told apart from the rest', () => {
    const { title, text } = cardFor('421 gmail')
    expect(title).toBe('421: not now, connection closed (at Gmail)')
    expect(text?.join('\n')).toContain('At Gmail it is usually one of these:\n• Gmail 4.7.28')
  })

  test('a typo is said first', () => {
    expect(cardFor('55O').text?.[0]).toBe('"55O" was read as 550.')
  })

  test('a pasted reply has its cause, its rule and its words', () => {
    const card = cardFor(TSS04)
    expect(card.title).toMatch(/^Yahoo TSS04/)
    expect(card.fields).toContainEqual({ label: 'Retry', value: 'yes, but slower' })
    expect(card.quotes?.[0]).toContain('[TSS04] Messages from {ip} temporarily deferred')
    expect(card.footer).toMatch(/^Rule \S+\.yaml: /)
  })

  test('nothing asks for help; what is unknown says what to try', () => {
    expect(cardFor('')).toBe(helpCard)
    expect(toText(cardFor('zzzqqx'))).toContain('paste the whole reply')
  })
})

describe('own traffic', () => {
  const week = usage(
    [
      { n: 900, ip: '192.0.2.1' },
      { n: 300, provider: 'yahoo', ip: '192.0.2.2' },
    ],
    168,
  )
  const day = usage([{ n: 90, ip: '192.0.2.1' }])

  test('how many, where, since when, and the incident it belongs to', () => {
    const card = cardFor('421', {
      what: 'replies with 421',
      day,
      week,
      incident: { id: 'k3v9x2ab', title: 'Gmail defers', open: true },
    })
    const text = toText(card)
    expect(text).toContain('First seen 2026-02-22 04:00 UTC.')
    expect(text).toContain('Part of incident k3v9x2ab: Gmail defers.')
    expect(text).toContain('Last 24 h: 90: Gmail 100%')
    expect(text).toMatch(/Last 7 days: 1,200: Gmail 75%, Yahoo 25%; 2 IPs/)
    expect(card.table).toEqual({
      columns: ['Provider', 'IP', '7 days'],
      rows: [
        ['Gmail', '192.0.2.1', '900'],
        ['Yahoo', '192.0.2.2', '300'],
      ],
    })
    expect(card.tone).toBe('warning')
  })

  test('sources are told apart where there are several', () => {
    const both = usage([{ source: 'mailgun-eu' }, { source: 'ses' }])
    expect(cardFor('421', { day: both, week: both }).table?.columns).toContain('Source')
  })

  test('the chart holds a week, and every reply of it', () => {
    const { chart } = cardFor('421', { day, week })
    expect(chart?.points).toHaveLength(57)
    const total = chart?.points.reduce((sum, { value }) => sum + value, 0)
    expect(total).toBeCloseTo(1200, 5)
  })

  test('none is said in words, without an empty table', () => {
    const card = cardFor('421', { what: 'replies with 421' })
    expect(toText(card)).toContain('Your own mail: no replies with 421 in the last 7 days.')
    expect(card.table).toBeUndefined()
    expect(card.chart).toBeUndefined()
  })

  test('at most five places, the rest is in the sums', () => {
    const many = usage(Array.from({ length: 40 }, (_, i) => ({ ip: `192.0.2.${i}` })))
    expect(cardFor('421', { day: many, week: many }).table?.rows).toHaveLength(5)
  })
})

describe('buttons', () => {
  test('only a reading can be wrong', () => {
    expect(cardFor('550').actions).toEqual([])
    expect(cardFor(TSS04).actions?.map(({ id }) => id)).toEqual(['wrong'])
  })
})

describe('"Wrong?"', () => {
  const lineOf = (said: string) => {
    const yaml = wrongCard(said, knowledge.classifier).quotes?.[0] ?? ''
    const [, match = '', provider, cause = ''] =
      /- \{ match: ("(?:[^"\\]|\\.)*"), (?:provider: (\S+), )?cause: (\S+) \}$/.exec(yaml) ?? []
    return { match: JSON.parse(match) as string, ...(provider && { provider }), cause: cause as 'policy' }
  }

  test.each([
    TSS04,
    '550 5.1.1 <jane@corp.example>: Recipient address rejected: User unknown in virtual mailbox table',
    "550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. Please contact your Internet service provider.",
    "554 delivery error: dd This user doesn't have a example.com account (user@example.com) [-9]",
    '550 Rejected',
  ])('offers a rule that changes the reading of: %s', (said) => {
    const rule = lineOf(said)
    const before = knowledge.classifier.classify(parseReply(said))
    const after = createClassifier({ files, user: [rule] }).classify(parseReply(said))
    expect(after.cause).toBe(rule.cause)
    expect(after.cause).not.toBe(before.cause)
  })

  test.each([
    // A match between slashes is a regular expression, and this one would take minutes.
    '550 /(\\w+\\s?)+$/',
    '550 /user .* unknown/i',
    '550 "]} , cause: policy } # here',
    "550 it's: {a: b} & *c !!js/function",
    '550 the mail\u202e was refused\u2028 by us',
  ])('quotes what a stranger wrote, so that it stays text: %s', (said) => {
    const yaml = wrongCard(said, knowledge.classifier).quotes?.[0] ?? ''
    const rules = parse(yaml).replies.rules as { match: string; cause: string }[]
    expect(rules).toHaveLength(1)
    expect(Object.keys(rules[0]!).sort()).toEqual(['cause', 'match'])
    expect(rules[0]!.match).not.toMatch(/^\/.*\/i?$/)
    expect(yaml).toMatch(/^[\x20-\x7e\n]*$/)
  })

  test('names the command that says what a rule of yours would take', () => {
    const { footer } = wrongCard(TSS04, knowledge.classifier)
    expect(footer).toContain('bouncebell rules')
    expect(HELP).toMatch(/^ +rules /m)
  })

  test('a bare code has no words to go by', () => {
    expect(wrongCard('550', knowledge.classifier).title).toMatch(/no text/)
  })
})

test('every answer fits on a screen and into a Slack message', () => {
  const long = usage(
    Array.from({ length: 40 }, (_, i) => ({ ip: `2001:db8::${i}`, senderDomain: 'newsletter.example.com' })),
    168,
  )
  const own = {
    what: 'replies with 421 from Gmail',
    day: long,
    week: long,
    incident: { id: 'k3v9x2ab', title: 'Gmail defers 38% of your mail', open: true },
  }
  const entries = knowledge.catalogue.entries.map(({ id, keys }) => keys.find((key) => !/[%*]/.test(key)) ?? id)
  for (const query of [...entries, '421 gmail', '550 microsoft', '554 yahoo', TSS04]) {
    const card = cardFor(query, own)
    const text = toText(card)
    expect(text.split('\n').length, query).toBeLessThanOrEqual(40)
    expect(text.length, query).toBeLessThanOrEqual(2500)
    expect(card.links?.length ?? 0, query).toBeLessThanOrEqual(4)
  }
})

test('any paste gives a card with a title and no address but those that postmasters publish', () => {
  const published = readdirSync(CODES).flatMap((file) => addressesIn(readFileSync(new URL(file, CODES), 'utf8')))
  fc.assert(
    fc.property(fc.string({ maxLength: 300, unit: 'binary' }), (text) => {
      const card = cardFor(text)
      expect(card.title.length).toBeGreaterThan(0)
      if (card !== helpCard) expect(published).toEqual(expect.arrayContaining(addressesIn(toText(card))))
    }),
  )
})

const CODES = new URL('../../src/lookup/codes/', import.meta.url)
const addressesIn = (text: string): string[] => text.match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)*/g) ?? []
