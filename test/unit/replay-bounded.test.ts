import { describe, expect, it } from 'vitest'
import type { Card } from '../../src/cards/card.ts'
import { boundReplays } from '../../src/replay/bounded.ts'

const DAY = 24 * 3_600_000
const NOW = new Date('2026-11-24T10:00:00Z')
const last = (days: number, to = NOW) => ({ from: new Date(to.getTime() - days * DAY), to })

function create() {
  const played: { from: Date; to: Date }[] = []
  const ends: ((card: Card) => void)[] = []
  let running = 0
  let most = 0
  const replay = boundReplays({
    keptDays: 14,
    play: async (period) => {
      played.push(period)
      most = Math.max(most, ++running)
      const card = await new Promise<Card>((resolve) => ends.push(resolve))
      running--
      return card
    },
  })
  /** Ends the one that runs, and lets what comes of it happen. */
  const end = async (title: string) => {
    ends.shift()!({ title, tone: 'info' })
    await settle()
  }
  return { replay, played, end, most: () => most }
}
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('replays that people ask for', () => {
  it('run one at a time; who asks while two wait is told to come back', async () => {
    const { replay, end, most } = create()
    const asked = [1, 2, 3, 4, 5, 6].map((days) => replay(last(days)))
    await settle()
    const titles = () => Promise.all(asked.map(async (each) => (await each).title))
    await end('first')
    await end('second')
    await end('third')
    const busy = 'Other replays come first'
    expect(await titles()).toEqual(['first', 'second', 'third', busy, busy, busy])
    expect(most()).toBe(1)
    const again = replay(last(6))
    await settle()
    await end('later')
    expect((await again).title).toBe('later')
  })

  it('six for the same period are one', async () => {
    const { replay, played, end } = create()
    const asked = Array.from({ length: 6 }, (_, i) => replay(last(90, new Date(NOW.getTime() + i * 1000))))
    await settle()
    await end('the one')
    expect((await Promise.all(asked)).map(({ title }) => title)).toEqual(Array(6).fill('the one'))
    expect(played).toHaveLength(1)
  })

  it('look no further back than there is anything', async () => {
    const { replay, played, end } = create()
    const asked = replay(last(90))
    await settle()
    await end('x')
    await asked
    expect(played).toEqual([last(14)])
  })

  it('that fail hold up nobody', async () => {
    let tries = 0
    const replay = boundReplays({
      keptDays: 14,
      play: async () => {
        if (++tries === 1) throw new Error('the database is away')
        return { title: 'well', tone: 'info' }
      },
    })
    await expect(replay(last(7))).rejects.toThrow('the database is away')
    expect((await replay(last(7))).title).toBe('well')
  })
})
