import { describe, expect, it } from 'vitest'
import { toJson, toText } from '../../src/store/json.ts'
import { processLeases } from '../../src/store/leases.ts'
import { createUnreadable } from '../../src/store/unreadable.ts'

describe('a lease within a process', () => {
  it('is had by one at a time, each name by itself', async () => {
    const leases = processLeases()
    const first = await leases.take('a')
    expect(first?.lost.aborted).toBe(false)
    expect(await leases.take('a')).toBeNull()
    expect(await leases.take('b')).not.toBeNull()
    await first!.release()
    expect(await leases.take('a')).not.toBeNull()
    expect(await leases.take('b')).toBeNull()
  })
})

describe('what cannot be read', () => {
  it('is listed by kind, as it was found last', () => {
    const unreadable = createUnreadable()
    const item = (what: string) => ({ what, problem: 'odd' })
    unreadable.found('silences', [item('silence 1'), item('silence 2')])
    unreadable.found('incidents', [item('incident 1')])
    unreadable.found('silences', [item('silence 2')])
    expect(unreadable.list()).toEqual([item('silence 2'), item('incident 1')])
    unreadable.found('silences', [])
    expect(unreadable.list()).toEqual([item('incident 1')])
  })
})

describe('a text on its way to the database', () => {
  it('is without what that refuses, however deep it lies', () => {
    expect(toText('a\0b\ud83d')).toBe('a\u{fffd}b\u{fffd}')
    expect(toText('a\0b\0')).toBe('a\u{fffd}b\u{fffd}')
    const at = new Date('2026-11-24T10:00:00Z')
    expect(JSON.parse(toJson({ at, n: 1, list: ['x\0', { y: '\ud83d' }], none: null }))).toEqual({
      at: '2026-11-24T10:00:00.000Z',
      n: 1,
      list: ['x\u{fffd}', { y: '\u{fffd}' }],
      none: null,
    })
  })
})
