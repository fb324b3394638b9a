import { describe, expect, it } from 'vitest'
import { createReadability, loadReadability } from '../../src/jobs/unreadable.ts'
import type { Malformed } from '../../src/ports/esp.ts'
import { processLeases } from '../../src/store/leases.ts'

const at = (minutes: number) => new Date(Date.parse('2026-11-24T10:00:00Z') + minutes * 60_000)
const items = (n: number, problem = 'its status is not known'): Malformed[] =>
  Array.from({ length: n }, (_, i) => ({ id: `${i}`, at: at(0), problem, body: 'postfix/smtp status=teleported' }))

/** What is said after so many results and unreadable items. */
const said = (read: number, unreadable: number) => {
  const seen = createReadability()
  seen.note(at(0), read, items(unreadable))
  return seen.trouble(at(0))?.problem ?? null
}

const keptState = (kept: Map<string, Uint8Array>) => ({
  state: {
    load: async (key: string) => kept.get(key) ?? null,
    save: async (key: string, value: Uint8Array) => void kept.set(key, value),
  },
  leases: processLeases(),
})

describe('what a source tells', () => {
  it.each([
    [0, 4, null],
    [0, 5, 'none of'],
    [0, 198, 'none of'],
    [1, 197, 'only some of'],
    [50, 50, 'only some of'],
    [51, 49, 'not all of'],
    [90, 10, 'not all of'],
    [91, 9, null],
    [0, 0, null],
  ])('of which %i can be read and %i not: %s', (read, unreadable, begins) => {
    const problem = said(read, unreadable)
    if (begins === null) expect(problem).toBeNull()
    else expect(problem).toMatch(new RegExp(`^${begins} its items can be read, for example: its status is not known`))
  })

  it('has one example as long as the trouble lasts, since every change would be news', () => {
    const seen = createReadability()
    seen.note(at(0), 0, items(9))
    const first = seen.trouble(at(0))
    seen.note(at(1), 0, items(9, 'another problem'))
    expect(seen.trouble(at(1))).toEqual(first)
  })

  it('is no trouble any more an hour later, and not as soon as a little is better', () => {
    const seen = createReadability()
    seen.note(at(0), 80, items(20))
    expect(seen.trouble(at(0))).not.toBeNull()
    seen.note(at(5), 200, [])
    expect(seen.trouble(at(5))).not.toBeNull()
    seen.note(at(6), 100, [])
    expect(seen.trouble(at(6))).toBeNull()
    seen.note(at(7), 0, items(200))
    expect(seen.trouble(at(59))).not.toBeNull()
    expect(seen.trouble(at(60))).toBeNull()
  })

  it('is not judged by what a clock that was ahead has seen', () => {
    const seen = createReadability()
    seen.note(at(180), 0, items(50))
    expect(seen.trouble(at(0))).toBeNull()
  })

  it('shows a short example, however long the item', () => {
    const seen = createReadability()
    seen.note(at(0), 0, [{ id: 'x', at: at(0), problem: 'odd', body: '😀'.repeat(5000) }, ...items(9)])
    const problem = seen.trouble(at(0))!.problem
    expect(problem.length).toBeLessThan(300)
    expect(problem.isWellFormed()).toBe(true)
  })

  it('is over at a twentieth, and begins with a tenth', () => {
    const seen = createReadability()
    seen.note(at(0), 90, items(10))
    expect(seen.trouble(at(0))).not.toBeNull()
    seen.note(at(1), 99, [])
    expect(seen.trouble(at(1))).not.toBeNull()
    seen.note(at(2), 1, [])
    expect(seen.trouble(at(2))).toBeNull()
    seen.note(at(3), 0, items(8))
    expect(seen.trouble(at(3))).toBeNull()
  })

  it('has another example once nothing of the first is left', () => {
    const seen = createReadability()
    seen.note(at(0), 0, items(9))
    seen.trouble(at(0))
    expect(seen.trouble(at(100))).toBeNull()
    seen.note(at(100), 0, items(9, 'another problem'))
    expect(seen.trouble(at(100))?.problem).toMatch(/another problem: postfix/)
  })

  it('has an example of one line, which is cut at two hundred characters', () => {
    const example = (body: string) => {
      const seen = createReadability()
      seen.note(at(0), 0, [{ id: 'x', at: at(0), problem: 'odd', body }, ...items(9)])
      return seen.trouble(at(0))!.problem.split('for example: ')[1]
    }
    expect(example(' a\n  b\t')).toBe('odd: a b')
    expect(example('x'.repeat(195))).toBe(`odd: ${'x'.repeat(195)}`)
    expect(example('x'.repeat(196))).toBe(`odd: ${'x'.repeat(195)}…`)
  })

  it('is written down once a minute where all is well, at once where something cannot be read, and once each', async () => {
    const kept = new Map<string, Uint8Array>()
    const store = keptState(kept)
    const saves: number[] = []
    const seen = await loadReadability(
      {
        ...store,
        state: {
          ...store.state,
          save: async (key, value) => {
            saves.push(
              (JSON.parse(new TextDecoder().decode(value)) as { buckets: { read: number }[] }).buckets[0]!.read,
            )
            await store.state.save(key, value)
          },
        },
      },
      'ses',
    )
    const noteAt = async (minutes: number, isUrgent = false) => {
      seen.note(at(minutes), 1, [])
      await seen.share(at(minutes), isUrgent)
    }
    await noteAt(0)
    await noteAt(0.9)
    expect(saves).toEqual([1])
    await noteAt(1)
    expect(saves).toEqual([1, 3])
    await noteAt(1.1, true)
    expect(saves).toEqual([1, 3, 4])
  })

  it('lets go of its lease where it cannot be written down, and writes it down the next time', async () => {
    const kept = new Map<string, Uint8Array>()
    const store = keptState(kept)
    let isLost = true
    const save = async (key: string, value: Uint8Array) => {
      if (isLost) throw new Error('the connection was lost')
      kept.set(key, value)
    }
    const seen = await loadReadability({ ...store, state: { ...store.state, save } }, 'ses')
    seen.note(at(0), 0, items(9))
    await expect(seen.share(at(0), true)).rejects.toThrow('connection')
    isLost = false
    await seen.share(at(0), true)
    expect((await loadReadability(store, 'ses')).trouble(at(0))).not.toBeNull()
  })

  it('is remembered over a restart, and what cannot be read of that is begun again', async () => {
    const kept = new Map<string, Uint8Array>()
    const store = keptState(kept)
    const first = await loadReadability(store, 'mta1')
    first.note(at(0), 10, [])
    await first.share(at(0), false)
    first.note(at(0), 0, items(9))
    const trouble = first.trouble(at(0))
    await first.share(at(0), true)
    expect((await loadReadability(store, 'mta1')).trouble(at(1))).toEqual(trouble)
    expect((await loadReadability(store, 'other')).trouble(at(1))).toBeNull()
    for (const bad of ['{', '{"isTold":"yes"}', '']) {
      for (const key of kept.keys()) kept.set(key, new TextEncoder().encode(bad))
      expect((await loadReadability(store, 'mta1')).trouble(at(1))).toBeNull()
    }
  })

  it('is what all replicas see of it together', async () => {
    const store = keptState(new Map())
    const [first, second] = [await loadReadability(store, 'ses'), await loadReadability(store, 'ses')]
    first.note(at(0), 45, items(6))
    await first.share(at(0), true)
    second.note(at(0), 45, [])
    await second.share(at(0), false)
    expect([first, second].map((each) => each.trouble(at(0)) !== null)).toEqual([true, true])
    second.note(at(1), 100, [])
    await second.share(at(1), false)
    await first.share(at(1), false)
    expect([first, second].map((each) => each.trouble(at(1)) !== null)).toEqual([false, false])
  })

  it('waits with what it saw while another replica writes down its own, and loses nothing of it', async () => {
    const store = keptState(new Map())
    const seen = await loadReadability(store, 'ses')
    const lease = await store.leases.take('unreadable: ses')
    seen.note(at(0), 0, items(9))
    await seen.share(at(0), true)
    expect((await loadReadability(store, 'ses')).trouble(at(0))).toBeNull()
    await lease!.release()
    await seen.share(at(0), false)
    expect((await loadReadability(store, 'ses')).trouble(at(0))).not.toBeNull()
  })
})
