import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { explain, explainStream } from '../../src/cli/explanation.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'

const knowledge = loadKnowledge([])

/** A reader that takes what it is given a little later, and keeps it. */
function slowReader() {
  const kept: string[] = []
  let waiting = 0
  const output = new Writable({
    decodeStrings: false,
    highWaterMark: 1024,
    write(chunk: string, _encoding, done) {
      kept.push(chunk)
      setImmediate(done)
    },
  })
  return { output, text: () => kept.join(''), waiting: () => (waiting = Math.max(waiting, output.writableLength)) }
}

test('one reply becomes one line of JSON with the eight fields', async () => {
  const { output, text } = slowReader()
  const raw = '550 5.1.1 <user@gmx.de>: no such user'
  await explainStream(Readable.from([`${raw}\n`]), output, { ...knowledge, json: true })
  expect(JSON.parse(text())).toEqual({
    reply: raw,
    code: 550,
    enhanced: '5.1.1',
    provider: 'gmx',
    cause: 'recipient-unknown',
    signal: 'list',
    retry: 'never',
    rule: 'recipient-unknown.yaml: recipient-unknown/no-such-user',
  })
})

test('lines cut anywhere, with any line end, come out whole and in order; blank ones are passed over', async () => {
  const { output, text } = slowReader()
  const input = Readable.from(['550 one\r', '\n\n421 tw', 'o\n55', '2 thr\u00e9e'])
  const count = await explainStream(input, output, { ...knowledge, json: true })
  const replies = text()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).reply)
  expect(replies).toEqual(['550 one', '421 two', '552 thr\u00e9e'])
  expect(count).toBe(3)
})

test('a line without end is cut, not kept', async () => {
  const { output, text } = slowReader()
  const endless = Readable.from(Array.from({ length: 300 }, () => 'x'.repeat(1024)))
  await explainStream(endless, output, { ...knowledge, json: true })
  expect(JSON.parse(text()).reply).toHaveLength(65_536)
})

test('a slow reader slows the reading down', async () => {
  const { output, waiting } = slowReader()
  let read = 0
  async function* many() {
    for (let i = 0; i < 2000; i++) {
      read++
      waiting()
      yield `550 5.1.1 <user${i}@example.com>: no such user\n`
    }
  }
  await explainStream(Readable.from(many()), output, { ...knowledge, json: true })
  expect(read).toBe(2000)
  expect(waiting()).toBeLessThan(32_768)
})

test('a reader that goes away ends it without an error', async () => {
  const output = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  await expect(
    explainStream(Readable.from(['550 a\n', '550 b\n']), output, { ...knowledge, json: true }),
  ).resolves.toBeGreaterThan(0)
})

test('the host that a bounce names tells the provider, and a sender quoted in it does not', () => {
  expect(explain('host mx01.mail.icloud.com[192.0.2.1] said: 550 user unknown', knowledge).provider).toBe('apple')
  expect(
    explain('550 5.1.8 <news@gmail.com>: Sender address rejected: Domain not found', knowledge).provider,
  ).toBeNull()
})

test('progress is shown where there is a terminal', async () => {
  const shown: string[] = []
  const { output } = slowReader()
  const progress = { write: (text: string) => shown.push(text) }
  await explainStream(Readable.from(['550 a\n']), output, { ...knowledge, json: false, progress })
  expect(shown.join('')).toMatch(/^\r1 replies, [\d,]+ per second \n$/)
})
