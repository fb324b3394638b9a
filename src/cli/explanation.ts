import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { beginsMessage, LONGEST_MESSAGE, mayBeginMessage, reportOf } from '../lib/message.ts'
import type { Cause, Retry, Signal } from '../smtp/causes.ts'
import type { Classifier } from '../smtp/classify/classify.ts'
import { speakerOf } from '../smtp/classify/provider-hint.ts'
import type { Mailboxes } from '../smtp/mailbox.ts'
import { redact } from '../smtp/redact.ts'
import { bounceIn } from '../smtp/reply/bounce.ts'
import { parseReply } from '../smtp/reply/reply.ts'

/**
 * What `explain --json` prints for one reply. `reply` is the line as it was given, so that results can be joined to it; of a
 * whole message it is what the server said, without addresses.
 */
export interface Explanation {
  reply: string
  code: number | null
  enhanced: string | null
  provider: string | null
  cause: Cause
  signal: Signal | null
  retry: Retry
  rule: string
}

export interface ExplainOptions {
  classifier: Classifier
  mailboxes: Mailboxes
  json: boolean
  /** Where progress is shown: standard error where it is a terminal, else null. */
  progress?: { write(text: string): unknown } | null
}

type Tools = Pick<ExplainOptions, 'classifier' | 'mailboxes'>

/** `around` is what stands around the reply and may tell who speaks. */
export function explain(reply: string, { classifier, mailboxes }: Tools, around = reply): Explanation {
  const parsed = parseReply(reply)
  const verdict = classifier.classify(parsed)
  const { cause, signal, retry, rule } = verdict
  const { host, recipient } = speakerOf(around, mailboxes)
  // An address tells who hosts the recipient, unless the reply is about the sender.
  const quoted = cause === 'authentication' || cause === 'sender-dns' ? null : recipient
  const provider = host ?? verdict.provider ?? quoted
  return { reply, code: parsed.code, enhanced: parsed.enhanced, provider, cause, signal, retry, rule }
}

/** Explains what came back: a reply, or a whole e-mail that reports one. */
export async function explainText(text: string, tools: Tools): Promise<Explanation> {
  const report = await reportOf(text)
  if (report === null) return explain(text, tools)
  const explanation = explain(bounceIn(report).said, tools, report)
  const { code, enhanced } = explanation
  const { text: words } = parseReply(bounceIn(report).said)
  const said = [code, enhanced, words].filter((part) => part !== null && part !== '').join(' ')
  return { ...explanation, reply: redact(said).replace(/\s+/g, ' ') }
}

/**
 * Explains one reply per line, or one whole e-mail. Lines are read in constant memory: a slow reader slows the reading down, and a line longer than 64 KiB
 * is cut. Blank lines are passed over. Returns how many replies there were. A reader that goes away (`| head`) ends it.
 */
export async function explainStream(input: Readable, output: Writable, options: ExplainOptions): Promise<number> {
  let count = 0
  const started = Date.now()
  let shown = started
  const report = (now: number) => {
    const perSecond = Math.round(count / Math.max(0.001, (now - started) / 1000))
    options.progress?.write(`\r${count.toLocaleString('en')} replies, ${perSecond.toLocaleString('en')} per second `)
    shown = now
  }
  const explained = async function* (chunks: AsyncIterable<string>) {
    const input = chunks[Symbol.asyncIterator]()
    const { head, isMessage } = await headOf(input)
    if (isMessage) {
      count++
      yield `${render(await explainText(await messageOf(head, input), options), options.json)}\n`
      return
    }
    for await (const lines of linesOf(chain(head, input))) {
      let block = ''
      for (const line of lines) {
        if (line.trim() === '') continue
        block += `${render(explain(line, options), options.json)}\n`
        count++
      }
      if (block !== '') yield block
      const now = Date.now()
      if (now - shown >= 250) report(now)
    }
  }
  input.setEncoding('utf8')
  try {
    await pipeline(input, explained, output, { end: false })
    // The output stays open; what it still holds is waited for.
    await new Promise((resolve) => output.write('', resolve))
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EPIPE') throw error
  }
  if (options.progress) {
    report(Date.now())
    options.progress.write('\n')
  }
  return count
}

const LONGEST = 65_536

/** As much of the input as it takes to tell an e-mail from lines: of lines the first is enough. */
async function headOf(input: AsyncIterator<string>): Promise<{ head: string; isMessage: boolean }> {
  let head = ''
  while (head.length < LONGEST) {
    const { value, done } = await input.next()
    if (!done) head += value
    const begun = head.trimStart()
    const isWhole = begun.includes('\n\n') || begun.includes('\n\r\n')
    if (done || isWhole || head.length >= LONGEST) return { head, isMessage: beginsMessage(head) }
    if (begun.includes('\n') && !mayBeginMessage(begun)) break
  }
  return { head, isMessage: false }
}

async function messageOf(head: string, input: AsyncIterator<string>): Promise<string> {
  let message = head
  for (let next = await input.next(); !next.done; next = await input.next())
    if (message.length < LONGEST_MESSAGE) message += next.value
  return message
}

async function* chain(head: string, input: AsyncIterator<string>): AsyncGenerator<string> {
  if (head !== '') yield head
  for (let next = await input.next(); !next.done; next = await input.next()) yield next.value
}

/** The whole lines of each chunk; what a chunk leaves over is kept for the next, up to the longest line. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string[]> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n')
    rest = (lines.pop() ?? '').slice(0, LONGEST)
    if (lines.length > 0) yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  }
  if (rest !== '') yield [rest]
}

function render(explanation: Explanation, json: boolean): string {
  if (json) return JSON.stringify(explanation)
  const { cause, provider, retry, rule, reply } = explanation
  return [cause, provider ?? '-', retry, rule, reply].join('\t')
}
