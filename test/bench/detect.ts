// `npm run bench:detect [-- --days 40 --per-kind 12 --seed 1 --noise 1 --hiccups 0.05]`: the detector on the project's own
// traffic, next to customary rules and to the limit of what is possible. The table in docs/detection.md comes from here.
import { parseArgs } from 'node:util'
import { INCIDENT_KINDS } from '../../src/demo/incidents.ts'
import { createTraffic, type Traffic } from '../../src/demo/traffic.ts'
import { DEFAULT_BUDGET } from '../../src/detect/alarm/budget.ts'
import { signalOfReply } from '../../src/detect/counts.ts'
import type { SourceMinute } from '../../src/detect/detector.ts'
import type { MinuteCount } from '../../src/detect/state/slice.ts'
import { createReplay } from '../../src/replay/engine.ts'
import type { ReplayEvent } from '../../src/replay/event.ts'
import { createEpisodes, ewma, limitDelay, prometheusStyle, type Seen, staticThreshold } from './detect-rivals.ts'
import { keyOf, PAGED, quantile, type Score, score, scoreRow, scoreText, type Truth, toldOf } from './detect-score.ts'

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '40' },
    'per-kind': { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    noise: { type: 'string', default: '1' },
    hiccups: { type: 'string', default: '0.05' },
  },
})
const days = Number(values.days)
const traffic = createTraffic({
  seed: Number(values.seed),
  days,
  noise: Number(values.noise),
  hiccups: Number(values.hiccups),
  incidents: { perKind: Number(values['per-kind']) },
})
/** A Monday. */
const START = Date.UTC(2026, 0, 5) / 60_000
const keys = traffic.slices.map(keyOf)
const sliceDays = days * traffic.slices.length

function play({ slices, labels }: Traffic) {
  const replay = createReplay({ falseAlarms: DEFAULT_BUDGET, rules: [] })
  const rivals = [staticThreshold(slices.length), prometheusStyle(slices.length), ewma(slices.length)].map((rival) => ({
    rival,
    episodes: createEpisodes(rival, keys, START),
  }))
  const counts = labels.map((label) =>
    label.slices.map(() => ({
      n: new Float64Array(label.to - label.from),
      x: new Float64Array(label.to - label.from),
    })),
  )
  const events: ReplayEvent[] = []
  for (const { seen, rows } of traffic.play()) {
    const changes = new Map<string, SourceMinute & { counts: MinuteCount[] }>()
    const now: Seen = { n: new Float64Array(slices.length), x: new Float64Array(slices.length * PAGED.length) }
    for (const { slice, minute, attempts, failures } of rows) {
      const count: MinuteCount = { slice: slices[slice]!, attempts, failures: {} }
      for (const { reply, n } of failures) {
        const cause = reply.family === 'greylist' ? 'greylisted' : 'unknown'
        const signal = signalOfReply({ cause, signal: reply.signal })
        if (signal) count.failures[signal] = (count.failures[signal] ?? 0) + n
      }
      now.n[slice] = now.n[slice]! + attempts
      for (const [s, signal] of PAGED.entries()) {
        const at = slice * PAGED.length + s
        now.x[at] = now.x[at]! + (count.failures[signal] ?? 0)
      }
      for (const [l, label] of labels.entries()) {
        if (minute < label.from || minute >= label.to || !label.signal) continue
        const place = label.slices.indexOf(slice)
        if (place < 0) continue
        const { n, x } = counts[l]![place]!
        n[minute - label.from] = n[minute - label.from]! + attempts
        x[minute - label.from] = x[minute - label.from]! + (count.failures[label.signal] ?? 0)
      }
      const { source } = count.slice
      const change = changes.get(`${source} ${minute}`)
      if (change) change.counts.push(count)
      else {
        const at = new Date((START + minute) * 60_000)
        changes.set(`${source} ${minute}`, { minute: at, source, counts: [count], add: true })
      }
    }
    events.push(...replay.minute(new Date((START + seen) * 60_000), [...changes.values()]))
    for (const { rival, episodes } of rivals) episodes.take(seen, rival.next(now))
    if (process.stderr.isTTY && seen % 1440 === 0) process.stderr.write(`\rday ${seen / 1440} of ${days} `)
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  return { events, rivals, counts }
}

const started = performance.now()
const { events, rivals, counts } = play(traffic)
const truths: Truth[] = traffic.labels.map(({ id, kind, report, signal, slices, from, to }) => ({
  id,
  kind,
  report,
  signal,
  slices: slices.map((slice) => keys[slice]!),
  from: START + from,
  to: START + to,
}))
const own = score(truths, toldOf(events), sliceDays)

function bestOf(scores: Score[]): Score | undefined {
  return scores
    .filter(({ falseEpisodes }) => falseEpisodes <= Math.max(1, own.falseEpisodes))
    .sort((a, b) => b.caught - a.caught)[0]
}

function limitRow(): string[] {
  const delays = Map.groupBy(
    traffic.labels.flatMap((label, l) =>
      label.report ? [{ kind: label.kind, delay: limitDelay(label, counts[l]!, 1 / 1_440_000) }] : [],
    ),
    ({ kind }) => kind,
  )
  const cells = INCIDENT_KINDS.map((kind) => {
    const all = (delays.get(kind) ?? []).map(({ delay }) => delay)
    const caught = all.filter(Number.isFinite).length / Math.max(1, all.length)
    return `${Math.round(100 * caught)} % ${quantile(all, 0.5)}/${quantile(all, 0.9)}`.replaceAll('Infinity', '-')
  })
  const all = [...delays.values()].flat()
  const caught = all.filter(({ delay }) => Number.isFinite(delay)).length / Math.max(1, all.length)
  return ['*limit: a CUSUM that knows every rate and slice*', ...cells, `${Math.round(100 * caught)} %`, '1.0']
}

const rows = rivals.flatMap(({ rival, episodes }) => {
  const scores = episodes.told.map((told) => score(truths, told, sliceDays))
  const customary = scores[rival.thresholds.indexOf(rival.customary)]
  const best = bestOf(scores)
  return [
    ...(customary ? [[`${rival.name}, customary`, ...scoreRow(customary, INCIDENT_KINDS)]] : []),
    ...(best ? [[`${rival.name}, best at this budget`, ...scoreRow(best, INCIDENT_KINDS)]] : []),
  ]
})
const table = [
  ['method', ...INCIDENT_KINDS, 'caught', 'false per 1000'],
  ['---', ...INCIDENT_KINDS.map(() => '---'), '---', '---'],
  ...rows,
  ['**Bouncebell, as installed**', ...scoreRow(own, INCIDENT_KINDS)],
  limitRow(),
]
console.log(
  `${days} days, ${keys.length} slices, ${truths.length} labelled episodes, seed ${values.seed}, noise ${values.noise}`,
)
console.log(table.map((row) => `| ${row.join(' | ')} |`).join('\n'))
console.log(`\n${scoreText(own)}`)
console.log(`in ${((performance.now() - started) / 1000).toFixed(0)} s`)
