import { describe, expect, test } from 'vitest'
import { INCIDENT_KINDS, type Label, TRAP_KINDS } from '../../src/demo/incidents.ts'
import type { Family } from '../../src/demo/providers.ts'
import type { TrafficRow } from '../../src/demo/telling.ts'
import { TOPOLOGY, type Topology } from '../../src/demo/topology.ts'
import { createTraffic, type Traffic } from '../../src/demo/traffic.ts'

/** A few accounts, for tests that need no more. */
const SMALL: Topology = {
  ...TOPOLOGY,
  accounts: TOPOLOGY.accounts.filter(({ id }) => ['shop-receipts', 'magazine', 'club'].includes(id)),
}

interface ToldRow extends TrafficRow {
  seen: number
}
const told = (traffic: Traffic): ToldRow[] =>
  [...traffic.play()].flatMap(({ seen, rows }) => rows.map((row) => ({ ...row, seen })))

const failed = ({ failures }: TrafficRow) => failures.reduce((total, { n }) => total + n, 0)
const attemptsOf = (rows: readonly TrafficRow[]) => rows.reduce((total, { attempts }) => total + attempts, 0)
const failuresOf = (rows: readonly TrafficRow[], family: Family) =>
  rows.flatMap(({ failures }) => failures).reduce((total, { reply, n }) => total + (reply.family === family ? n : 0), 0)
const rate = (rows: readonly TrafficRow[], family: Family) => failuresOf(rows, family) / attemptsOf(rows)

/** What a trouble of the kind did where and while it lasted, and what the same traffic would have been without it. */
function withOne(kind: Label['kind']) {
  const options = { seed: 11, days: 3, topology: SMALL }
  const drawn = createTraffic({ ...options, days: 60, incidents: { perKind: 1 } }).labels.find(
    (label) => label.kind === kind,
  )
  if (!drawn) throw new Error(`no ${kind} was planned`)
  const plan = { ...drawn, from: 1440, to: 1440 + drawn.to - drawn.from }
  const traffic = createTraffic({ ...options, incidents: [plan] })
  const during = (from: Traffic) =>
    told(from).filter(({ slice, minute }) => plan.slices.includes(slice) && minute >= plan.from && minute < plan.to)
  const [label] = traffic.labels as [Label]
  return { label, traffic, rows: during(traffic), usual: during(createTraffic(options)) }
}

describe('the generator', () => {
  test('draws the same traffic for the same seed, each time it is played', () => {
    const options = { seed: 5, days: 1, topology: SMALL, incidents: { perKind: 1, warmUpDays: 0 } }
    const traffic = createTraffic(options)
    const first = JSON.stringify([...traffic.play()])
    expect(JSON.stringify([...traffic.play()]) === first).toBe(true)
    expect(JSON.stringify([...createTraffic(options).play()]) === first).toBe(true)
    expect(JSON.stringify([...createTraffic({ ...options, seed: 6 }).play()]) === first).toBe(false)
  })

  test('has 200 slices of every size, and about as much mail as the accounts send', () => {
    const traffic = createTraffic({ seed: 1, days: 3 })
    expect(new Set(traffic.slices.map((slice) => JSON.stringify(slice))).size).toBe(200)
    const perDay = traffic.slices.map(() => 0)
    for (const { slice, attempts } of told(traffic)) perDay[slice]! += attempts / 3
    const sent = TOPOLOGY.accounts.reduce((total, { messagesPerDay }) => total + messagesPerDay, 0)
    const volume = perDay.reduce((a, b) => a + b, 0)
    expect(volume / sent).toBeGreaterThan(0.7)
    expect(volume / sent).toBeLessThan(1.4)
    expect(Math.min(...perDay)).toBeLessThan(100)
    expect(Math.max(...perDay)).toBeGreaterThan(100_000)
  })

  test('never has more failures than attempts, nor a row without any', () => {
    const traffic = createTraffic({
      seed: 2,
      days: 2,
      topology: SMALL,
      noise: 1.7,
      hiccups: 0.15,
      incidents: { perKind: 1, warmUpDays: 0 },
    })
    const wrong = told(traffic).filter((row) => row.attempts < 1 || failed(row) > row.attempts)
    expect(wrong).toEqual([])
  })

  test('knows day and night, weekdays and weekends', () => {
    const traffic = createTraffic({ seed: 3, days: 7, topology: SMALL })
    const hours = Array.from({ length: 7 * 24 }, () => 0)
    for (const { slice, minute, attempts } of told(traffic))
      if (traffic.slices[slice]!.source === 'shop-receipts') hours[Math.floor(minute / 60)]! += attempts
    const [monday, sunday] = [hours.slice(0, 24), hours.slice(6 * 24)]
    const total = (day: number[]) => day.reduce((a, b) => a + b, 0)
    expect(Math.max(...monday)).toBeGreaterThan(3 * Math.min(...monday))
    expect(total(monday)).toBeGreaterThan(1.4 * total(sunday))
  })

  test('starts in the minute of the week that is asked for', () => {
    const sunday = 6 * 1440
    const day = (phase: number) => attemptsOf(told(createTraffic({ seed: 3, days: 1, topology: SMALL, phase })))
    expect(day(0)).toBeGreaterThan(1.2 * day(sunday))
  })

  test('varies more than independent messages would', () => {
    const traffic = createTraffic({ seed: 4, days: 1 })
    const slice = traffic.slices.findIndex(({ source, provider }) => source === 'retail' && provider === 'yahoo')
    const rows = told(traffic).filter((row) => row.slice === slice)
    const p = rate(rows, 'throttle')
    const excess = rows.map((row) => {
      const expected = row.attempts * p
      return (failuresOf([row], 'throttle') - expected) ** 2 / (expected * (1 - p))
    })
    expect(excess.reduce((a, b) => a + b, 0) / excess.length).toBeGreaterThan(2)
  })

  test('tells some minutes late', () => {
    const late = told(createTraffic({ seed: 9, days: 2, topology: SMALL })).map(({ seen, minute }) => seen - minute)
    const total = late.filter((minutes) => minutes > 0).length
    expect(late.every((minutes) => minutes >= 0)).toBe(true)
    expect(total).toBeGreaterThan(0)
    expect(total / late.length).toBeLessThan(0.03)
  })

  test('masks addresses in the texts of its replies', () => {
    const traffic = createTraffic({ seed: 1, days: 1, topology: SMALL })
    const texts = new Set<string>()
    for (const { failures } of told(traffic)) for (const { reply } of failures) texts.add(reply.text)
    expect(texts.size).toBeGreaterThan(50)
    expect([...texts].filter((text) => /@|\{(ip|id|recipient)\}/.test(text))).toEqual([])
    expect([...texts].filter((text) => text.includes('{address}'))).not.toEqual([])
  })
})

