import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { type PagePlan, planLookup, type ReplyPlan } from '../../src/lookup/lookup.ts'

const knowledge = loadKnowledge([])
const plan = (text: string) => planLookup(text, knowledge)
const page = (text: string) => plan(text) as PagePlan
const reply = (text: string) => plan(text) as ReplyPlan
const FAILED = ['deferred', 'bounced', 'dropped']
const alsoOf = ({ also }: { also: readonly { id: string }[] }) => also.map(({ id }) => id)

describe('a question', () => {
  test.each([
    ['550', '550'],
    ['smtp 550', '550'],
    ['error 550?', '550'],
    ['5.7.1', 'X.7.1'],
    ['4.2.2', 'X.2.2'],
    ['x.7.23', 'X.7.23'],
    ['5.7.26', 'gmail/unauthenticated'],
    ['421 4.7.28', 'gmail/UnsolicitedRateLimitError'],
    ['421-4.7.28', 'gmail/UnsolicitedRateLimitError'],
    ['421 gmail', '421'],
    ['gmail 421', '421'],
    ['yahoo tss04', 'yahoo/TSS04'],
    ['[TSS04]', 'yahoo/TSS04'],
    ['S3140', 'microsoft/S3140'],
    ['AS77712344', 'microsoft/4.7.500'],
    ['spamhaus', 'spamhaus'],
    ['spamhaus pbl', 'spamhaus/PBL'],
    ['gmail dkim', 'authentication'],
    ['comcast ptr', 'comcast/PTR'],
    ['zen.spamhaus.org', 'spamhaus'],
    ['mailbox full', 'mailbox-full'],
    ['user unknown', 'recipient-unknown'],
    ['greylisting', 'greylisted'],
    ['rate limit gmail', 'rate-limited'],
    ['gmail', 'gmail'],
    ['google mail', 'gmail'],
    ['t-online', 'tonline/BL'],
    ['how do I warm up', 'warm-up'],
    ['blocked', 'blocklisted'],
    ['soft bounce', 'soft-bounce'],
    ['soft bounces', 'soft-bounce'],
    ['hard bounce', 'hard-bounce'],
    ['bounce', 'hard-bounce'],
    ['bounce rate', 'hard-bounce'],
    ['feedback loop', 'complaint'],
    ['FBL', 'complaint'],
    ['1&1', 'ionos'],
    ["550' OR 1=1", '550'],
  ])('"%s" is answered by %s', (text, id) => {
    expect(page(text)).toMatchObject({ kind: 'page', entry: { id } })
  })

  test('a provider sharpens a code: its own pages come beside it, and only its traffic counts', () => {
    const asked = page('421 gmail')
    expect(asked.provider).toBe('gmail')
    expect(alsoOf(asked)[0]).toBe('gmail/UnsolicitedRateLimitError')
    expect(asked.traffic[0]?.filter).toEqual({ code: 421, provider: 'gmail' })
  })

  test("another provider's reading of the same status is left out", () => {
    const asked = page('421 4.7.28 yahoo')
    expect(asked.entry.id).toBe('X.7.28')
    expect(alsoOf(asked)).not.toContain('gmail/UnsolicitedRateLimitError')
  })

  test('where several fit, the others are named', () => {
    expect(alsoOf(page('5.7.26'))).toContain('X.7.26')
    expect(alsoOf(page('421 4.7.28'))).toEqual(expect.arrayContaining(['X.7.28', '421']))
  })

  test.each([
    ['550', { code: 550 }],
    ['5.7.26', { enhanced: '5.7.26' }],
    ['421 4.7.28', { code: 421, enhanced: '4.7.28' }],
    ['mailbox full', { cause: 'mailbox-full', outcomes: FAILED }],
    ['tss04', { word: 'tss04', outcomes: FAILED }],
    ['yahoo tss04', { word: 'tss04', provider: 'yahoo', outcomes: FAILED }],
    ['spamhaus', { word: 'spamhaus', outcomes: FAILED }],
    // What was dropped was never tried there.
    ['gmail', { provider: 'gmail', outcomes: ['deferred', 'bounced'] }],
  ])('own traffic for "%s" is counted by %j', (text, filter) => {
    expect(page(text).traffic.map((each) => each.filter)).toEqual([filter])
  })

  test('a success has no traffic to show, since deliveries carry no text', () => {
    expect(page('250').traffic).toEqual([])
  })

  test('a pattern of statuses counts nothing rather than everything', () => {
    expect(page('x.7.1').traffic).toEqual([])
  })

  test('a known provider without codes of its own says so', () => {
    expect(page('kpn').entry).toMatchObject({ id: 'kpn', causes: [] })
  })

  test('nothing asks for help', () => {
    expect(plan('  \n ')).toEqual({ kind: 'help' })
  })

  test('what nobody knows is said to be unknown', () => {
    expect(plan('zzzqqx')).toMatchObject({ kind: 'nothing', query: 'zzzqqx' })
  })
})

