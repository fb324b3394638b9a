import { describe, expect, it } from 'vitest'
import { readProviders } from '../../src/knowledge/rule-files.ts'
import { type KnownNames, unknownNames } from '../../src/smtp/known-names.ts'

const known: KnownNames = { sources: ['mailgun-eu', 'postfix'], providers: readProviders() }

describe('the providers and sources that people name', () => {
  it.each([
    ['gmial', 'Did you mean gmail?'],
    ['Gmail', 'Did you mean gmail?'],
    ['GMAIL', 'Did you mean gmail?'],
    ['outlook', 'Did you mean microsoft?'],
    ['Hotmial', 'Did you mean microsoft?'],
    ['yaho', 'Did you mean yahoo?'],
    ['zzzzzzzzzz', 'Providers are named like gmail, microsoft or yahoo; all others are other.'],
  ])('"%s" is no provider: %s', (provider, remedy) => {
    expect(unknownNames({ provider }, known)).toEqual([
      {
        dimension: 'provider',
        name: provider,
        wrong: 'is not a mailbox provider that Bouncebell knows',
        remedy,
      },
    ])
  })

  it.each([
    ['ses', 'The sources are mailgun-eu, postfix.'],
    ['mailgun-us', 'Did you mean mailgun-eu?'],
    ['Postfix', 'Did you mean postfix?'],
  ])('"%s" is no source: %s', (source, remedy) => {
    expect(unknownNames({ source }, known)).toEqual([
      { dimension: 'source', name: source, wrong: 'is not one of the configured sources', remedy },
    ])
  })

  it.each(['198.51.100.0/24', '198.51.100', '198.51.100.300', 'mx1.example.com', '2001:db8::zz', ' 198.51.100.7'])(
    '"%s" is no IP address',
    (ip) => {
      expect(unknownNames({ ip: ['198.51.100.7', ip] }, known)).toEqual([
        {
          dimension: 'ip',
          name: ip,
          wrong: 'is not an IP address',
          remedy: 'Write one address, such as 198.51.100.7 or 2001:db8::7.',
        },
      ])
    },
  )

  it('takes IP addresses of both kinds', () => {
    expect(unknownNames({ ip: ['198.51.100.7', '2001:db8::7', '2001:DB8::7'] }, known)).toEqual([])
  })

  it('takes every provider of the table, and those that are in no table together', () => {
    const provider = [...known.providers.map(({ id }) => id), 'other']
    expect(unknownNames({ provider, source: ['postfix'] }, known)).toEqual([])
  })

  it('takes any source where none are known', () => {
    expect(unknownNames({ source: 'anything' }, { ...known, sources: null })).toEqual([])
  })
})
