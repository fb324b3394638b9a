import { readFileSync } from 'node:fs'
import { readRuleFiles } from '../../src/knowledge/rule-files.ts'
import { createClassifier } from '../../src/smtp/classify/classify.ts'
import type { Rule, RuleFile } from '../../src/smtp/classify/rule.ts'
import { examplesOf } from '../../src/smtp/classify/user-rules.ts'
import { redact } from '../../src/smtp/redact.ts'
import { parseReply } from '../../src/smtp/reply/reply.ts'
import { mask } from '../../src/smtp/template/template.ts'
import { createRegexScan } from './regex-scan.ts'

const ROUNDS = 60

/** Replies per second of one core: processor time, so that other work on the machine does not count; the best of some rounds. */
function perSecond(replies: readonly string[], work: (raw: string) => unknown, rounds = ROUNDS): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    for (const raw of replies) work(raw)
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / replies.length)
  }
  return 1_000_000 / best
}

const shown = (rate: number) => `${Math.round(rate).toLocaleString('en')} per second`

interface Labelled {
  set: string
  causes: string[]
  reply: string
}

function labelled(): Labelled[] {
  const rows = readFileSync(new URL('../fixtures/replies.tsv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
  return rows.map((row) => {
    const [set = '', causes = '', , , , reply = ''] = row.split('\t')
    return { set, causes: causes.split('|'), reply }
  })
}

/** The same replies with other addresses and IPs, so that no two are the same text; read from JSON, as an ESP's page is. */
function mixed(replies: readonly string[], copies: number): string[] {
  const all = Array.from({ length: copies }, (_, copy) =>
    replies.map((reply, i) =>
      reply
        .replace(/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g, `203.0.${copy}.${i % 256}`)
        .replace(/\b[\w.]+@/g, `u${copy}x${i}@`),
    ),
  ).flat()
  return JSON.parse(JSON.stringify(all))
}

/** A rule set of that size: a cut of ours, or ours and more, made of the words of real replies. */
function ofSize(files: readonly RuleFile[], size: number): RuleFile[] {
  const all = files.flatMap(({ rules }) => rules)
  const step = Math.max(1, Math.floor(all.length / size))
  const kept = new Set(all.filter((_, i) => i % step === 0).slice(0, size))
  const cut = files.map((file) => ({ ...file, rules: file.rules.filter((rule) => kept.has(rule)) }))
  const words = examplesOf(files).flatMap(
    (example) =>
      mask(parseReply(example).text)
        .toLowerCase()
        .match(/[a-z]{3,}/g) ?? [],
  )
  const template = all.find(({ text }) => text.length > 0)!
  const more = Array.from(
    { length: size - kept.size },
    (_, i): Rule => ({
      ...template,
      id: `more-${i}`,
      not: [],
      // Three words in a row out of real text, and three that never were.
      text: [
        words
          .slice((i * 7) % words.length)
          .slice(0, 3)
          .join(' '),
        [5, 11, 17].map((n) => words[(i * n + n) % words.length]).join(' .. '),
      ],
    }),
  )
  return [...cut, { name: 'more.yaml', layer: 'family', words: {}, rules: more }]
}

/** A scan of rule by rule, regular expression by regular expression, is what this is compared with. */
export async function bench(print: (line: string) => void): Promise<void> {
  const files = readRuleFiles()
  const rows = labelled()
  const replies = mixed(
    rows.map(({ reply }) => reply),
    16,
  )
  const length = Math.round(replies.reduce((sum, { length }) => sum + length, 0) / replies.length)
  print(
    `${replies.length.toLocaleString('en')} different replies, ${length} characters on average; per second of one core`,
  )

  globalThis.gc?.()
  const before = process.memoryUsage()
  const started = performance.now()
  const classifier = createClassifier({ files, cache: 0 })
  const compiled = performance.now() - started
  globalThis.gc?.()
  const after = process.memoryUsage()
  const megabytes = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 1e6
  const { rules, words, patterns } = classifier.size
  print(
    `compiled ${rules} rules (${patterns} patterns, ${words} words) in ${compiled.toFixed(0)} ms: ${megabytes.toFixed(1)} MB`,
  )

  const parsed = new Map(replies.map((raw) => [raw, parseReply(raw)]))
  const texts = [...parsed.values()].map(({ text }) => text)
  const all = perSecond(replies, (raw) => classifier.classify(parseReply(raw)))
  print(`parse                        ${shown(perSecond(replies, parseReply))}`)
  print(`mask                         ${shown(perSecond(texts, mask))}`)
  print(`redact                       ${shown(perSecond(replies, redact))}`)
  print(`parse + mask + classify      ${shown(all)}`)
  const keeping = createClassifier({ files })
  print(`the same, answers kept       ${shown(perSecond(replies, (raw) => keeping.classify(parseReply(raw))))}`)
  const scan = createRegexScan(files)
  const baseline = perSecond(
    rows.slice(0, 100).map(({ reply }) => reply),
    (raw) => scan(parseReply(raw)),
    2,
  )
  print(`the same, rule by rule       ${shown(baseline)}  (regular expressions over the whole text)`)

  const rates = [100, 2000].map((size) => {
    const sized = createClassifier({ files: ofSize(files, size), cache: 0 })
    return perSecond(replies, (raw) => sized.classify(parseReply(raw)))
  })
  print(
    `with 100 rules ${shown(rates[0]!)}, with 2,000 ${shown(rates[1]!)}: ${(rates[0]! / rates[1]!).toFixed(2)} times the time`,
  )

  for (const set of ['dev', 'held']) {
    const chosen = rows.filter((row) => row.set === set)
    const right = chosen.filter(({ causes, reply }) => causes.includes(classifier.classify(parseReply(reply)).cause))
    print(
      `${set}: ${right.length} of ${chosen.length} causes accepted (${((100 * right.length) / chosen.length).toFixed(1)} %)`,
    )
  }
}
