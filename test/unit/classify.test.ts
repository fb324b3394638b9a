import { describe, expect, test } from 'vitest'
import { readRuleFiles } from '../../src/knowledge/rule-files.ts'
import { createClassifier } from '../../src/smtp/classify/classify.ts'
import { examplesOf, reviewUserRules } from '../../src/smtp/classify/user-rules.ts'
import { parseReply } from '../../src/smtp/reply/reply.ts'

const files = readRuleFiles()
const classifier = createClassifier({ files })
const classify = (raw: string, provider?: string) => classifier.classify(parseReply(raw), provider)

describe('the text outweighs the code', () => {
  test.each([
    ['550 5.1.1 rejected, 192.0.2.1 is listed by zen.spamhaus.org', 'blocklisted'],
    ['550 mailbox unavailable, see https://www.spamhaus.org/query/ip/192.0.2.1', 'blocklisted'],
    ['554 5.7.1 <a@b.example>: Relay access denied', 'relay-denied'],
    ['421 the mailbox is full', 'mailbox-full'],
    ['550 5.7.1 SPF check failed', 'authentication'],
    ['450 4.1.8 <a@b.example>: Sender address rejected: Domain not found', 'sender-dns'],
    ['550 5.4.1 Recipient address rejected: Access denied', 'recipient-unknown'],
    ['421 4.7.1 temporarily deferred due to user complaints', 'rate-limited'],
    ['550 user unknown (account over quota)', 'mailbox-full'],
    ['550 5.1.1 Das Postfach existiert nicht', 'recipient-unknown'],
    ['550 5.1.1 宛先不明', 'recipient-unknown'],
  ])('%s', (raw, cause) => {
    expect(classify(raw).cause).toBe(cause)
  })
})

test('without telling text the enhanced code speaks, and without that the code', () => {
  expect(classify('550 5.1.1 xyzzy')).toMatchObject({
    cause: 'recipient-unknown',
    rule: 'enhanced.yaml: recipient-unknown/bad-destination',
  })
  expect(classify('552 xyzzy')).toMatchObject({
    cause: 'mailbox-full',
    rule: 'codes.yaml: mailbox-full/storage-exceeded',
  })
  expect(classify('xyzzy')).toMatchObject({ cause: 'unknown', signal: null, rule: 'none' })
})

test('a word that only says no yields to the enhanced code, and decides where there is none', () => {
  expect(classify('550 5.1.1 Rejected').cause).toBe('recipient-unknown')
  expect(classify('550 Rejected').cause).toBe('policy')
  expect(classify('550 5.5.0 Mail refused').cause).toBe('policy')
})

test.each([
  'If you believe this is an error, contact postmaster@example.com.',
  'See our mail policy at https://example.com/policy',
  'Your message was not delivered.',
  'Please contact the recipient by other means.',
  'Please resolve this and try again.',
  'Giving up on 192.0.2.1.',
])('a sentence behind the reason does not decide: %s', (sentence) => {
  for (const [reason, cause] of [
    ['550 5.2.1 The mailbox is disabled.', 'recipient-inactive'],
    ['550 5.1.2 No such domain.', 'domain-invalid'],
    ['451 4.3.5 Server configuration problem.', 'receiver-fault'],
    ['550 5.7.1 Only approved senders may write to this recipient.', 'policy'],
  ] as const)
    expect(classify(`${reason} ${sentence}`).cause, reason).toBe(cause)
})

test('an answer names its rule, the list, where to ask for delisting, and who speaks', () => {
  expect(
    classify(
      '550 5.7.1 Unfortunately, messages from [192.0.2.1] weren’t sent. part of their network is on our block list (S3140). [x.prod.protection.outlook.com]',
    ),
  ).toMatchObject({
    cause: 'blocklisted',
    signal: 'blocking',
    retry: 'after-fix',
    move: 'sender IP or domain',
    provider: 'microsoft',
    rule: 'microsoft.yaml: blocklisted/block-list',
    names: ['Microsoft S3140/S3150'],
    link: 'https://olcsupport.office.com/',
    named: true,
  })
  expect(classify('554 5.7.1 blocked using zen.spamhaus.org').names).toEqual(['Spamhaus ZEN'])
  expect(
    classify('421 4.7.28 unusual rate https://support.google.com/mail/?p=UnsolicitedRateLimitError - gsmtp'),
  ).toMatchObject({
    rule: 'gmail.yaml: rate-limited/unsolicited',
    provider: 'gmail',
  })
})

