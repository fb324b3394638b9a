import { expect, test } from 'vitest'
import { domainOf } from '../../src/lib/address.ts'
import { eventId } from '../../src/lib/event-id.ts'

test.each([
  ['ann@gmail.com', 'gmail.com'],
  ['<ann@Gmail.COM.>', 'gmail.com'],
  ['Ann <ann@gmail.com>', 'gmail.com'],
  ['"a@b"@gmail.com', 'gmail.com'],
  ['ann@bücher.example', 'bücher.example'],
  ['ann@', null],
  ['ann', null],
  ['', null],
  ['@', null],
])('the domain of %s is %s', (address, domain) => {
  expect(domainOf(address)).toBe(domain)
})

test('an event’s id tells its parts apart', () => {
  expect(eventId('a', 'bc')).toBe(eventId('a', 'bc'))
  expect(eventId('a', 'bc')).not.toBe(eventId('ab', 'c'))
  expect(eventId('ann@gmail.com')).toMatch(/^[\w-]{22}$/)
})
