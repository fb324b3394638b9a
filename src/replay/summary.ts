import { duration, percent } from '../incident/wording.ts'
import { DAY_MS } from '../time/units.ts'
import type { ReplayEvent } from './event.ts'

/** One incident of a replay, from its first line to its last. */
export interface ReplayedIncident {
  first: ReplayEvent
  last: ReplayEvent
  /** The highest rate, or null where there were no attempts. */
  worst: number | null
}

/** Gathers the lines of each incident, in the order of opening. */
export function createTally() {
  const incidents = new Map<string, ReplayedIncident>()
  return {
    add(event: ReplayEvent): void {
      const known = incidents.get(event.incident)
      const rates = [known?.worst, event.worst].filter((rate) => typeof rate === 'number')
      incidents.set(event.incident, {
        first: known?.first ?? event,
        last: event,
        worst: rates.length === 0 ? null : Math.max(...rates),
      })
    },
    incidents: (): ReplayedIncident[] => [...incidents.values()],
  }
}

/** "Would have alerted 3 times in 30 days: ..." */
export function headline(incidents: readonly ReplayedIncident[], days: number): string {
  const times = ['never', 'once', 'twice'][incidents.length] ?? `${incidents.length} times`
  const span = `${days} ${days === 1 ? 'day' : 'days'}`
  if (incidents.length === 0) return `Would not have alerted in ${span}.`
  const counts = new Map<string, number>()
  for (const { first } of incidents) counts.set(kindOf(first), (counts.get(kindOf(first)) ?? 0) + 1)
  const kinds = [...counts].sort((a, b) => b[1] - a[1]).map(([kind, n]) => `${kind} ${n}`)
  return `Would have alerted ${times} in ${span}: ${kinds.join(', ')}.`
}

/** What alerted: a rule by its name, or what the adaptive detection noticed. */
const kindOf = ({ rule, signal }: ReplayEvent) => (rule === undefined ? signal : `rule "${rule}"`)

export const COLUMNS = ['opened', 'lasted', 'severity', 'signal', 'rate', 'usual', 'where']

export function tableRows(incidents: readonly ReplayedIncident[]): string[][] {
  return incidents.map(({ first, last, worst }) => [
    first.at.slice(0, 16).replace('T', ' '),
    lasted(first, last),
    last.severity,
    kindOf(first),
    percentOrDash(worst),
    percentOrDash(last.baseline),
    last.says || placeOf(last),
  ])
}

function lasted(first: ReplayEvent, last: ReplayEvent): string {
  if (last.event !== 'resolved') return 'open'
  return duration(Date.parse(last.at) - Date.parse(first.at))
}

const percentOrDash = (rate: number | null) => (rate === null ? '-' : percent(rate))
const placeOf = ({ slice }: ReplayEvent) => Object.values(slice).join(' / ') || 'everywhere'

const BARS = ' ▁▂▃▄▅▆▇█'

/** A row of blocks: how many incidents opened on each day. */
function dailyChart(incidents: readonly ReplayedIncident[], from: Date, days: number): string {
  const perDay = new Array<number>(days).fill(0)
  for (const { first } of incidents) {
    const day = Math.floor((Date.parse(first.at) - from.getTime()) / DAY_MS)
    if (day >= 0 && day < days) perDay[day] = perDay[day]! + 1
  }
  const most = Math.max(1, ...perDay)
  return perDay.map((n) => BARS[Math.ceil((n / most) * (BARS.length - 1))]).join('')
}

/** The whole summary as text for a terminal. */
export function summaryText(incidents: readonly ReplayedIncident[], from: Date, days: number): string {
  const rows = [COLUMNS, ...tableRows(incidents)]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const chart = `per day  |${dailyChart(incidents, from, days)}|`
  return [headline(incidents, days), '', ...(incidents.length === 0 ? [] : [...table, '', chart, ''])].join('\n')
}
