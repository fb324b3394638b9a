import { expect, test } from 'vitest'
import { replayCard } from '../../src/replay/card.ts'
import type { ReplayEvent } from '../../src/replay/event.ts'
import type { ReplayedIncident } from '../../src/replay/summary.ts'

const from = new Date('2026-11-01T00:00:00Z')

function incident(day: number): ReplayedIncident {
  const at = new Date(from.getTime() + day * 86_400_000 + 3_600_000).toISOString()
  const first: ReplayEvent = {
    event: 'opened',
    at,
    signal: 'throttling',
    slice: { provider: 'yahoo' },
    slices: [{ provider: 'yahoo' }],
    severity: 'high',
    rate: 0.4,
    worst: 0.4,
    baseline: 0.01,
    attempts: 100,
    failures: 40,
    incident: `i${at}`,
    trigger: 'sudden',
    says: 'Yahoo only',
  }
  return { first, last: { ...first, event: 'resolved' }, worst: 0.4 }
}

test('a quiet history is said in one line, without a table', () => {
  expect(replayCard([], from, 7)).toMatchObject({ title: 'Would not have alerted in 7 days.' })
  expect(replayCard([], from, 7).table).toBeUndefined()
})

test('incidents are listed, and counted by the day they opened on', () => {
  const card = replayCard([incident(0), incident(2), incident(2)], from, 3)
  expect(card.title).toBe('Would have alerted 3 times in 3 days: throttling 3.')
  expect(card.chart?.points.map(({ value }) => value)).toEqual([1, 0, 2])
  expect(card.table?.rows).toHaveLength(3)
})

test('a long list is cut to the newest, and says so', () => {
  const card = replayCard(
    Array.from({ length: 40 }, (_, i) => incident(i)),
    from,
    40,
  )
  expect(card.table?.rows).toHaveLength(15)
  expect(card.table?.rows.at(-1)?.[0]).toBe('2026-12-10 01:00')
  expect(card.text).toContain('The newest 15 of 40:')
})

test.each([
  [0, 'resolved', '0 min'],
  [45, 'resolved', '45 min'],
  [119, 'resolved', '2 h'],
  [120, 'resolved', '2 h'],
  [750, 'resolved', '12.5 h'],
  [45, 'updated', 'open'],
] as const)('what took %d minutes until it was %s lasted %s', (minutes, event, lasted) => {
  const { first, worst } = incident(0)
  const at = new Date(Date.parse(first.at) + minutes * 60_000).toISOString()
  const { table } = replayCard([{ first, last: { ...first, event, at }, worst }], from, 1)
  expect(table?.rows[0]?.[table.columns.indexOf('lasted')]).toBe(lasted)
})
