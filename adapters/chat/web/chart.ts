import type { Chart } from '../../../src/cards/card.ts'
import { endsOf, formatValue, summariseChart } from '../../../src/cards/text.ts'
import { type Html, html } from './html.ts'

const WIDTH = 600
const HEIGHT = 96

/** An area chart with the usual level as a dashed line. Only shapes are in the SVG, so that it can stretch; words are HTML. */
export function renderChart(chart: Chart): Html {
  const [first, last] = [chart.points[0], chart.points.at(-1)]
  // A single point makes no line; the fields say its figure.
  if (!first || !last || chart.points.length < 2) return html``
  const ends = endsOf(chart)
  const highest = Math.max(...chart.points.map((p) => p.value))
  const top = Math.max(highest, chart.baseline ?? 0) || 1
  const span = last.at.getTime() - first.at.getTime() || 1
  const x = (at: Date) => round(((at.getTime() - first.at.getTime()) / span) * WIDTH)
  // A little air above the highest point, so that its stroke is not cut off.
  const y = (value: number) => round(HEIGHT - 1 - (value / top) * (HEIGHT - 6))
  const line = chart.points.map((p) => `${x(p.at)},${y(p.value)}`).join(' ')
  const area = `0,${HEIGHT} ${line} ${x(last.at)},${HEIGHT}`
  return html`<figure class="chart">
<figcaption><span>${chart.label}</span><span class="scale">peak ${formatValue(highest, chart.unit)}</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${summariseChart(chart)}">
<line class="top" x1="0" x2="${WIDTH}" y1="${y(top)}" y2="${y(top)}"/>
<polygon class="area" points="${area}"/><polyline class="line" points="${line}"/>
${chart.baseline !== undefined && html`<line class="baseline" x1="0" x2="${WIDTH}" y1="${y(chart.baseline)}" y2="${y(chart.baseline)}"/>`}
</svg>
<div class="axis"><span>${ends?.from}</span>${chart.baseline !== undefined && html`<span class="usual">usual: ${formatValue(chart.baseline, chart.unit)}</span>`}<span>${ends?.to}</span></div>
</figure>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
