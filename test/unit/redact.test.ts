import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRuleFiles } from '../../src/knowledge/rule-files.ts'
import { createClassifier } from '../../src/smtp/classify/classify.ts'
import { examplesOf } from '../../src/smtp/classify/user-rules.ts'
import { redact } from '../../src/smtp/redact.ts'
import { parseReply } from '../../src/smtp/reply/reply.ts'
import { addressForms, UNSPACED } from '../support/address-forms.ts'

const FORMS = 200_000

test(`of ${FORMS.toLocaleString('en')} addresses and names in running text none is left, and a second time changes nothing`, () => {
  const failures: string[] = []
  for (const { text, secrets } of addressForms(1, FORMS)) {
    const said = redact(text)
    const lower = said.toLowerCase()
    if (said.includes('@') || secrets.some((secret) => lower.includes(secret.toLowerCase())))
      failures.push(`${text} -> ${said}`)
    else if (redact(said) !== said) failures.push(`not stable: ${text} -> ${said} -> ${redact(said)}`)
    if (failures.length === 40) break
  }
  expect(failures).toEqual([])
  // A minute on a machine that is busy; how long it takes is not what is tested.
}, 600_000)

test.each(UNSPACED)('what stands around an address without blanks stays: %s...%s', (before, after) => {
  expect(redact(`${before}zoltan.kowalski@example.com${after}`)).toBe(`${before}{address}${after}`)
})

test('any text is masked without an error, no @ is left, and a second time changes nothing', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8, unit: 'binary' }),
    fc.constantFrom(
      '@',
      '"',
      '<',
      '>',
      '(at)',
      ' @ ',
      '%40',
      '=40',
      'a',
      'b.example',
      'user',
      ' ',
      ': ',
      '{address}',
      '\\',
      '(',
      ')',
      'no such user ',
      "'",
      '=\n',
      '&#64;',
      '!',
      '/home/',
      'は',
      'jsmith',
      ' unknown',
      'cn=',
    ),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const said = redact(pieces.join(''))
      expect(said).not.toContain('@')
      expect(redact(said)).toBe(said)
    }),
    { numRuns: 5000 },
  )
}, 600_000)

test('what replies mean is not lost with the names in them: all labelled replies and all examples keep their cause', () => {
  const files = readRuleFiles()
  const { classify } = createClassifier({ files })
  const labelled = readFileSync(new URL('../fixtures/replies.tsv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
  const replies = [...examplesOf(files), ...labelled.map((row) => row.split('\t')[5]!)]
  const changed = replies.filter((reply) => {
    const [before, after] = [reply, redact(reply)].map((text) => classify(parseReply(text)).cause)
    return before !== after
  })
  expect(changed).toEqual([])
})

test.each([
  ['550 5.1.1 No such user here'],
  ['550 Requested action not taken: mailbox unavailable'],
  ['550 5.7.1 RESOLVER.RST.RecipientNotFound; not found'],
  ['554 5.1.1 RCP-P1 No such account here'],
  ['<mail.example.com>: Helo command rejected: Host not found'],
  ['552 5.2.2 Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp'],
  ['550 Mailbox unavailable: Sieve filter error'],
  ['421 4.7.0 [TSS04] Messages from 192.0.2.141 temporarily deferred due to unexpected volume'],
  ['550 5.4.1 Recipient address rejected: Access denied. [AM0EUR02FT029.eop-EUR02.prod.protection.outlook.com]'],
  ['Unable to relay <#5.7.1 smtp;550 5.7.1 Unable to relay> #SMTP#'],
])('what names nobody stays as it is: %s', (text) => {
  expect(redact(text)).toBe(text)
})
