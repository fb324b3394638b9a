import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { RuleMinute, RuleResult } from '../alert-rules/rules.ts'
import { signalOfReply } from '../detect/counts.ts'
import type { SourceMinute } from '../detect/detector.ts'
import type { MinuteCount, Slice } from '../detect/state/slice.ts'
import { ConfigError } from '../ports/errors.ts'
import type { Signal } from '../smtp/causes.ts'
import type { Classifier } from '../smtp/classify/classify.ts'
import { parseReply } from '../smtp/reply/reply.ts'

const minute = z.iso.datetime({ offset: true })
const count = z.int().min(0)
/** A row of `replay --counts`: what one slice sent in one minute, and what was answered. */
const rowSchema = z.object({
  at: minute,
  seen: minute.optional(),
  source: z.string().min(1),
  provider: z.string(),
  ip: z.string().default(''),
  senderDomain: z.string().default(''),
  attempted: count.nullable(),
  replies: z.record(z.string(), count).default({}),
})

/** What could be seen by the end of the minute `seen`. */
export interface SeenMinute {
  seen: Date
  changes: readonly SourceMinute[]
  /** The same with every reply, for the user's own rules. */
  results: readonly RuleMinute[]
  /** How far the input has been read. */
  rows: number
}

const MINUTE = 60_000
type Reading = { signal: Signal | null; named: boolean; reply: NonNullable<RuleResult['reply']> }
type Pending = SourceMinute & RuleMinute & { counts: MinuteCount[]; results: RuleResult[] }

/**
 * Reads rows in the order of `seen`, in constant memory. A row that comes later than its `seen` says counts as seen when
 * it comes. `keepReplies`: every reply is handed on too, which takes longer. Throws a ConfigError that names the line
 * which is not a row.
 */
export async function* readCounts(
  input: Readable,
  classifier: Pick<Classifier, 'classify'>,
  name: string,
  keepReplies = false,
): AsyncGenerator<SeenMinute> {
  const read = createRowReader(classifier, keepReplies)
  let seen = Number.NEGATIVE_INFINITY
  let pending = new Map<string, Pending>()
  let rows = 0
  for await (const line of lines(input)) {
    rows++
    const row = read(line, rows, name)
    if (!row) continue
    if (row.seen > seen) {
      if (pending.size > 0) yield seenMinute(seen, pending, rows)
      pending = new Map()
      seen = row.seen
    }
    const at = Math.min(row.at, seen)
    const key = `${at} ${row.count.slice.source}`
    const change = pending.get(key)
    if (change) {
      change.counts.push(row.count)
      change.results.push(...row.results)
    } else {
      const { source } = row.count.slice
      pending.set(key, {
        minute: new Date(at * MINUTE),
        source,
        counts: [row.count],
        results: row.results,
        add: true,
      })
    }
  }
  if (pending.size > 0) yield seenMinute(seen, pending, rows)
}

function seenMinute(seen: number, pending: ReadonlyMap<string, Pending>, rows: number): SeenMinute {
  const changes = [...pending.values()]
  return { seen: new Date(seen * MINUTE), changes, results: changes.filter(({ results }) => results.length > 0), rows }
}

async function* lines(input: Readable): AsyncGenerator<string> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of input) {
    const parts = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') yield rest
}

interface Row {
  at: number
  seen: number
  count: MinuteCount
  results: RuleResult[]
}

/** Slices and readings of replies are few and come again in every minute, so each is made once. */
function createRowReader(classifier: Pick<Classifier, 'classify'>, keepReplies: boolean) {
  const slices = new Map<string, Slice>()
  const readings = new Map<string, Reading>()

  function readingOf(text: string, provider: string): Reading {
    const key = `${provider}\n${text}`
    const known = readings.get(key)
    if (known) return known
    // Statistics are kept by class of code, as "4.7.x": the least of the class stands for all.
    const parsed = parseReply(text.replace(/\b([245]\.\d{1,3})\.x\b/giu, '$1.0'))
    const { cause, signal, template, named } = classifier.classify(parsed, provider)
    const reply = { code: parsed.code, enhanced: parsed.enhanced, cause, signal, template }
    const reading = { signal: signalOfReply({ cause, signal }), named, reply }
    if (readings.size < 100_000) readings.set(key, reading)
    return reading
  }

  function sliceOf({ source, provider, ip, senderDomain }: z.infer<typeof rowSchema>): Slice {
    const key = `${source}\n${provider}\n${ip}\n${senderDomain}`
    const known = slices.get(key)
    if (known) return known
    const slice = { source, provider, ip, senderDomain, campaign: '' }
    slices.set(key, slice)
    return slice
  }

  return (line: string, number: number, name: string): Row | null => {
    if (line.trim() === '') return null
    const row = parseRow(line, number, name)
    const failures: MinuteCount['failures'] = {}
    const named: MinuteCount['failures'] = {}
    const slice = sliceOf(row)
    const results: RuleResult[] = []
    let delivered = row.attempted ?? 0
    for (const [text, n] of Object.entries(row.replies)) {
      const reading = readingOf(text, row.provider)
      delivered -= n
      if (keepReplies && n > 0) results.push({ slice, outcome: outcomeOf(reading.reply), reply: reading.reply, n })
      if (!reading.signal || n === 0) continue
      failures[reading.signal] = (failures[reading.signal] ?? 0) + n
      if (reading.named) named[reading.signal] = (named[reading.signal] ?? 0) + n
    }
    if (keepReplies && delivered > 0) results.push({ slice, outcome: 'delivered', reply: null, n: delivered })
    const at = Math.floor(Date.parse(row.at) / MINUTE)
    const seen = row.seen === undefined ? at : Math.floor(Date.parse(row.seen) / MINUTE)
    return { at, seen, count: { slice, attempts: row.attempted, failures, named }, results }
  }
}

/** A "250 OK" among the replies is no failure. */
function outcomeOf({ code, enhanced }: Reading['reply']): RuleResult['outcome'] {
  const kind = code === null ? enhanced?.[0] : String(code)[0]
  return kind === '2' ? 'delivered' : kind === '4' ? 'deferred' : 'bounced'
}

function parseRow(line: string, number: number, name: string): z.infer<typeof rowSchema> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw wrongLine(name, number, 'is not JSON')
  }
  const parsed = rowSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw wrongLine(name, number, `"${issue?.path.join('.') ?? ''}" is wrong: ${issue?.message ?? ''}`)
}

const wrongLine = (name: string, number: number, wrong: string) =>
  new ConfigError(
    [{ path: `line ${number}`, wrong, remedy: 'See docs/detection.md for what a row of counts looks like.' }],
    name,
  )