describe('a slip of the pen', () => {
  test.each([
    ['55O', '550', /"55O" was read as 550/],
    ['S50', '550', /"S50" was read as 550/],
    ['4Z1', '421', /was read as 421/],
    ['5.7.l', 'X.7.1', /was read as 5\.7\.1/],
    ['spamhuas', 'spamhaus', /was read as spamhaus/],
    ['greylistng', 'greylisted', /was read as greylisting/],
    ['tss', 'yahoo/TSS04', /was read as tss04/],
    ['spamco', 'spamcop', /"spamco" was read as spamcop\./],
  ])('"%s" is taken for %s, and the answer says so', (text, id, note) => {
    expect(page(text).entry.id).toBe(id)
    expect(page(text).note).toMatch(note)
  })

  test.each([
    ['outlok 550', 'microsoft', { code: 550, provider: 'microsoft' }, '"outlok" was read as outlook.'],
    ['550 outlok', 'microsoft', { code: 550, provider: 'microsoft' }, '"outlok" was read as outlook.'],
    ['gmial 421', 'gmail', { code: 421, provider: 'gmail' }, '"gmial" was read as gmail.'],
    ['gmial', 'gmail', { provider: 'gmail', outcomes: ['deferred', 'bounced'] }, '"gmial" was read as gmail.'],
    ['421 hotmial', 'microsoft', { code: 421, provider: 'microsoft' }, '"hotmial" was read as hotmail.'],
  ])('"%s" keeps its provider, and the answer says how it was read', (text, provider, filter, note) => {
    const asked = page(text)
    expect(asked.provider).toBe(provider)
    expect(asked.traffic[0]?.filter).toEqual(filter)
    expect(asked.note).toContain(note)
  })

  test('an uncertain reading names what else it may be', () => {
    expect(page('421 tita').note).toMatch(/"tita" was read as tuta\. It may also be titan\./)
  })

  test('what is not understood beside a code is said to be left out', () => {
    const asked = page('550 frobnicate')
    expect(asked.entry.id).toBe('550')
    expect(asked.note).toContain('"frobnicate" was not understood')
  })

  test('what only has words in common with a page is said to be a guess', () => {
    expect(page('quarantine').note).toContain('Nothing is called "quarantine"')
  })

  test.each(['incidents today', 'incidents last 30d'])('"%s": one word of several is no answer', (text) => {
    expect(plan(text).kind).toBe('nothing')
  })

  test.each(['rate', 'email', 'mail', 'domain', 'relay', 'soft'])('"%s" is no slip of a name', (text) => {
    const asked = plan(text)
    expect(('note' in asked && asked.note) || '').not.toMatch(/was read as/)
  })

  test('no ordinary number or sign is a provider', () => {
    for (const text of ['1=1', '11', '1 1', '126%', '-163-']) expect(page(text).provider ?? null, text).toBeNull()
  })

  test('a code that nobody uses leads to the nearest, with the reason', () => {
    const asked = page('560')
    expect(asked.entry.id).toBe('550')
    expect(asked.note).toMatch(/560 is in no standard.*Nearest is 550.*failure for good/)
    expect(asked.traffic[0]?.filter).toEqual({ code: 550 })
  })

  test('an unregistered status leads to its subject and class', () => {
    const asked = page('5.7.99')
    expect([asked.entry.id, ...alsoOf(asked)]).toEqual(['X.7.X', '5.X.X'])
    expect(asked.note).toMatch(/not in IANA's registry/)
  })

  test("a provider's own status is no slip", () => {
    expect(page('5.7.515')).toMatchObject({ entry: { id: 'microsoft/5.7.515' }, note: null })
  })
})

describe('a pasted reply', () => {
  const TSS04 =
    '421 4.7.0 [TSS04] Messages from 198.51.100.7 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes'

  test.each([
    ['550 user unknown', 'recipient-unknown', 'recipient-unknown'],
    [
      '550 5.1.1 <jane@corp.example>: Recipient address rejected: User unknown',
      'recipient-unknown',
      'recipient-unknown',
    ],
    [TSS04, 'rate-limited', 'yahoo/TSS04'],
    [
      'host mx[203.0.113.9] said: 554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org (in reply to RCPT TO command)',
      'blocklisted',
      'spamhaus',
    ],
    [
      "550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
      'blocklisted',
      'microsoft/S3140',
    ],
    [
      '550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP. AS(7230) [DM6NAM11FT088.eop-nam11.prod.protection.outlook.com]',
      'reputation',
      'microsoft/5.7.708',
    ],
    ['The mailbox of the recipient is over quota', 'mailbox-full', 'mailbox-full'],
  ])('%s', (text, cause, id) => {
    expect(reply(text)).toMatchObject({ kind: 'reply', verdict: { cause }, entry: { id } })
  })

  test('a whole delivery status notification is read by its failure', () => {
    const asked = reply(
      [
        'This is the mail system at host mail.sender.example.',
        '',
        'Final-Recipient: rfc822; jane@example.com',
        'Action: failed',
        'Status: 5.2.2',
        'Diagnostic-Code: smtp; 552 5.2.2 <jane@example.com>: user is',
        '    over quota',
        '',
        'Content-Type: message/rfc822',
        'Subject: 554 5.7.1 spam',
      ].join('\n'),
    )
    expect(asked).toMatchObject({ reply: { code: 552, enhanced: '5.2.2' }, verdict: { cause: 'mailbox-full' } })
  })

  test('own traffic is looked for from the very wording to the cause', () => {
    const filters = reply(TSS04).traffic.map(({ filter }) => Object.keys(filter).sort().join('+'))
    expect(filters).toEqual(['template', 'cause+outcomes+provider', 'cause+outcomes'])
  })

  test('what is passed on to others holds no address, and leads to the same answer', () => {
    const first = reply('550 5.1.1 <jane@corp.example>: Recipient address rejected: User unknown')
    expect(first.query).not.toContain('@')
    expect(first.query).not.toContain('jane')
    const again = reply(first.query)
    expect(again.query).toBe(first.query)
    expect(again.traffic).toEqual(first.traffic)
  })
})

describe('hostile input', () => {
  const nasty = fc.oneof(
    fc.string({ maxLength: 300, unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          '550',
          '5.7.1',
          'TSS04',
          '<!channel>',
          '@',
          '\n',
          '\t',
          '\u0000',
          '{ip}',
          '(',
          '[',
          '*',
          '#',
          'smtp;',
          'gmail',
          '%',
        ),
        {
          maxLength: 60,
        },
      )
      .map((parts) => parts.join(' ')),
  )

  test('never throws, and hands on no address and no more than a button takes', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const asked = plan(text)
        if (asked.kind === 'help') return
        expect(asked.query.length).toBeLessThanOrEqual(1500)
        expect(asked.query).not.toContain('@')
      }),
      { numRuns: 400 },
    )
  })

  test.each([
    ['a long word', 'a'.repeat(200_000)],
    ['many codes', '550 5.7.1 '.repeat(30_000)],
    ['many lines', 'Diagnostic-Code: smtp; 550 x\n\n'.repeat(20_000)],
    ['many brackets', '[('.repeat(60_000)],
    ['many at signs', 'a@'.repeat(60_000)],
    ['many blanks', `550${' '.repeat(100_000)}x`],
  ])('%s is answered', (_, text) => {
    expect(plan(text).kind).toMatch(/reply|nothing|page/)
  })
})
