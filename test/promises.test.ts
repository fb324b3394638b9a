import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { EXPLANATIONS, PROMISES } from './promises.ts'

const root = resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** Never or always anywhere, or a clause that begins with each. */
const PROMISE = /\b(never|always)\b|(^|[:;,(|]\s|\b(and|that|so)\s)[*_`-]*\s?each\b/i

function sentencesOf(markdown: string): string[] {
  return (
    markdown
      .replace(/^```[\s\S]*?^```/gm, '')
      // Paragraphs, headings, and items of lists and tables.
      .split(/\n\s*\n|(?<=^#.*)\n|\n(?=\s*(?:[-*|]|#+|\d+\.)\s)/m)
      .map((block) => block.replace(/\s+/g, ' ').trim())
      .flatMap((block) => block.split(/(?<=[.!?])\s+(?=[A-Z`*"])/))
  )
}

const sentences = ['README.md', ...globSync('docs/*.md', { cwd: root })]
  .flatMap((file) => sentencesOf(read(file)).map((sentence) => `${file}: ${sentence}`))
  .filter((sentence) => PROMISE.test(sentence.slice(sentence.indexOf(': ') + 2)))
const known = [...PROMISES.map(({ promise }) => promise), ...EXPLANATIONS]

test('every sentence of the docs that says never, always or each has a test named in test/promises.ts', () => {
  expect(sentences.length).toBeGreaterThan(30)
  expect(sentences.filter((sentence) => !known.some((words) => sentence.includes(words)))).toEqual([])
})

test('every promise in test/promises.ts is made in the docs', () => {
  expect(known.filter((words) => !sentences.some((sentence) => sentence.includes(words)))).toEqual([])
})

test.each([...new Set(PROMISES.flatMap(({ tests }) => tests))])('there is a test that keeps a promise: %s', (named) => {
  const [file = '', name = ''] = [named.slice(0, named.indexOf(': ')), named.slice(named.indexOf(': ') + 2)]
  const quoted = [`'${name.replaceAll("'", "\\'")}'`, `"${name}"`, `\`${name}\``]
  const text = read(file)
  expect(quoted.filter((each) => text.includes(each))).toHaveLength(1)
  expect(text).not.toMatch(/\b(it|test|describe)\.(skip|todo)\b/)
})
