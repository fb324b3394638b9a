import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLexicon, type Lexicon } from '../../src/smtp/matcher/lexicon.ts'

const KNOWN = ['mail', 'email', 'größe', 'почта', '满', 'rate', 'rate*', 'ratelimit*', '{ip}', 's', 'i']

function lexiconOf(words: readonly string[]): { lexicon: Lexicon; wordsIn: (text: string) => string[] } {
  const lexicon = createLexicon()
  const spelling = new Map(words.map((word) => [lexicon.add(word), word]))
  const into = new Int32Array(64)
  return {
    lexicon,
    wordsIn: (text) => Array.from(into.subarray(0, lexicon.read(text, into)), (word) => spelling.get(word) ?? '?'),
  }
}

test.each([
  ['capitals and accents do not matter', 'GRÖSSE grÖße Größe Grosse', ['?', 'größe', 'größe', '?']],
  ['a word is what stands between marks', 'a/mail, (mail)_mail1', ['?', 'mail', 'mail', '?']],
  ['letters of two alphabets do not make one word', 'mailпочтаmail', ['mail', 'почта', 'mail']],
  ['every ideograph is a word', '邮箱满了mail', ['?', '?', '满', '?', 'mail']],
  ['the longest beginning counts', 'rate rates ratelimited', ['rate', 'rate*', 'ratelimit*']],
  ['a placeholder is a word of its own', 'mail{ip}mail {ip', ['mail', '{ip}', 'mail', '?']],
  ['other braces only part words', '{mail} {} {{mail}} {IP} ma{il', ['mail', 'mail', '?', '?', '?']],
  ['e-mail is email', 'E-Mail e-mailing e mail', ['email', '?', '?', 'mail']],
  ['endings are no words', "mail's doesn't 's s i’s", ['mail', '?', 's', 's', 'i']],
])('%s', (_, text, words) => {
  expect(lexiconOf(KNOWN).wordsIn(text)).toEqual(words)
})

test('no more words are read than there is room for', () => {
  const { lexicon } = lexiconOf(KNOWN)
  const into = new Int32Array(3)
  expect(lexicon.read('mail mail mail mail', into)).toBe(3)
})

test('a word that is added later is known from then on', () => {
  const { lexicon, wordsIn } = lexiconOf(KNOWN)
  expect(wordsIn('quota')).toEqual(['?'])
  const into = new Int32Array(1)
  const number = lexicon.add('quot*')
  lexicon.read('quota', into)
  expect(into[0]).toBe(number)
})

test('what was read before changes nothing', () => {
  const used = lexiconOf(KNOWN)
  const part = fc.constantFrom(...KNOWN, 'rates', 'é', '-', "'", ' ', '{', '}', 'E', 't', 'm', 'Ж', '件')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = parts.join('')
      expect(used.wordsIn(text)).toEqual(lexiconOf(KNOWN).wordsIn(text))
    }),
  )
})
