// Judges `replay --counts` on labelled streams of another simulator, whose rows are {t, seen, ts, account, provider, ip,
// attempted, codes} and whose labels are {incidents: [{id, type, page, family, slices, start, end}]}:
//   node test/bench/detect-labelled.ts convert counts.jsonl.gz | bouncebell replay --counts - > events.jsonl
//   node test/bench/detect-labelled.ts score counts.jsonl.gz labels.json events.jsonl

import { once } from 'node:events'
import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import type { ReplayEvent } from '../../src/replay/event.ts'
import type { Signal } from '../../src/smtp/causes.ts'
import { score, scoreText, type Truth, toldOf } from './detect-score.ts'

interface Row {
  t: number
  seen: number
  ts: string
  account: string
  provider: string
  ip: string
  attempted: number
  codes: Record<string, number>
}

const rows = (file: string) =>
  createInterface({
    input: file.endsWith('.gz') ? createReadStream(file).pipe(createGunzip()) : createReadStream(file),
  })

async function convert(file: string): Promise<void> {
  for await (const line of rows(file)) {
    const { t, seen, ts, account, provider, ip, attempted, codes } = JSON.parse(line) as Row
    const at = Date.parse(ts)
    const row = {
      at: new Date(at).toISOString(),
      seen: new Date(at + (seen - t) * 60_000).toISOString(),
      source: account,
      provider,
      ip,
      attempted,
      replies: codes,
    }
    if (!process.stdout.write(`${JSON.stringify(row)}\n`)) await once(process.stdout, 'drain')
  }
}

const SIGNALS: Record<string, Signal> = { block: 'blocking', throttle: 'throttling', unknown: 'list' }

async function judge(file: string, labelFile: string, eventFile: string): Promise<void> {
  const labels = JSON.parse(readFileSync(labelFile, 'utf8')) as {
    days: number
    slices: string[]
    incidents: {
      id: string
      type: string
      page: boolean
      family: string
      slices: string[]
      start: number
      end: number
    }[]
  }
  const [first] = await Array.fromAsync(firstOf(file))
  const start = Math.floor(Date.parse(first?.ts ?? '') / 60_000) - (first?.t ?? 0)
  const truths: Truth[] = labels.incidents.map(({ id, type, page, family, slices, start: from, end }) => ({
    id,
    kind: type,
    report: page,
    signal: SIGNALS[family] ?? null,
    slices: slices.map((slice) => `${slice}|`),
    from: start + from,
    to: start + end,
  }))
  const events = readFileSync(eventFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReplayEvent)
  console.log(scoreText(score(truths, toldOf(events), labels.days * labels.slices.length)))
}

async function* firstOf(file: string): AsyncGenerator<Row> {
  for await (const line of rows(file)) {
    yield JSON.parse(line) as Row
    return
  }
}

const [mode, ...files] = process.argv.slice(2)
if (mode === 'convert' && files[0]) await convert(files[0])
else if (mode === 'score' && files[0] && files[1] && files[2]) await judge(files[0], files[1], files[2])
else console.error('usage: detect-labelled.ts convert COUNTS | score COUNTS LABELS EVENTS')
