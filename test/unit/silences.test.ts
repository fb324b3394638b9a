import { describe, expect, it } from 'vitest'
import type { Silence } from '../../src/incident/silence.ts'
import { createSilences } from '../../src/jobs/silences.ts'
import { minute } from '../support/findings.ts'

const silence = (reason: string, given: Partial<Silence> = {}): Silence => ({
  where: { provider: 'yahoo' },
  until: minute(60),
  reason,
  ...given,
})

/** Over a state that takes its time, as a database does. */
function setUp(configured: Silence[] = []) {
  const saved = new Map<string, Uint8Array>()
  const later = () => new Promise((resolve) => setImmediate(resolve))
  let isLost = false
  const state = {
    load: async (key: string) => {
      await later()
      return saved.get(key) ?? null
    },
    save: async (key: string, value: Uint8Array) => {
      await later()
      if (isLost) throw new Error('the connection was lost')
      saved.set(key, value)
    },
  }
  const silences = createSilences({ state, unreadable: { found: () => {}, list: () => [] } }, configured)
  const reasons = async (n: number) => (await silences.active(minute(n))).map(({ reason }) => reason)
  return {
    silences,
    reasons,
    lose: () => {
      isLost = true
    },
  }
}

describe('silences', () => {
  it('are those of the configuration that are in force, and then those of the chat', async () => {
    const t = setUp([silence('now'), silence('later', { from: minute(30) }), silence('over', { until: minute(10) })])
    await t.silences.add(silence('asked'), minute(0))
    expect(await t.reasons(9)).toEqual(['now', 'over', 'asked'])
    expect(await t.reasons(10)).toEqual(['now', 'asked'])
    expect(await t.reasons(29)).toEqual(['now', 'asked'])
    expect(await t.reasons(30)).toEqual(['now', 'later', 'asked'])
    expect(await t.reasons(59)).toEqual(['now', 'later', 'asked'])
    expect(await t.reasons(60)).toEqual([])
  })

  it('of the chat come back as they were asked for, in that order', async () => {
    const t = setUp()
    const first = silence('first', { where: { source: 'ses', ip: '198.51.100.7' } })
    await t.silences.add(first, minute(0))
    await t.silences.add(silence('second'), minute(1))
    expect(await t.silences.active(minute(2))).toEqual([first, silence('second')])
  })

  it('end by their place among all, and only those of the chat', async () => {
    const t = setUp([silence('configured')])
    for (const reason of ['one', 'two', 'three']) await t.silences.add(silence(reason), minute(0))
    expect(await t.silences.end(1, minute(1))).toBeNull()
    expect(await t.silences.end(0, minute(1))).toBeNull()
    expect(await t.silences.end(5, minute(1))).toBeNull()
    expect(await t.silences.end(3, minute(1))).toMatchObject({ reason: 'two' })
    expect(await t.reasons(2)).toEqual(['configured', 'one', 'three'])
    expect(await t.silences.end(2, minute(1))).toMatchObject({ reason: 'one' })
    expect(await t.silences.end(2, minute(1))).toMatchObject({ reason: 'three' })
    expect(await t.reasons(2)).toEqual(['configured'])
  })

  it('count no place for one that is over', async () => {
    const t = setUp()
    await t.silences.add(silence('short', { until: minute(5) }), minute(0))
    await t.silences.add(silence('long'), minute(0))
    expect(await t.silences.end(1, minute(10))).toMatchObject({ reason: 'long' })
  })

  it('are refused where they could not be read again, and fail where they cannot be stored', async () => {
    const t = setUp()
    await expect(t.silences.add(silence(''), minute(0))).rejects.toMatchObject({ name: 'Refused' })
    await expect(t.silences.add(silence('x'.repeat(401)), minute(0))).rejects.toMatchObject({ name: 'Refused' })
    await t.silences.add(silence('x'.repeat(400)), minute(0))
    t.lose()
    await expect(t.silences.add(silence('lost'), minute(0))).rejects.toThrow('connection')
    await expect(t.silences.end(1, minute(0))).rejects.toThrow('connection')
  })
})
