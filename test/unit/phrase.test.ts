import { expect, test } from 'vitest'
import { readForbidden, readPatterns } from '../../src/smtp/matcher/phrase.ts'
import { misspellings } from '../../src/smtp/matcher/spelling.ts'

const classes = { USER: ['user', 'mail box'], VOID: ['void USER'] }
const words: string[] = []
const number = (word: string) => [words.includes(word) ? words.indexOf(word) : words.push(word) - 1]
const said = (phrase: { ways: number[][]; gap: number }[]) =>
  phrase
    .map(({ ways, gap }) => `${gap || ''}${ways.map((way) => way.map((one) => words[one]).join('+')).join('/')}`)
    .join(' ')

test('a phrase is read with its gaps, its alternatives and what may be missing', () => {
  expect(readPatterns('no such (mail) user/box .. here', {}, number).map(({ all }) => all.map(said))).toEqual([
    ['no such mail user/box 3here'],
    ['no such user/box 3here'],
  ])
})

test('a class is its words and its phrases in one place', () => {
  expect(readPatterns('VOID & !full', classes, number).map(({ all, none }) => [...all, ...none].map(said))).toEqual([
    ['void+user/void+mail+box', 'full'],
  ])
  expect(() => readPatterns('NOBODY', classes, number)).toThrow(/"NOBODY" speaks of NOBODY, which is no class of words/)
})

test('what only forbids, or forbids a combination, is refused', () => {
  expect(() => readPatterns('!user', classes, number)).toThrow(/says only what must not be there/)
  expect(readForbidden('no USER', classes, number).map(said)).toEqual(['no user/mail+box'])
  expect(() => readForbidden('server not found & !user', classes, number)).toThrow(/a line of `not` is one phrase/)
})

test('brackets within a word are refused, for they would be read as two words', () => {
  expect(() => readPatterns('mx record(s)', {}, number)).toThrow(/only a whole word may be missing/)
})

test('a misspelling is told by the right word, and anything else is refused', () => {
  expect(misspellings({ MISSPELT: ['unkown = unknown', 'uknown = unknown'] }).get('unknown')).toEqual([
    'unkown',
    'uknown',
  ])
  expect(misspellings({}).size).toBe(0)
  expect(() => misspellings({ MISSPELT: ['unkown'] })).toThrow(/write "recieved = received"/)
})