test('a template is classified as the reply that it was made from', () => {
  const forgetful = createClassifier({ files, cache: 0 })
  for (const example of examplesOf(files)) {
    const reply = parseReply(example)
    const verdict = forgetful.classify(reply)
    expect(forgetful.classify({ ...reply, text: verdict.template })).toEqual(verdict)
  }
})

test('an answer is kept by template, and not given for another code or provider', () => {
  const small = createClassifier({ files, cache: 1 })
  const xyzzy = (code: number, provider?: string) =>
    small.classify({ code, enhanced: null, text: 'xyzzy {n}' }, provider)
  expect(xyzzy(552)).toBe(xyzzy(552))
  expect(xyzzy(552).cause).toBe('mailbox-full')
  expect(xyzzy(554).cause).toBe('policy')
  expect(xyzzy(552, 'gmail')).not.toBe(xyzzy(552, 'yahoo'))
})

describe('the rules of the user', () => {
  const answer = (user: Parameters<typeof createClassifier>[0]['user'] & {}, raw: string, provider?: string) =>
    createClassifier({ files, user }).classify(parseReply(raw), provider)

  test('go first, whether by words, by a whole reply or by a regular expression', () => {
    const raw = '550 5.1.1 <a@b.example>: user unknown in 3 tables'
    expect(answer([{ match: 'user unknown', cause: 'policy' }], raw)).toMatchObject({
      cause: 'policy',
      rule: 'replies.rules[0]: policy',
    })
    expect(answer([{ match: raw, cause: 'policy' }], raw.replace('3', '17'))).toMatchObject({ cause: 'policy' })
    expect(answer([{ match: '/unknown in \\{n\\}/', cause: 'policy' }], raw)).toMatchObject({ cause: 'policy' })
    expect(answer([{ match: '421 user unknown', cause: 'policy' }], raw)).toMatchObject({ cause: 'recipient-unknown' })
  })

  test('are no proof: what they read is not counted as naming its cause', () => {
    const raw = '550 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org'
    expect(answer([], raw).named).toBe(true)
    for (const match of ['blocked using', raw, '/blocked using/']) {
      expect(answer([{ match, cause: 'policy' }], raw), match).toMatchObject({ cause: 'policy', named: false })
    }
  })

  test('may be for one provider only', () => {
    const rule = { match: 'user unknown', provider: 'gmx', cause: 'policy' as const }
    expect(answer([rule], '550 user unknown', 'gmx').cause).toBe('policy')
    expect(answer([rule], '550 user unknown', 'yahoo').cause).toBe('recipient-unknown')
  })

  test('what they override, and which are shadowed or unused, is said', () => {
    const user = [
      { match: 'greylisted', cause: 'policy' as const },
      { match: 'greylisted see', cause: 'policy' as const },
      { match: 'plugh', cause: 'policy' as const },
    ]
    const [first, second, third] = reviewUserRules(user, files, examplesOf(files).map(parseReply))
    expect(first?.overrides[0]?.rule).toBe('greylisted.yaml: greylisted/greylisting')
    expect(second).toMatchObject({ shadowedBy: [0] })
    expect(third).toMatchObject({ matches: 0, overrides: [], shadowedBy: [] })
  })

  test('change the hash, by which stored replies are classified anew', () => {
    const other = createClassifier({ files, user: [{ match: 'xyzzy', cause: 'policy' }] })
    expect(other.hash).not.toBe(classifier.hash)
    expect(createClassifier({ files }).hash).toBe(classifier.hash)
  })
})