describe('planned troubles', () => {
  const traffic = createTraffic({ seed: 21, days: 30, incidents: { perKind: 4 } })

  test('are of every kind, by start, and only incidents are to be reported', () => {
    for (const kind of [...INCIDENT_KINDS, ...TRAP_KINDS])
      expect(traffic.labels.filter((label) => label.kind === kind)).toHaveLength(4)
    expect(traffic.labels.map(({ from }) => from)).toEqual(traffic.labels.map(({ from }) => from).sort((a, b) => a - b))
    for (const { kind, report } of traffic.labels) expect(report).toBe(INCIDENT_KINDS.some((one) => one === kind))
  })

  test('leave a slice in peace for twenty hours in between, and begin after the warm-up', () => {
    for (const [index, a] of traffic.labels.entries()) {
      expect(a.from).toBeGreaterThanOrEqual(4 * 1440)
      expect(a.to).toBeLessThanOrEqual(traffic.minutes)
      for (const b of traffic.labels.slice(index + 1))
        if (a.slices.some((slice) => b.slices.includes(slice))) expect(b.from - a.to).toBeGreaterThanOrEqual(20 * 60)
    }
  })

  test.each([
    ['block_sudden', 'block'],
    ['ip_blocklist', 'block'],
    ['throttle_ramp', 'throttle'],
    ['lowvol_block', 'block'],
    ['global_outage', 'throttle'],
    ['stale_list', 'unknown'],
    ['slow_ramp', 'throttle'],
  ] as const)('%s makes failures, as high as its label says', (kind, usually) => {
    const { label, rows, usual } = withOne(kind)
    // A slow ramp may be of blocks as well.
    const family = label.family ?? usually
    expect(rate(rows, family)).toBeGreaterThan(2 * rate(usual, family))
    const rates = label.actual.flatMap((minutes) => [...minutes])
    expect(Math.max(...rates)).toBeGreaterThan(0.95 * Math.max(...label.peak))
    expect(Math.max(...label.usual.flatMap((minutes) => [...minutes]))).toBeLessThan(Math.max(...rates))
  })

  test('throttling brings more attempts, since what is deferred is tried again', () => {
    const { rows, usual } = withOne('global_outage')
    expect(attemptsOf(rows)).toBeGreaterThan(1.05 * attemptsOf(usual))
  })

  test('ip_blocklist hits one IP, and spares providers that ask no block lists', () => {
    const { label, traffic: one } = withOne('ip_blocklist')
    const hit = label.slices.map((slice) => one.slices[slice]!)
    expect(new Set(hit.map(({ ip }) => ip)).size).toBe(1)
    expect(hit.map(({ provider }) => provider)).not.toContain('gmail')
  })

  test('volume_drop takes mail away', () => {
    const { rows, usual } = withOne('volume_drop')
    expect(attemptsOf(rows)).toBeLessThan(0.5 * attemptsOf(usual))
  })

  test('late_skew tells failures at once and deliveries late', () => {
    const { label, rows } = withOne('late_skew')
    expect(rows.filter((row) => failed(row) > 0).every(({ seen, minute }) => seen === minute)).toBe(true)
    expect(rows.filter((row) => failed(row) === 0).every(({ seen, minute }) => seen - minute === label.lag)).toBe(true)
  })

  test('api_gap tells nothing until it is over, if ever', () => {
    const { label, rows } = withOne('api_gap')
    expect(rows.length > 0).toBe(!label.lost)
    expect(rows.every(({ seen }) => seen === label.to)).toBe(true)
  })
})
