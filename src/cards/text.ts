import { grouped, percent } from '../incident/wording.ts'
import { DAY_MS } from '../time/units.ts'
import type { Card, Chart } from './card.ts'

const BARS = '▁▂▃▄▅▆▇█'

/** The card as plain text: for notifications, terminals, and platforms that refuse more. */
export function toText(card: Card): string {
  const blocks = [
    card.title,
    ...(card.text ?? []),
    (card.fields ?? []).map((field) => `${field.label}: ${field.value}`).join('\n'),
    card.chart ? `${summariseChart(card.chart)}\n${sparkline(card.chart)}` : '',
    ...(card.quotes ?? []).map((quote) => quote.replace(/^/gm, '> ')),
    card.table ? alignTable(card.table) : '',
    (card.links ?? []).map((link) => `${link.label}: ${link.url}`).join('\n'),
    card.footer ?? '',
  ]
  return blocks.filter((block) => block.trim() !== '').join('\n\n')
}

/** One sentence that says what the chart shows. */
export function summariseChart(chart: Chart): string {
  const last = chart.points.at(-1)
  if (!last) return `${chart.label}: no data`
  const top = Math.max(...chart.points.map((point) => point.value))
  const usual = chart.baseline === undefined ? '' : `, usual ${formatValue(chart.baseline, chart.unit)}`
  return `${chart.label}: now ${formatValue(last.value, chart.unit)}, peak ${formatValue(top, chart.unit)}${usual}`
}

/** One bar a point, scaled from zero to the highest; at most `width` bars, each the highest of its share. */
export function sparkline(chart: Chart, width = 60): string {
  const values = chart.points.map((point) => point.value)
  const share = Math.max(1, Math.ceil(values.length / width))
  const bars = Array.from({ length: Math.ceil(values.length / share) }, (_, i) =>
    Math.max(...values.slice(i * share, (i + 1) * share)),
  )
  const top = Math.max(...bars, 0)
  return bars.map((value) => BARS[top > 0 ? Math.round((value / top) * (BARS.length - 1)) : 0]).join('')
}

const asDay = new Intl.DateTimeFormat('en-US', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** What stands at the two ends of a chart: times of day, or days where it is longer than one. */
export function endsOf({ points }: Chart): { from: string; to: string } | null {
  const [first, last] = [points[0]?.at, points.at(-1)?.at]
  if (!first || !last) return null
  const isLong = last.getTime() - first.getTime() > DAY_MS
  const label = (at: Date) => (isLong ? asDay.format(at) : at.toISOString().slice(11, 16))
  return { from: label(first), to: isLong ? label(last) : `${label(last)} UTC` }
}

/** `percent` takes 0 to 100. */
export function formatValue(value: number, unit: Chart['unit']): string {
  return unit === 'percent' ? percent(value / 100) : grouped(value)
}

/** The table in columns of equal width, two spaces apart; figures stand to the right. */
export function alignTable({ columns, rows }: NonNullable<Card['table']>): string {
  const lines = [columns, ...rows].map((row) => row.map((cell) => cell.replace(/\s+/g, ' ')))
  const width = Math.max(...lines.map((line) => line.length))
  const layout = Array.from({ length: width }, (_, column) => ({
    width: Math.max(...lines.map((line) => lengthOf(line[column] ?? ''))),
    right: isNumeric(rows.map((row) => row[column] ?? '')),
  }))
  const render = (line: readonly string[]) =>
    layout
      .map(({ width, right }, i) => pad(line[i] ?? '', width, right))
      .join('  ')
      .trimEnd()
  const [head = '', ...body] = lines.map(render)
  return [head, layout.map(({ width }) => '─'.repeat(width)).join('  '), ...body].join('\n')
}

/** Whether a column holds figures only: "1,204", "3.8%", "-". */
export function isNumeric(cells: readonly string[]): boolean {
  return cells.length > 0 && cells.every((cell) => /^(?:\d+(?:,\d{3})*(?:\.\d+)?%?|-)$/.test(cell))
}

function pad(cell: string, width: number, right: boolean): string {
  const space = ' '.repeat(width - lengthOf(cell))
  return right ? space + cell : cell + space
}

/** In characters, not in UTF-16 units. */
function lengthOf(text: string): number {
  return [...text].length
}
