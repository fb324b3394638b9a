import { describe, expect, it } from 'vitest'
import { detectionStatus, expectedFalseAlarms } from '../../src/cards/detection.ts'

const PER_SLICE_DAYS = { per: 'slice-days', times: 1, days: 1000 } as const
const settled = {
  slices: 1,
  sliceDays: 1234,
  signals: [
    { signal: 'throttling', bars: [5.12, 6, 7, 8, 9], stray: 1.5 },
    { signal: 'blocking', bars: [0, 0, 0, 0, 0], stray: 1 },
  ],
} as const

describe('how the detector is set', () => {
  it.each([
    [200, 'expect about 6 a month with your traffic'],
    [41_000, 'expect about 1,230 a month with your traffic'],
    [33, 'expect about one a month with your traffic'],
    [25, 'expect about one a month with your traffic'],
    [8, 'expect about one every 4 months with your traffic'],
  ])('with %d slices: %s', (slices, words) => {
    expect(expectedFalseAlarms(PER_SLICE_DAYS, slices)).toBe(words)
  })

  it('leads with false alarms, and keeps thresholds and nats for the detail', () => {
    const signals = settled.signals.map((each) => ({ ...each, bars: [...each.bars] }))
    const { summary, detail } = detectionStatus({ per: 'month', times: 2 }, { ...settled, signals })
    expect(summary).toEqual([{ label: 'False alarms', value: 'expect about 2 a month with your traffic' }])
    expect(detail).toMatchObject([
      { label: 'Watched', value: 'one slice; calibrated on 1,234 quiet slice-days' },
      { label: 'Threshold for throttling', value: expect.stringMatching(/^5\.1 \/ 6\.0 .* nats .* 1\.50 times/) },
    ])
  })

  it('promises nothing before there is traffic', () => {
    const { summary } = detectionStatus(PER_SLICE_DAYS, { slices: 0, sliceDays: 0, signals: [] })
    expect(summary).toEqual([{ label: 'False alarms', value: 'no traffic yet' }])
  })
})
