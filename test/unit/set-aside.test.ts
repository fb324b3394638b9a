import { describe, expect, it } from 'vitest'
import type { Malformed } from '../../src/ports/esp.ts'
import type { CounterRow, StoredEvent } from '../../src/ports/store/index.ts'
import { OnlyTried, settingAside } from '../../src/store/refused.ts'
import { minute, reply, row } from '../support/store-rows.ts'

const window = { from: minute(0), to: minute(60) }
const refusal = (code: string, message = 'value too long for jane@example.com') =>
  Object.assign(new Error(message), { code })
const item = (id: string): Malformed => ({ id, at: minute(1), problem: 'odd', body: 'its body' })

/** A database that refuses some rows, items, and what holds too many; and fails altogether if it is told to. */
function setUp({ code = '22021', most = Number.POSITIVE_INFINITY }: { code?: string; most?: number } = {}) {
  const stored: { rows: number[]; malformed: Malformed[]; position?: string | undefined }[] = []
  let tries = 0
  let isLost = false
  const take = async (
    ns: number[],
    malformed: readonly Malformed[],
    { onlyTry, position }: { onlyTry: boolean; position?: string | undefined },
  ) => {
    tries++
    await new Promise((resolve) => setImmediate(resolve))
    if (isLost && onlyTry) throw new Error('the connection was lost')
    if (ns.some((n) => n < 0) || malformed.some(({ body }) => body === 'refused') || ns.length > most)
      throw refusal(code)
    if (onlyTry) throw new OnlyTried()
    stored.push({ rows: ns, malformed: [...malformed], position })
    return { stored: ns.length, duplicates: 0 }
  }
  const writing = settingAside(
    (_source, _window, rows, { malformed = [] }, onlyTry) =>
      take(
        rows.map(({ n }) => n),
        malformed,
        { onlyTry },
      ),
    (_source, events, { malformed = [], position }, onlyTry) =>
      take(
        events.map(({ row: { n } }) => n),
        malformed,
        { onlyTry, position },
      ),
  )
  return {
    ...writing,
    stored,
    tries: () => tries,
    lose: () => {
      isLost = true
    },
  }
}

const rowsOf = (...ns: number[]): CounterRow[] => ns.map((n, i) => row(i, n))
const eventsOf = (...ns: number[]): StoredEvent[] => ns.map((n, i) => ({ id: `e${i}`, row: row(i, n) }))
const ledger = (malformed: Malformed[] = []) => ({ at: minute(60), nextReadAt: null, malformed })

describe('what a database refuses', () => {
  it('costs nothing where nothing is refused', async () => {
    const t = setUp()
    expect(await t.replaceWindow('s', window, rowsOf(1, 2), ledger())).toEqual([])
    expect(await t.addEvents('s', eventsOf(3), { at: minute(60), position: 'p' })).toEqual({ stored: 1, duplicates: 0 })
    expect(t.stored).toEqual([
      { rows: [1, 2], malformed: [] },
      { rows: [3], malformed: [], position: 'p' },
    ])
    expect(t.tries()).toBe(2)
  })

  it('is set aside from a window, and the rest is stored once', async () => {
    const t = setUp()
    const bad = row(3, -1, { outcome: 'deferred', reply: reply(), slice: { campaign: 'autumn' } })
    const setAside = await t.replaceWindow('s', window, [...rowsOf(1, 2, 3), bad, row(4, 5)], ledger([item('x')]))
    expect(setAside).toEqual([
      {
        id: JSON.stringify(bad),
        at: minute(60),
        problem: expect.stringMatching(/^the database refuses it \(value too long for \S+\)$/),
        body: JSON.stringify({
          outcome: 'deferred',
          n: -1,
          characters: {
            provider: 5,
            ip: 9,
            senderDomain: 12,
            stream: 0,
            campaign: 6,
            template: reply().template.length,
          },
        }),
      },
    ])
    expect(setAside[0]!.problem).not.toContain('jane')
    expect(t.stored).toEqual([{ rows: [1, 2, 3, 5], malformed: [item('x'), ...setAside] }])
  })

  it('is set aside from a batch, and the rest is stored with its position', async () => {
    const t = setUp()
    const result = await t.addEvents('s', eventsOf(1, -2, 3, -4), {
      at: minute(60),
      position: 'p',
      malformed: [item('x')],
    })
    expect(result).toMatchObject({ stored: 2, setAside: [{ id: 'e1' }, { id: 'e3' }] })
    expect(t.stored).toMatchObject([
      { rows: [1, 3], malformed: [{ id: 'x' }, { id: 'e1' }, { id: 'e3' }], position: 'p' },
    ])
  })

  it('is found by halves: one of a thousand costs a few tries', async () => {
    const t = setUp()
    const ns = Array.from({ length: 1000 }, (_, i) => (i === 700 ? -1 : 1))
    expect(await t.replaceWindow('s', window, rowsOf(...ns), ledger())).toHaveLength(1)
    expect(t.tries()).toBeLessThan(25)
    expect(t.stored[0]!.rows).toHaveLength(999)
  })

  it('may be an item that was set aside already: only that there was one is kept', async () => {
    const odd = { ...item('odd'), body: 'refused' }
    for (const store of [
      (t: ReturnType<typeof setUp>) => t.replaceWindow('s', window, rowsOf(1), ledger([item('x'), odd])),
      (t: ReturnType<typeof setUp>) => t.addEvents('s', eventsOf(1), { at: minute(60), malformed: [item('x'), odd] }),
    ]) {
      const t = setUp()
      await store(t)
      expect(t.stored).toMatchObject([
        { rows: [1], malformed: [item('x'), { id: 'odd', body: '', problem: expect.stringContaining('refuses') }] },
      ])
    }
  })

  it.each(['22021', '23505', '54000'])('is known by its code (%s)', async (code) => {
    expect(await setUp({ code }).replaceWindow('s', window, rowsOf(-1), ledger())).toHaveLength(1)
  })

  it.each(['08006', '40001', '57014', '122', ''])('is not what fails for another reason (%s)', async (code) => {
    const t = setUp({ code })
    await expect(t.replaceWindow('s', window, rowsOf(1, -1), ledger())).rejects.toMatchObject({ code })
    await expect(t.addEvents('s', eventsOf(1, -1), { at: minute(60) })).rejects.toMatchObject({ code })
    expect([t.tries(), t.stored]).toEqual([2, []])
  })

  it('is told where each is well by itself and together they are not', async () => {
    const t = setUp({ most: 3 })
    await expect(t.replaceWindow('s', window, rowsOf(1, 2, 3, 4), ledger())).rejects.toThrow('too long')
    await expect(t.addEvents('s', eventsOf(1, 2, 3, 4), { at: minute(60) })).rejects.toThrow('too long')
    expect(t.stored).toEqual([])
  })

  it('is not looked for where the connection is lost meanwhile', async () => {
    const t = setUp()
    t.lose()
    await expect(t.replaceWindow('s', window, rowsOf(1, -1), ledger())).rejects.toThrow('connection')
    expect(t.stored).toEqual([])
  })

  it('is a fault of ours where it is more than five hundred', async () => {
    const many = (n: number) => rowsOf(...Array.from({ length: n }, () => -1), 1)
    expect(await setUp().replaceWindow('s', window, many(500), ledger())).toHaveLength(500)
    const t = setUp()
    await expect(t.replaceWindow('s', window, many(501), ledger())).rejects.toThrow('too long')
    expect(t.stored).toEqual([])
  })
})
