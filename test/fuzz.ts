// `npm run fuzz`, or `npm run fuzz -- 50000 7` for that many replies from that seed: mutated replies are parsed, masked and
// classified. None may throw, none may take 5 ms, and masking must be stable and clean.
import { readFileSync } from 'node:fs'
import { readRuleFiles } from '../src/knowledge/rule-files.ts'
import { createClassifier } from '../src/smtp/classify/classify.ts'
import { examplesOf } from '../src/smtp/classify/user-rules.ts'
import { parseReply } from '../src/smtp/reply/reply.ts'
import { mask } from '../src/smtp/template/template.ts'

const COUNT = Number(process.argv[2] ?? 1_000_000)
const SEED = Number(process.argv[3] ?? 1)
const SLOWEST_MS = 5
/** Until here the compiler still works on the code; then every reply is timed. */
const WARM_UP = 20_000

const files = readRuleFiles()
const classifier = createClassifier({ files, cache: 0 })
const fixture = readFileSync(new URL('fixtures/replies.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
const seeds = [...fixture.map((row) => row.split('\t')[5] ?? ''), ...examplesOf(files)]

/** Marsaglia's xorshift: the same seed gives the same replies. */
let state = SEED * 2654435761 || 1
function below(limit: number): number {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % limit
}
const one = <T>(list: readonly T[]): T => list[below(list.length)]!

const PIECES = [
  '',
  ' ',
  '\r\n',
  '\n',
  '-',
  ':',
  '@',
  '<',
  '>',
  '[',
  ']',
  '{',
  '}',
  '{ip}',
  "'",
  '"',
  '=',
  '=C3=A4',
  '=\r\n',
  '%40',
  '&lt;',
  '550',
  '421 ',
  '5.1.1',
  '(#5.7.1)',
  '192.0.2.1',
  '2001:db8::1',
  'user@example.com',
  'https://',
  '://',
  '_said:_',
  'smtp; ',
  'said: ',
  'not ',
  'no ',
  'ｅ',
  'é',
  '垃圾',
  'й',
  '\u0000',
  '\u202e',
  '💥',
  '\ud800',
  'a'.repeat(600),
  '.'.repeat(300),
  '='.repeat(300),
] as const

/** Cuts, repeats, swaps and inserts, a few at a time; now and then 64 KiB of one thing. */
function mutated(): string {
  let text = one(seeds)
  for (let n = below(5); n >= 0; n--) {
    const at = below(text.length + 1)
    const length = below(12)
    const kind = below(8)
    if (kind === 0) text = text.slice(0, at) + text.slice(at + length)
    else if (kind === 1) text = text.slice(0, at) + text.slice(at, at + length).repeat(1 + below(4)) + text.slice(at)
    else if (kind === 2) text = text.slice(at) + text.slice(0, at)
    else if (kind === 3) text = text.slice(0, at) + one(seeds).slice(0, below(80)) + text.slice(at)
    else if (kind === 4) text = text.slice(0, at) + String.fromCharCode(below(0x500)) + text.slice(at)
    else text = text.slice(0, at) + one(PIECES) + text.slice(at)
  }
  return below(5000) === 0 ? (text + one(PIECES)).repeat(700).slice(0, 65_536) : text
}

let slowest = { ms: 0, raw: '' }
let failures = 0
function report(what: string, raw: string) {
  failures++
  if (failures <= 10) console.error(`${what}: ${JSON.stringify(raw.slice(0, 300))}`)
}

const started = performance.now()
for (let i = 0; i < COUNT; i++) {
  const raw = mutated()
  try {
    let before = performance.now()
    let verdict = classifier.classify(parseReply(raw))
    let ms = performance.now() - before
    // A reply that was slow once may have met the garbage collector or a busy machine: what counts is its own time.
    for (let again = 0; again < 5 && ms >= SLOWEST_MS; again++) {
      before = performance.now()
      verdict = classifier.classify(parseReply(raw))
      ms = Math.min(ms, performance.now() - before)
    }
    if (i >= WARM_UP && ms > slowest.ms) slowest = { ms, raw }
    if (verdict.template.includes('@')) report('an address is left', raw)
    if (mask(verdict.template) !== verdict.template) report('masking is not stable', raw)
  } catch (error) {
    report(String(error), raw)
  }
  if (process.stderr.isTTY && i % 20_000 === 0) process.stderr.write(`\r${i.toLocaleString('en')} replies `)
}
const seconds = (performance.now() - started) / 1000
if (slowest.ms >= SLOWEST_MS) report(`took ${slowest.ms.toFixed(1)} ms`, slowest.raw)
console.log(
  `${COUNT.toLocaleString('en')} mutated replies (seed ${SEED}) in ${seconds.toFixed(0)} s: ${failures} failures, ` +
    `slowest ${slowest.ms.toFixed(2)} ms`,
)
process.exitCode = failures > 0 ? 1 : 0
