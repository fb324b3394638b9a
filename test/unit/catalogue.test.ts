import { expect, test } from 'vitest'
import { readCodeFiles } from '../../src/knowledge/code-files.ts'
import { readProviders } from '../../src/knowledge/rule-files.ts'
import { createCatalogue } from '../../src/lookup/catalogue.ts'
import { CAUSE_NAMES } from '../../src/smtp/causes.ts'

const catalogue = createCatalogue(readCodeFiles())

// The registry as of 2024-12: subject -> the highest detail of an unbroken row from 0.
// https://www.iana.org/assignments/smtp-enhanced-status-codes
const REGISTRY = { 0: 0, 1: 10, 2: 4, 3: 6, 4: 7, 5: 6, 6: 10, 7: 30 }

// RFC 5321, 4.2.3, then RFC 1845, 1985, 2645, 3207, 4954, 5248, 6531, 7504.
const STANDARD = [
  ...[211, 214, 220, 221, 250, 251, 252, 354, 421, 450, 451, 452, 455, 500, 501, 502, 503, 504],
  ...[550, 551, 552, 553, 554, 555],
  ...[355, 253, 458, 459, 453, 454, 530, 235, 334, 432, 534, 535, 538, 422, 523, 524, 525, 533, 521, 556],
]

test.each(Object.entries(REGISTRY))('every detail of X.%s.X in the registry is there', (subject, last) => {
  for (let detail = 0; detail <= last; detail++) {
    expect(catalogue.get(`X.${subject}.${detail}`), `X.${subject}.${detail}`).toMatchObject({ kind: 'enhanced' })
  }
  expect(catalogue.get(`X.${subject}.X`)).toBeDefined()
})

test('every class, every code of RFC 5321 and of its extensions is there', () => {
  for (const id of ['2.X.X', '4.X.X', '5.X.X']) expect(catalogue.get(id)).toBeDefined()
  for (const code of STANDARD) {
    expect(catalogue.get(String(code)), `${code}`).toMatchObject({ kind: 'code', standard: true })
  }
})

test('every cause has a page of its own', () => {
  for (const cause of CAUSE_NAMES) expect(catalogue.cause(cause)).toMatchObject({ kind: 'cause', causes: [cause] })
})

test('every entry says what it means, what to do, what keeps it away, and where to read on', () => {
  for (const entry of catalogue.entries) {
    const { id, now, avoid, links, causes, means } = entry
    expect(means, id).toMatch(/[.?]$/)
    expect(now.length, id).toBeGreaterThan(0)
    if (causes.length > 0) expect(avoid.length, id).toBeGreaterThan(0)
    expect(links.length, id).toBeGreaterThan(0)
    for (const sentence of [...now, ...avoid]) expect(sentence, id).toMatch(/[.?]['"]?$/)
  }
})

test('every entry fits on a screen', () => {
  for (const { id, title, means, now, avoid, unsaid } of catalogue.entries) {
    expect(title.length, id).toBeLessThanOrEqual(80)
    expect(means.length, id).toBeLessThanOrEqual(240)
    expect(now.length + avoid.length, id).toBeLessThanOrEqual(6)
    for (const sentence of [...now, ...avoid, unsaid ?? '']) expect(sentence.length, id).toBeLessThanOrEqual(170)
  }
})

test('links are https, ids are there once, providers are those of the table', () => {
  const providers = new Set(readProviders().map(({ id }) => id))
  const ids = catalogue.entries.map(({ id }) => id.toLowerCase())
  expect(new Set(ids).size).toBe(ids.length)
  for (const { id, links, provider } of catalogue.entries) {
    for (const { url } of links) expect(new URL(url).protocol, id).toBe('https:')
    if (provider !== null) expect(providers.has(provider), `${id}: ${provider}`).toBe(true)
  }
})

test.each([
  ['tss04', 'yahoo/TSS04'],
  ['tss17', 'yahoo/TSS04'],
  ['bl21', 'yahoo/BL'],
  ['s3140', 'microsoft/S3140'],
  ['s3150', 'microsoft/S3140'],
  ['as77712344', 'microsoft/4.7.500'],
  ['unsolicitedratelimiterror', 'gmail/UnsolicitedRateLimitError'],
  ['dmarcrejection', 'gmail/unauthenticated'],
  ['overquotaperm', 'gmail/OverQuota'],
  ['badrcptdomain', 'gmail/BadRcptDomain'],
  ['5.7.708', 'microsoft/5.7.708'],
  ['hm08', 'apple/HM08'],
  ['cs01', 'apple/HM08'],
  ['rl000001', 'comcast/RL'],
  ['bl000010', 'comcast/BL'],
  ['aup#i', 'spectrum/AUP'],
  ['cxbl', 'cox/CX'],
  ['ib104', 'godaddy/IB'],
  ['ofr_416', 'orange/OFR'],
  ['lpn', 'laposte/LPN'],
  ['hl:rep', 'netease/163'],
  ['pbl', 'spamhaus/PBL'],
  ['css', 'spamhaus/CSS'],
  ['uceprotect', 'uceprotect'],
  ['invaluement', 'invaluement'],
  ['abusix', 'abusix'],
  ['sorbs', 'sorbs'],
  ['cuda_nsu', 'barracuda/cuda'],
])('the token %s leads to %s', (token, id) => {
  expect(catalogue.byKey(token).map((entry) => entry.id)).toContain(id)
})

test.each([
  ['mailbox full', 'mailbox-full'],
  ['user unknown', 'recipient-unknown'],
  ['reverse dns missing', 'sender-dns'],
  ['dkim alignment', 'authentication'],
  ['message is too big', 'message-too-large'],
  ['delist my ip', 'blocklisted'],
])('the words "%s" lead to %s', (words, id) => {
  expect(catalogue.search(words.split(' '))[0]?.id).toBe(id)
})
