// Draws docs/images/incident.svg: one throttling that comes up within forty minutes, in the project's own traffic, and when it was
// told. `node test/bench/detect-picture.ts > docs/images/incident.svg`
import { createTraffic } from '../../src/demo/traffic.ts'
import { DEFAULT_BUDGET } from '../../src/detect/alarm/budget.ts'
import type { SourceMinute } from '../../src/detect/detector.ts'
import type { MinuteCount } from '../../src/detect/state/slice.ts'
import { createReplay } from '../../src/replay/engine.ts'
import type { ReplayEvent } from '../../src/replay/event.ts'

const START = Date.UTC(2026, 0, 5) / 60_000
const FROM = 4 * 1440 + 600
const BEGIN = FROM + 120
const END = BEGIN + 150
const TO = END + 120
const BIN = 5

const world = createTraffic({ seed: 3, days: 1 })
const slice = world.slices.findIndex(({ provider }) => provider === 'yahoo')
const traffic = createTraffic({
  seed: 3,
  days: 5,
  incidents: [
    {
      id: 'ramp',
      kind: 'throttle_ramp',
      family: 'throttle',
      slices: [slice],
      from: BEGIN,
      to: END,
      ramp: 40,
      peak: [0.35],
    },
  ],
})

const replay = createReplay({ falseAlarms: DEFAULT_BUDGET, rules: [] })
const rates = Array.from({ length: (TO - FROM) / BIN }, () => ({ n: 0, x: 0 }))
const events: ReplayEvent[] = []
for (const { seen, rows } of traffic.play()) {
  if (seen >= TO) break
  const changes = rows.map((row): SourceMinute => {
    const throttled = row.failures.filter(({ reply }) => reply.family === 'throttle')
    const x = throttled.reduce((sum, { n }) => sum + n, 0)
    const bin = rates[Math.floor((row.minute - FROM) / BIN)]
    if (row.slice === slice && row.minute >= FROM && bin) {
      bin.n += row.attempts
      bin.x += x
    }
    const place = traffic.slices[row.slice]!
    const count: MinuteCount = { slice: place, attempts: row.attempts, failures: { throttling: x } }
    return { minute: new Date((START + row.minute) * 60_000), source: place.source, counts: [count], add: true }
  })
  events.push(...replay.minute(new Date((START + seen) * 60_000), changes))
}

const own = events.filter(({ signal, at }) => signal === 'throttling' && Date.parse(at) / 60_000 - START >= BEGIN)
const minuteOf = (event: ReplayEvent['event']): number => {
  const found = own.find((each) => each.event === event)
  return found ? Date.parse(found.at) / 60_000 - START : Number.NaN
}
console.log(draw(minuteOf('opened'), minuteOf('resolved')))

function draw(opened: number, resolved: number): string {
  const [width, height, left, base] = [720, 260, 48, 220]
  const x = (minute: number) => left + ((minute - FROM) / (TO - FROM)) * (width - left - 16)
  const y = (rate: number) => base - rate * 400
  const points = rates.map(({ n, x: failures }, bin) => {
    const rate = n > 0 ? failures / n : 0
    return `${x(FROM + (bin + 0.5) * BIN).toFixed(1)},${y(rate).toFixed(1)}`
  })
  const mark = (minute: number, label: string, at: number, anchor: string) =>
    Number.isNaN(minute)
      ? ''
      : `<line x1="${x(minute)}" x2="${x(minute)}" y1="${at + 4}" y2="${base}" stroke="#888" stroke-dasharray="3 3"/>
  <text x="${x(minute)}" y="${at}" text-anchor="${anchor}">${label}</text>`
  const ticks = [0, 0.1, 0.2, 0.3, 0.4].map(
    (rate) =>
      `<text x="${left - 6}" y="${y(rate) + 4}" text-anchor="end">${rate * 100} %</text><line x1="${left}" x2="${width - 16}" y1="${y(rate)}" y2="${y(rate)}" stroke="#8884"/>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#888">
  <title>Share of mail to Yahoo that one IP had deferred, in steps of five minutes</title>
  ${ticks.join('\n  ')}
  <polyline points="${points.join(' ')}" fill="none" stroke="#d33" stroke-width="2"/>
  ${mark(BEGIN, 'begins', 40, 'end')}
  ${mark(opened, `told, ${opened - BEGIN} minutes later`, 20, 'start')}
  ${mark(END, 'ends', 40, 'middle')}
  ${mark(resolved, 'resolved', 40, 'middle')}
  <text x="${left}" y="${height - 12}">Share of one IP's mail to Yahoo that was deferred, in steps of five minutes, over ${(TO - FROM) / 60} hours</text>
</svg>`
}
