import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { explainStream, explainText } from '../../src/cli/explanation.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { beginsMessage } from '../../src/lib/message.ts'
import { BOUNCE_MESSAGES } from '../support/bounce-messages.ts'

const knowledge = loadKnowledge([])

async function explained(chunks: Iterable<string>): Promise<string[]> {
  const kept: string[] = []
  const output = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      kept.push(chunk)
      done()
    },
  })
  await explainStream(Readable.from(chunks), output, { ...knowledge, json: true })
  return kept.join('').trimEnd().split('\n')
}

function* pieces(text: string, length: number) {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length)
}

test.each(BOUNCE_MESSAGES)(
  '$name is explained as one, from standard input',
  async ({ message, name: _, ...expected }) => {
    const lines = await explained(pieces(message, 40_000))
    expect(lines).toHaveLength(1)
    const explanation = JSON.parse(lines[0]!)
    expect(explanation).toMatchObject(expected)
    expect(explanation.reply).not.toMatch(/@|zoltan|kowalski|subject/i)
  },
)

test.each(BOUNCE_MESSAGES)(
  '$name is read alike with CRLF and as an argument',
  async ({ message, name: _, ...expected }) => {
    expect(await explainText(message.replaceAll('\n', '\r\n'), knowledge)).toMatchObject(expected)
  },
)

test('a message cut anywhere is the same message', async () => {
  const { message } = BOUNCE_MESSAGES[0]!
  const [whole] = await explained([message])
  for (const length of [1, 7, 333]) expect(await explained(pieces(message, length))).toEqual([whole])
})

test('replies are no message, whatever they begin with', () => {
  for (const text of [
    '550 5.1.1 user unknown\n421 try later',
    'smtp; 550 5.1.1 user unknown\nsmtp; 421 try later',
    'host mx.example[192.0.2.1] said: 550 no\nhost mx.example[192.0.2.1] said: 551 no',
    'Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no',
    'From: this is a reply\n550 no',
    'X-Postfix: 550 no\nX-Postfix: 551 no',
    '',
  ])
    expect(beginsMessage(text), text).toBe(false)
})

test('a line is explained before the next one comes', async () => {
  let said: (line: string) => void = () => {}
  const first = new Promise<string>((resolve) => {
    said = resolve
  })
  async function* input() {
    yield '550 5.1.1 user unknown\n'
    // Would wait for ever if the first were held back.
    yield (await first) === '' ? '' : '421 try later\n'
  }
  const output = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      said(chunk)
      done()
    },
  })
  expect(await explainStream(Readable.from(input()), output, { ...knowledge, json: true })).toBe(2)
})

test('what claims to be a message and is none is explained all the same', async () => {
  const nested = `From: a@b.example\nSubject: x\nContent-Type: multipart/mixed; boundary="0"\n\n${Array.from({ length: 300 }, (_, i) => `--${i}\nContent-Type: multipart/mixed; boundary="${i + 1}"\n\n`).join('')}`
  expect(await explained([nested])).toHaveLength(1)
  expect(await explained(['From: a\nSubject: b\n\n'])).toHaveLength(1)
})
