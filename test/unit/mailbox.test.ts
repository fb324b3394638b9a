import { expect, test } from 'vitest'
import { readProviders } from '../../src/knowledge/rule-files.ts'
import { createMailboxes } from '../../src/smtp/mailbox.ts'

const providers = readProviders()
const mailboxes = createMailboxes(providers)

test.each([
  ['gmail.com', undefined, 'gmail'],
  ['GoogleMail.com.', undefined, 'gmail'],
  ['company.example', 'aspmx.l.google.com', 'gmail'],
  ['company.example', 'company-example.mail.protection.outlook.com.', 'microsoft'],
  ['company.example', 'mx0a-00123456.pphosted.com', 'proofpoint'],
  ['company.example', 'eu-smtp-inbound-1.mimecast.com', 'mimecast'],
  ['company.example', 'mx1.company.iphmx.com', 'cisco'],
  ['web.de', 'mx-ha02.web.de', 'webde'],
  ['t-online.de', undefined, 'tonline'],
  ['notgmail.com', undefined, 'other'],
  ['company.example', 'mx.company.example', 'other'],
])('mail for %s at %s goes to %s', (domain, mx, provider) => {
  expect(mailboxes.providerOf(domain, mx)).toBe(provider)
})

test('a domain of its own outweighs the MX that it points to', () => {
  expect(mailboxes.providerOf('aol.com', 'mx.example.net')).toBe('yahoo')
})

test('the names that ESPs use are understood', () => {
  expect(mailboxes.providerFromName('Google Mail')).toBe('gmail')
  expect(mailboxes.providerFromName('Microsoft Hosted')).toBe('microsoft')
  expect(mailboxes.providerFromName('web.de')).toBe('webde')
  expect(mailboxes.providerFromName('A Small Host')).toBe('other')
})

test('no domain, MX suffix or name is claimed twice', () => {
  for (const list of ['domains', 'mx'] as const) {
    const claims = providers.flatMap((provider) => provider[list])
    expect(claims.filter((claim, i) => claims.indexOf(claim) !== i)).toEqual([])
    expect(claims.filter((claim) => claim !== claim.toLowerCase())).toEqual([])
  }
  const ids = providers.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})
