import { describe, expect, it } from 'vitest'
import { DEFAULT_BUDGET } from '../../../src/detect/alarm/budget.ts'
import { createWatch } from '../../../src/detect/detector.ts'
import type { MinuteCount } from '../../../src/detect/state/slice.ts'

const START = Date.UTC(2026, 0, 5)
const at = (minute: number) => new Date(START + minute * 60_000)
const SOURCES = ['a', 'b', 'c', 'd', 'e']
const PROVIDERS = ['gmail', 'yahoo', 'microsoft', 'apple', 'gmx']
const HOURS = 9

/** Where throttling was told after a day of one deferral in a hundred, when it is `times` as many from then on. */
function told(times: (source: string, provider: string) => number, badList: (source: string) => boolean = () => false) {
  const watch = createWatch({ falseAlarms: DEFAULT_BUDGET, horizon: 60, checkpointEvery: 30 })
  const wheres = new Set<string>()
  for (let minute = 0; minute < 1440 + HOURS * 60; minute++) {
    const findings = watch.advance(
      at(minute),
      SOURCES.map((source) => ({
        minute: at(minute),
        source,
        counts: PROVIDERS.map((provider): MinuteCount => {
          const usual = (minute + source.charCodeAt(0) + provider.length) % 2
          const x = minute < 1440 ? usual : usual * times(source, provider)
          const slice = { source, provider, ip: '198.51.100.1', senderDomain: '', campaign: '' }
          const list = minute >= 1440 && badList(source) ? { list: 10 } : {}
          return { slice, attempts: 50, failures: x > 0 ? { throttling: x, ...list } : list }
        }),
      })),
    )
    for (const { where, signal } of findings) if (signal === 'throttling') wheres.add(JSON.stringify(where))
  }
  return [...wheres].map((where) => JSON.parse(where) as object)
}

describe('a rise', () => {
  it('is told where one provider of one source has it', () => {
    const [first, ...others] = told((source, provider) => (source === 'b' && provider === 'yahoo' ? 4 : 1))
    expect(first).toMatchObject({ source: 'b', provider: 'yahoo' })
    expect(others).toEqual([])
  })

  it('is no evidence where all providers of a source have it: it is the campaign', () => {
    expect(told((source) => (source === 'b' ? 3 : 1))).toEqual([])
  })

  it('is told once, as the provider’s, where a provider shows it to all sources', () => {
    expect(told((_, provider) => (provider === 'yahoo' ? 4 : 1))).toEqual([{ provider: 'yahoo' }])
  })

  it('is excused by many, not by one that is in trouble', () => {
    const places = told((source, provider) =>
      source !== 'b' ? 1 : provider === 'gmail' ? 20 : provider === 'yahoo' ? 4 : 1,
    )
    expect(places).toContainEqual(expect.objectContaining({ source: 'b', provider: 'yahoo' }))
  })

  it('is not told where it comes with a stale list', () => {
    const slowly = (source: string, provider: string) => (source === 'b' && provider === 'yahoo' ? 2.5 : 1)
    expect(told(slowly)).not.toEqual([])
    expect(told(slowly, (source) => source === 'b')).toEqual([])
  })
})
