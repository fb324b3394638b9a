import type { Card } from '../cards/card.ts'
import { DAY_MS } from '../time/units.ts'
import { COLUMNS, headline, type ReplayedIncident, tableRows } from './summary.ts'

/** Slack shows about this many rows without folding them. */
const ROWS = 15

/** The answer to `/smtp replay last 7d`. */
export function replayCard(incidents: readonly ReplayedIncident[], from: Date, days: number): Card {
  const newest = incidents.slice(-ROWS)
  return {
    title: headline(incidents, days),
    tone: 'info',
    text: [
      'Your stored history, played through the detector with its current settings.',
      ...(newest.length < incidents.length ? [`The newest ${ROWS} of ${incidents.length}:`] : []),
    ],
    ...(incidents.length > 0 && {
      table: { columns: COLUMNS, rows: tableRows(newest) },
      chart: { label: 'Incidents opened per day', unit: 'count', points: perDay(incidents, from, days) },
    }),
  }
}

function perDay(incidents: readonly ReplayedIncident[], from: Date, days: number) {
  return Array.from({ length: days }, (_, day) => {
    const at = new Date(from.getTime() + day * DAY_MS)
    const opened = incidents.map(({ first }) => Math.floor((Date.parse(first.at) - from.getTime()) / DAY_MS))
    return { at, value: opened.filter((on) => on === day).length }
  })
}
